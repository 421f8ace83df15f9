"""Runs killed at any moment, two at once into one folder: the next needs no flag and finds no trace."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from waiting import until

from edgeq.base.ownership import file_hash, survey
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model

MARK = "EDGEQ_TEST_MARK"
ROUNDS = int(os.environ.get("EDGEQ_KILL_ROUNDS", "12"))
"""More of them by hand: EDGEQ_KILL_ROUNDS=200."""


def model(scale: float) -> bytes:
    """RELU of four numbers."""
    quant = QuantParams.per_tensor(scale, 0)
    tensors = (Tensor("x", (1, 4), DType.INT8, quant), Tensor("y", (1, 4), DType.INT8, quant))
    return write_model(Graph("relu", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,)))


def marked(mark: str) -> list[str]:
    """The processes that inherited a mark from the runs of a round."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"{MARK}={mark}\0".encode() in (entry / "environ").read_bytes():
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if command:
                    found.append(command)
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for orphans in /proc")
def test_killed_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("ziglang", "unicorn"):
        pytest.importorskip(package, reason="builds and runs firmware; pip install 'edgeq[sim]'")
    monkeypatch.chdir(tmp_path)
    chance = random.Random(20)
    names = []
    for number, scale in enumerate((1.0, 0.5)):
        names.append(f"m{number}.tflite")
        (tmp_path / names[-1]).write_bytes(model(scale))
    (tmp_path / "before").write_text("mine")

    def start(round_: int, number: int) -> subprocess.Popen[bytes]:
        board = ("host", "sim-m4")[number]
        command = f"-q deploy {names[number]} --board {board} --samples 3 --out out"
        return subprocess.Popen(
            [sys.executable, "-m", "edgeq", *command.split()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, MARK: str(round_)},
        )

    began = time.monotonic()
    assert start(-1, 1).wait(timeout=180) == 0
    longest = time.monotonic() - began
    for round_ in range(ROUNDS):
        runs = [start(round_, 0)]
        time.sleep(chance.uniform(0, 1))
        runs.append(start(round_, 1))
        time.sleep(chance.uniform(0, longest))
        for run in runs:
            run.send_signal(signal.SIGKILL)
        codes = []
        for run in runs:
            _, said = run.communicate(timeout=60)
            codes.append(run.returncode)
            assert run.returncode in (0, -signal.SIGKILL) or b"is in use by another edgeq" in said, said
        last = start(round_, round_ % 2)
        _, said = last.communicate(timeout=180)
        assert last.returncode == 0, (round_, codes, said)
        assert until(lambda mark=str(round_): not marked(mark))
        assert {path.name for path in tmp_path.iterdir()} == {*names, "before", "out"}
        left = survey(tmp_path / "out")
        assert not [entry for entry in left if entry.kind != "ours"]
        assert not [entry for entry in left if entry.path.rpartition("/")[2].startswith((".out", ".build"))]
        manifest = json.loads((tmp_path / "out" / "edgeq.json").read_text())
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        project = json.loads((tmp_path / "out" / "project" / "edgeq.json").read_text())
        digest = file_hash(tmp_path / names[round_ % 2])
        assert manifest["source"]["sha256"] == project["model"]["sha256"] == digest
        assert manifest["board"] == report["board"] == project["board"] == ("host", "sim-m4")[round_ % 2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for orphans in /proc")
def test_a_matrix_killed_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cells, its baseline and its JUnit XML are whole or as they were, however the run is ended."""
    for package in ("ziglang", "unicorn"):
        pytest.importorskip(package, reason="builds and runs firmware; pip install 'edgeq[sim]'")
    monkeypatch.chdir(tmp_path)
    chance = random.Random(14)
    for number, scale in enumerate((1.0, 0.5)):
        (tmp_path / f"m{number}.tflite").write_bytes(model(scale))
    line = "-q deploy m0.tflite m1.tflite -b host -b sim-m4 --samples 3 --out out --junit j.xml"

    def start(round_: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "edgeq", *line.split(), "--baseline", "b.json", "--update-baseline"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env={**os.environ, MARK: f"matrix{round_}"},
        )  # fmt: skip

    began = time.monotonic()
    assert start(-1).wait(timeout=180) == 0
    longest = time.monotonic() - began
    first = (tmp_path / "b.json").read_bytes()
    for round_ in range(max(1, ROUNDS // 4)):
        number = chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
        run = start(round_)
        time.sleep(chance.uniform(0, longest))
        (os.killpg if round_ % 2 else os.kill)(run.pid, number)
        run.communicate(timeout=60)
        assert (tmp_path / "b.json").read_bytes() == first
        assert ElementTree.parse(tmp_path / "j.xml").getroot().get("tests") == "4"
        last = start(round_)
        _, said = last.communicate(timeout=180)
        assert last.returncode == 0, (round_, number, said)
        assert until(lambda mark=f"matrix{round_}": not marked(mark))
        assert {path.name for path in tmp_path.iterdir()} == {
            "m0.tflite",
            "m1.tflite",
            "out",
            "b.json",
            "j.xml",
        }
        cells = {f"{name}-{board}" for name in ("m0", "m1") for board in ("host", "sim-m4")}
        assert {path.name for path in (tmp_path / "out").iterdir()} == cells
        for cell in cells:
            assert not [one for one in survey(tmp_path / "out" / cell) if one.kind != "ours"]
