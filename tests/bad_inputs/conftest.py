"""A folder with good inputs, in which bad ones are made; and running a command line there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgeq.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command line got: its exit code, and the error as ``--json`` gives it."""

    code: int
    message: str
    hint: str


Ask = Callable[[str], Answer]


@pytest.fixture(scope="session")
def larder(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """The good inputs, made once: a float model, its int8 form, calibration and test data."""
    folder = tmp_path_factory.mktemp("larder")
    digits = examples / "digits"
    shutil.copy(digits / "digits_float.tflite", folder / "float.tflite")
    shutil.copy(digits / "calibration.npz", folder / "calibration.npz")
    test = np.load(digits / "test.npz")
    np.savez(folder / "test.npz", x=test["x"][:30], y=test["y"][:30])
    command = (
        f"convert {folder}/float.tflite --calibration {folder}/calibration.npz --out {folder}/int8.tflite"
    )
    assert main(["--quiet", *command.split()]) == 0
    return folder


@pytest.fixture
def kitchen(larder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own copy of the good inputs as the working folder, which no settings reach."""
    (tmp_path / ".git").mkdir()  # the search for edgeq.toml ends here
    work = tmp_path / "work"
    shutil.copytree(larder, work)
    monkeypatch.chdir(work)
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT", "EDGEQ_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return work


@pytest.fixture
def ask(kitchen: Path, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Run ``edgeq COMMAND --json`` in the kitchen; fails where it leaves a traceback or no error object."""

    def run(command: str) -> Answer:
        capfd.readouterr()
        code = main([*command.split(), "--json"])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err, captured.err
        answer = json.loads(captured.out)
        if "error" not in answer:  # a verdict: the findings are the answer
            worst = next(finding for finding in answer["findings"] if finding["severity"] == "error")
            return Answer(code, worst["message"], worst["hint"])
        error = answer["error"]
        assert error["exit_code"] == code
        return Answer(code, error["message"], error["hint"])

    return run


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
