"""The commands of the pages for newcomers, in the order in which they stand, on the digits."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
TENSORFLOW = os.environ.get("EDGEQ_TF_PYTHON", "")


def run(words: list[str], cwd: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words, cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def blocks(page: str, kind: str = "") -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for name, block in found if name == kind]


def commands(page: str) -> list[list[str]]:
    return [shlex.split(line) for block in blocks(page) for line in block.splitlines()]


@pytest.mark.slow
def test_the_tasks(examples: Path, tmp_path: Path) -> None:
    digits = examples / "digits"
    shutil.copy(digits / "digits_float.tflite", tmp_path / "model.tflite")
    shutil.copy(digits / "calibration.npz", tmp_path / "train.npz")
    with np.load(digits / "test.npz") as test:
        np.savez(tmp_path / "test.npz", x=test["x"][:100], y=test["y"][:100])
    found = commands("tasks.md")
    assert len(found) >= 8
    for words in found:
        run(words, tmp_path)
    assert (tmp_path / "fast" / "report.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(not TENSORFLOW, reason="no EDGEQ_TF_PYTHON: the tutorial trains with Keras")
def test_a_model_of_ones_own_from_keras(examples: Path, tmp_path: Path) -> None:
    shutil.copy(examples / "digits" / "test.npz", tmp_path / "digits.npz")
    (script,) = blocks("own-model.md", "python")
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    run([TENSORFLOW, "train.py"], tmp_path)
    (deploy,) = commands("own-model.md")
    assert run(deploy, tmp_path).splitlines()[-1] == "PASS"
