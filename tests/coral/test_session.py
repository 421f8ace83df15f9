"""The worker beside the device on this machine: what it gives, and each cause of failure."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError, DeviceError, EdgeqError, ModelError, ToolMissingError, UsageError
from edgeq.data import random_data
from edgeq.graph import DType, Operator, Tensor, load_model, read_model, write_model
from edgeq.interpreter import run
from edgeq.judge.edgetpu import judge
from edgeq.judge.report.coral import Temperature
from edgeq.targets.coral import parse_destination, session, worker
from edgeq.targets.coral.causes import device_cause
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host
from edgeq.targets.coral.session import Session, Stage

from .conftest import Beside, build_library, net


def samples(n: int) -> list[np.ndarray]:
    return [np.random.default_rng(5).integers(-128, 128, (n, 6, 6, 2)).astype(np.int8)]


def on_chip(model: bytes) -> list[Stage]:
    return [Stage(model, delegate=True)]


def on_cpu(model: bytes) -> list[Stage]:
    return [Stage(model, delegate=False)]


def refused(destination: Destination, model: bytes, *, delegate: bool, n: int = 0) -> EdgeqError:
    """The error that loading, or running ``n`` samples, ends in."""
    with pytest.raises(EdgeqError) as caught, Session(destination) as one:
        one.load(Stage(model, delegate=delegate))
        if n:
            one.run(samples(n))
    assert caught.value.hint
    return caught.value


def test_the_worker_stands_alone() -> None:
    tree = ast.parse(Path(worker.__file__).read_text(), feature_version=(3, 7))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names <= set(sys.stdlib_module_names) | {"numpy", "collections.abc"}


def test_here_on_the_cpu(model: bytes) -> None:
    seen: list[tuple[int, int]] = []
    with Session(Destination()) as one:
        host = one.probe()
        loaded = one.load(Stage(model, delegate=False))
        timed = one.run(samples(9), lambda done, of: seen.append((done, of)))
    assert host.python.startswith("3.") and host.numpy and "ai-edge-litert" in host.packages
    assert loaded.load_ms > 0 and loaded.package == "ai-edge-litert"
    assert timed.outputs[0].shape == (9, 1, 5)
    assert len(timed.invoke_ms) == len(timed.whole_ms) == 9
    assert all(0 < a <= b for a, b in zip(timed.invoke_ms, timed.whole_ms, strict=True))
    assert seen[0] == (1, 9) and seen[-1] == (9, 9)
    assert np.abs(timed.outputs[0].reshape(9, 5).astype(int) - run(model, samples(9))[0]).max() <= 1


def test_several_models_in_one_session(model: bytes) -> None:
    with Session(Destination()) as one:
        for _ in range(2):
            one.load(Stage(model, delegate=False))
            assert one.run(samples(1)).outputs[0].shape == (1, 1, 5)


def test_it_ends_with_the_block(model: bytes) -> None:
    with Session(Destination()) as one:
        process = one._process
        assert process is not None and process.poll() is None
    assert process.poll() is not None


def test_no_library(compiled: bytes) -> None:
    if Path("/usr/lib/x86_64-linux-gnu/libedgetpu.so.1").exists():
        pytest.skip("this machine has libedgetpu")
    error = refused(Destination(), compiled, delegate=True)
    assert isinstance(error, ToolMissingError) and "no Edge TPU library" in error.message
    assert "libedgetpu" in error.hint


def test_a_compiled_model_without_the_delegate(compiled: bytes) -> None:
    error = refused(Destination(), compiled, delegate=False)
    assert isinstance(error, UsageError) and "without the Edge TPU's delegate" in error.message


def test_not_a_model() -> None:
    error = refused(Destination(), b"TFL3 not at all", delegate=False)
    assert isinstance(error, ModelError)


def test_another_custom_operator(model: bytes) -> None:
    custom = Operator("CUSTOM", (0,), (9,), custom_code="Decoder.One")
    error = refused(Destination(), write_model(net().replace(operators=(custom,))), delegate=False)
    assert isinstance(error, ModelError) and "custom operator Decoder.One" in error.message


def test_no_device(beside: Beside, compiled: bytes) -> None:
    beside.does("no-device")
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True)
    assert isinstance(error, DeviceError) and "no Edge TPU is plugged in" in error.message


def test_a_device_that_is_busy(beside: Beside, compiled: bytes) -> None:
    beside.does("busy")
    beside.plug_in()
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True)
    assert isinstance(error, DeviceError) and "could not open the device" in error.message
    assert "another process" in error.hint


def test_a_device_that_may_not_be_opened(beside: Beside) -> None:
    told = dict(worker.probe(str(beside.root)))
    stick = {"id": "18d1:9302", "state": "ready", "mbps": 5000.0, "node": "/dev/x", "allowed": False}
    card = {"node": "/dev/apex_0", "link": "", "allowed": False, "temperature": None}
    for devices, group in (({"usb": [stick]}, "plugdev"), ({"pci": [card]}, "apex")):
        cause = device_cause(Host.read({**told, **devices}))
        assert cause is not None and "may not be opened" in cause[0] and group in cause[1]
    assert device_cause(Host.read({**told, "usb": [stick], "pci": [{**card, "allowed": True}]})) is None


def test_a_card_without_driver(beside: Beside, compiled: bytes) -> None:
    beside.does("no-device")
    beside.put_card(driver=False)
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True)
    assert "no driver" in error.message and "gasket" in error.hint


def test_an_old_runtime(beside: Beside, compiled: bytes) -> None:
    beside.does("old-runtime")
    beside.plug_in()
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True)
    assert isinstance(error, ToolMissingError) and "needs Edge TPU runtime 14" in error.message
    assert "--min-runtime-version 13" in error.hint


def test_a_mismatch_crashes(beside: Beside, compiled: bytes) -> None:
    beside.does("mismatch")
    beside.plug_in()
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True)
    assert isinstance(error, DeviceError) and "SIGSEGV" in error.message and "generation" in error.hint


@pytest.mark.parametrize("mode", ["unplugged", "hangs"])
def test_unplugged_in_the_middle(
    beside: Beside, compiled: bytes, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.does(mode)
    beside.plug_in()
    monkeypatch.setattr(session, "INVOKE_SECONDS", 3.0)
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True, n=9)
    assert isinstance(error, DeviceError) and "was unplugged" in error.message


def test_a_device_that_drops_out(beside: Beside, compiled: bytes) -> None:
    beside.does("drops-out")
    beside.plug_in()
    error = refused(Destination(python=str(beside.python)), compiled, delegate=True, n=9)
    assert isinstance(error, DeviceError) and "failed in the middle" in error.message
    assert "USB transfer error" in error.message


def test_judged_on_a_device(beside: Beside, model: bytes, compiled: bytes) -> None:
    beside.does("rounds-otherwise")
    beside.plug_in(speed="480")
    beside.put_card()
    graph = read_model(model)
    data = random_data(graph.input_tensors, 8)
    judged = judge(Destination(python=str(beside.python)), on_chip(compiled), model, graph, data)
    exactness = judged.judgement.exactness
    assert (exactness.samples, exactness.outputs) == (8, 40)
    assert exactness.off_by_one >= 8 - 1 and exactness.exact < exactness.outputs
    coral = judged.coral
    assert coral.processor == "edgetpu" and coral.host == "local"
    assert coral.link == "PCIe, 5.0 GT/s PCIe x1"
    assert coral.temperature_c == Temperature(before=51.3, after=51.3)
    assert "RuntimeVersion(14)" in str(coral.runtime)
    latency = coral.latency_ms
    assert latency.warm_runs >= 50 and latency.first > 0 and latency.load > 0
    assert latency.warm_p50 is not None and latency.warm_p95 is not None
    assert 0 < latency.warm_p50 <= latency.warm_p95
    assert judged.host.usb[0].is_slow and judged.host.usb[0].link == "USB 2, 480 Mbit/s"


def test_a_device_that_contradicts_itself(beside: Beside, model: bytes, compiled: bytes) -> None:
    beside.does("flickers")
    beside.plug_in()
    graph = read_model(model)
    with pytest.raises(DeviceError, match="two different answers"):
        judge(
            Destination(python=str(beside.python)),
            on_chip(compiled),
            model,
            graph,
            random_data(graph.input_tensors, 3),
        )


def test_float_outputs_agree_in_steps_of_what_they_come_from() -> None:
    graph = net()
    real = Tensor("real", (1, 5), DType.FLOAT32)
    end = Operator("DEQUANTIZE", (9,), (10,), version=2)
    graph = graph.replace(tensors=(*graph.tensors, real), operators=(*graph.operators, end), outputs=(10,))
    model = write_model(graph)
    data = random_data(graph.input_tensors, 10)
    judged = judge(Destination(), on_cpu(model), model, graph, data)
    found = judged.judgement.exactness
    assert found.outputs == 50 and found.exact + found.off_by_one == 50


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", ["keras_lstm_mnist_ptq", "deeplabv3_mnv2_dm05_pascal_quant"])
def test_models_with_state_and_models_that_xnnpack_refuses(shared: Path, name: str) -> None:
    model, graph = load_model(shared / f"models/edgetpu/{name}.tflite")
    judged = judge(Destination(), on_cpu(model), model, graph, random_data(graph.input_tensors, 2))
    assert judged.judgement.exactness.samples == 2


def test_no_samples(model: bytes) -> None:
    from dataclasses import replace

    graph = read_model(model)
    data = random_data(graph.input_tensors, 1)
    with pytest.raises(DataError, match="no samples"):
        judge(Destination(), on_cpu(model), model, graph, replace(data, x=(data.x[0][:0],)))


@pytest.mark.parametrize(
    ("temp", "degrees"), [("51300", 51.3), ("-89700", None), ("-89", None), ("47", 47.0)]
)
def test_temperature(beside: Beside, temp: str, degrees: float | None) -> None:
    beside.put_card(temp=temp)
    assert worker.probe(str(beside.root))["pci"][0]["temperature"] == degrees


def test_a_stick_before_its_firmware(beside: Beside) -> None:
    beside.plug_in(ids="1a6e:089a", speed="480")
    host = Host.read(worker.probe(str(beside.root)))
    assert host.usb[0].state == "waiting for firmware" and host.has_device


@pytest.mark.parametrize("version", ["13", "14"])
def test_the_runtime_that_a_library_has(beside: Beside, tmp_path: Path, version: str) -> None:
    build_library(tmp_path / "lib", version)
    with Session(Destination(python=str(beside.python))) as one:
        assert one.probe().runtime_version == int(version)


@pytest.mark.parametrize(
    "text", ["-oProxyCommand=x", "user@-oProxyCommand=x", "a b", "user@host;ls", "user@", "@host", "host:x"]
)
def test_no_option_in_disguise(text: str) -> None:
    with pytest.raises(UsageError, match="no host"):
        parse_destination(text)


def test_the_command_of_a_place() -> None:
    words = parse_destination("mendel@192.168.100.2:2022").command()
    assert words[0] == "ssh" and words[words.index("-p") + 1] == "2022"
    assert words[words.index("--") + 1] == "mendel@192.168.100.2"
    assert "BatchMode=yes" in words and "ConnectTimeout=10" in words
    assert parse_destination("pi@[fe80::1]:22").command()[-2] == "pi@fe80::1"


def test_a_python_that_is_not_there() -> None:
    with pytest.raises(ToolMissingError, match="no Python"), Session(Destination(python="/no/python")):
        pass


def test_a_python_that_cannot(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'SyntaxError: invalid syntax' >&2\nexit 1\n")
    broken.chmod(0o755)
    with (
        pytest.raises(ToolMissingError, match="does not run edgeq's worker"),
        Session(Destination(python=str(broken))),
    ):
        pass


def test_no_interpreter(tmp_path: Path, model: bytes) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {os.path.realpath(sys.executable)} -S -I "$@"\n')
    bare.chmod(0o755)
    with Session(Destination(python=str(bare))) as one:
        host = one.probe()
        assert (host.numpy, host.interpreter) == ("", "")
        with pytest.raises(ToolMissingError, match="no TensorFlow Lite interpreter") as caught:
            one.load(Stage(model, delegate=False))
    assert (
        f"{bare} -m pip install ai-edge-litert numpy" in caught.value.hint
        and "another project" in caught.value.hint
    )
    graph = read_model(model)
    with pytest.raises(ToolMissingError, match="no numpy"):
        judge(Destination(python=str(bare)), on_cpu(model), model, graph, random_data(graph.input_tensors, 1))


def test_the_worker_ends_when_its_feeder_does() -> None:
    """A lost connection closes stdin; the worker must not wait for ever."""
    program = Path(worker.__file__).read_bytes()
    framed = len(program).to_bytes(8, "little") + program
    done = subprocess.run(Destination().command(), input=framed, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, worker.MAGIC)
