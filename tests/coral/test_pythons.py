"""The runner behind a real sshd, in environments that the commands of docs/coral.md made.

EDGEQ_CORAL_PYTHONS names their Pythons, as PATH does folders: ``coral39/bin/python:coral313/bin/python``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import edgeq as api
from edgeq.judge.report import Report

from .conftest import Sshd

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
