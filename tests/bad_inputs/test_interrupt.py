"""Ctrl-C in every stage of ``deploy``: exit code 130, one line, no process and no half-written file left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import GUARD, until

STAGES = ("convert", "check", "generate", "build", "float", "run")
WHOLE = {"model_int8.tflite", "project", "serial.log", "edgeq.json"}
"""What the output folder may hold after an interruption: each of these only when whole."""


def _children_of(group: int) -> list[str]:
    """The command lines of the processes in a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.sample(2)
@pytest.mark.skipif(sys.platform != "linux", reason="looks for orphans in /proc")
@pytest.mark.parametrize("stage", STAGES)
def test_interrupted(stage: str, kitchen: Path) -> None:
    for package in ("ziglang", "unicorn"):
        pytest.importorskip(package, reason="builds and runs firmware; pip install 'edgeq[sim]'")
    command = "deploy float.tflite --calibration calibration.npz --data test.npz --board sim-m4 --out out"
    process = subprocess.Popen(
        [sys.executable, "-m", "edgeq", *command.split()],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith(f"edgeq: {stage}:"):
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
            break
    _, rest = process.communicate(timeout=GUARD)
    said += rest
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "interrupted" in rest
    assert until(lambda: not _children_of(process.pid))
    assert {p.name for p in kitchen.iterdir()} <= {
        "float.tflite",
        "int8.tflite",
        "calibration.npz",
        "test.npz",
        "out",
    }
    if (kitchen / "out").exists():
        assert {p.name for p in (kitchen / "out").iterdir()} <= WHOLE
