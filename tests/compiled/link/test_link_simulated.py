"""The link as it is generated and built, on simulated cores with and without DSP, and over loopback TCP."""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgeq.backends.aot.generate import generate
from edgeq.base.errors import DeviceError
from edgeq.boards import load_board
from edgeq.builder import Image, build
from edgeq.checker import Checked, check
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run
from edgeq.targets import Target, open_target
from edgeq.targets.link import Client, TextLink, TranscriptStream, Wire

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")


def autoencoder(name: str) -> Checked:
    """[1, 8] to [1, 8] by one matrix, as small as a model for ad01 can be."""
    rng = np.random.default_rng(3)
    x = Tensor("x", (1, 8), DType.INT8, QuantParams.per_tensor(0.05, 5))
    w = Tensor(
        "w",
        (8, 8),
        DType.INT8,
        QuantParams.per_tensor(0.01, 0),
        rng.integers(-127, 128, (8, 8)).astype(np.int8),
    )
    b = Tensor("b", (8,), DType.INT32, QuantParams.per_tensor(0.05 * 0.01, 0), np.arange(8, dtype=np.int32))
    y = Tensor("y", (1, 8), DType.INT8, QuantParams.per_tensor(0.07, -4))
    options = {"fused_activation_function": "NONE", "weights_format": "DEFAULT", "keep_num_dims": False}
    graph = Graph("g", (x, w, b, y), (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), options),), (0,), (3,))
    return check(write_model(graph), name=name)


CHECKED = autoencoder("ad01")
X = np.random.default_rng(4).uniform(-6, 6, 8).astype(np.float32)
Q = np.clip(np.rint(X / np.float32(0.05)) + 5, -128, 127).astype(np.int8)


def expected() -> np.ndarray:
    return run(CHECKED.model, [Q[None]])[0][0]


@pytest.fixture(scope="module", params=["sim-m0", "sim-m4"])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("link") / request.param
    generate(CHECKED, load_board(request.param)).write(folder)
    return build(folder)


@pytest.fixture
def target(image: Image) -> Iterator[Target]:
    with open_target(image) as opened:
        opened.flash(image)
        yield opened


def test_bulk(image: Image, target: Target, tmp_path: Path):
    log = tmp_path / "serial.log"
    with TranscriptStream(target.open(), log) as stream, Client(stream, log=log) as client:
        info = client.handshake(CHECKED.sha256, image.build_hash)
        assert (info.model_name, info.counter_unit, info.inputs, info.outputs) == (
            "ad01",
            "instructions",
            (8,),
            (8,),
        )
        assert info.stack_size == image.sizes.stack
        first, second, plain = (client.infer([Q.tobytes()], measure=i < 2) for i in range(3))
        assert first.outputs == second.outputs == plain.outputs == [expected().tobytes()]
        assert first.count is not None and 100 < first.count < 5000
        assert second.count == first.count
        assert plain.count is None
        assert 100 < (client.info().stack_high_water or 0) < image.sizes.stack
    said = [line[12:] for line in log.read_text(encoding="ascii").splitlines()]
    assert [line for line in said if line.startswith("m-")][:3] == [
        "m-[edgeq starts]", "m-[runtime ready]", "m-ready",
    ]  # fmt: skip


def test_text_of_the_runner_for_ad01(target: Target):
    link = TextLink(Wire(target.open()))
    assert link.find() == "edgeq"
    link.load(X.tobytes())
    real = (expected().astype(np.float32) + 4) * np.float32(0.07)
    error = float(np.mean((real - X) ** 2))
    assert link.infer(1, 0).results == (pytest.approx(error, abs=0.0011),)
    answer = link.infer(10, 2)
    assert answer.results == (pytest.approx(error, abs=0.0011),)
    assert answer.micros > 0


def test_both_modes_after_each_other(target: Target):
    stream = target.open()
    for _ in range(2):
        with Client(stream) as client:
            assert client.infer([Q.tobytes()]).outputs == [expected().tobytes()]
        link = TextLink(Wire(stream))
        assert link.find() == "edgeq"
        assert link.command("model mine") == ["m-model-[mine]"]
        link.load(Q.tobytes())
        assert link.infer().results == tuple(
            pytest.approx((int(q) + 4) * 0.07, abs=0.00051) for q in expected()
        )


def test_another_build_is_refused(image: Image, target: Target):
    with pytest.raises(DeviceError, match=f"build hash {image.build_hash}, expected 0000000000000000"):
        Client(target.open()).handshake(CHECKED.sha256, "0" * 16)


def test_served_on_loopback_as_the_runner_would_reach_it(image: Image):
    """Connect, disconnect, connect again: no banner in between, state survives, one answer to one command."""
    command = [sys.executable, "-m", "edgeq", "run", str(image.project), "--serve", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            assert server.stdout is not None
            port = 0
            while not port:
                line = server.stdout.readline()
                assert line, "the server ended"
                found = re.search(r"127\.0\.0\.1:(\d+)", line)
                port = int(found[1]) if found else 0
            assert _one_command(port, b"name%") == b"m-name-dut-[edgeq]\r\nm-ready\r\n"
            assert _one_command(port, b"model kws01%") == b"m-model-[kws01]\r\nm-ready\r\n"
            assert b"\r\nm-model-[kws01]\r\nm-ready\r\n" in _one_command(port, b"profile%")
            assert _one_command(port, b"db load 8%") == b"m-[Expecting 8 bytes]\r\nm-ready\r\n"
            data = b"db " + Q.tobytes().hex().encode() + b"%"
            assert _one_command(port, data) == b"m-load-done\r\nm-ready\r\n"
            lines = _one_command(port, b"infer 1 0%").decode().split("\r\n")
            assert [line[:12] for line in lines[:3]] == ["m-warmup-sta", "m-warmup-don", "m-infer-star"]
            assert lines[-3].startswith("m-results-[") and lines[-2:] == ["m-ready", ""]
        finally:
            server.terminate()


def _one_command(port: int, command: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
        client.sendall(command[:-1])
        client.sendall(command[-1:])
        reply = b""
        while not reply.endswith(b"m-ready\r\n"):
            part = client.recv(4096)
            assert part, reply
            reply += part
        return reply
