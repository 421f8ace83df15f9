"""The runner behind a real sshd, in environments that the commands of docs/coral.md made.

EDGEQ_CORAL_PYTHONS names their Pythons, as PATH does folders: ``coral39/bin/python:coral313/bin/python``.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import edgeq as api
from edgeq.judge.report import Report

from .conftest import Beside, Sshd

PYTHONS = [path for path in os.environ.get("EDGEQ_CORAL_PYTHONS", "").split(os.pathsep) if path]


@pytest.mark.slow
@pytest.mark.skipif(not PYTHONS, reason="EDGEQ_CORAL_PYTHONS names no Pythons (docs/coral.md, step 3)")
@pytest.mark.parametrize("python", PYTHONS)
def test_a_model_runs_in_each(
    sshd: Sshd, folder: Path, model: bytes, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (folder / "net.tflite").write_bytes(model)
    report = api.deploy(
        "net.tflite", board=f"coral@{sshd.destination}", cpu=True, edgetpu_python=python, edgetpu_ssh=sshd.ssh
    )
    assert isinstance(report, Report) and report.verdict == "pass"
    told = report.to_json()
    coral, exactness = told["coral"], told["exactness"]
    assert isinstance(coral, dict) and isinstance(exactness, dict)
    assert coral["host"] == sshd.destination and "ai-edge-litert" in coral["interpreter"]
    assert exactness["samples"] == 20


def test_a_device_on_another_machine(sshd: Sshd, beside: Beside, folder: Path, standin: object) -> None:
    beside.plug_in()
    (folder / "net.tflite").write_bytes(beside.int8.read_bytes())
    board = f"coral@{sshd.destination}"
    said = {"edgetpu_python": str(beside.python), "edgetpu_ssh": sshd.ssh}
    x = np.random.default_rng(8).integers(-128, 128, (6, 6, 6, 2)).astype(np.int8)
    report = api.deploy("net.tflite", board=board, data=x, **said)  # type: ignore[arg-type]
    assert isinstance(report, Report)
    again = api.run("net-coral", board=board, data=x, **said)  # type: ignore[arg-type]
    for one in (report, again):
        coral = one.to_json()["coral"]
        assert isinstance(coral, dict)
        assert (coral["host"], coral["processor"]) == (sshd.destination, "edgetpu")
        assert one.verdict == "pass"
