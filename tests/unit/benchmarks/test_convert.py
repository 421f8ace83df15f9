"""The benchmark of `edgeq convert`: what it prints, beside which other converter, and that it can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
TENSORFLOW = os.environ.get("EDGEQ_TF_PYTHON")


def rows(*arguments: str, python: str = "") -> tuple[int, list[dict[str, str]], str]:
    """Exit code, the table, and what was told beside it."""
    command = [sys.executable, "benchmarks/convert.py", *arguments]
    environ = {**os.environ, "EDGEQ_TF_PYTHON": python}
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False, env=environ
    )
    lines = done.stdout.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    table = [dict(zip(cells[0], found, strict=False)) for found in cells[2:]] if cells else []
    return done.returncode, table, done.stdout + done.stderr


@pytest.mark.slow
def test_digits_beside_the_classic_quantizer() -> None:
    code, table, told = rows("digits", "--runs", "1", "--samples", "20", "--limit", "60")
    assert code == 0, told
    assert [row["model"] for row in table] == ["digits"]
    assert 10 < float(table[0]["peak MB"]) < 200
    if "LiteRT classic s" in table[0]:  # LiteRT's private class is in some of its versions only
        assert float(table[0]["LiteRT classic s"]) > float(table[0]["alone s"])


@pytest.mark.slow
def test_too_slow_and_too_large_are_exit_code_1() -> None:
    assert rows("digits", "--runs", "1", "--samples", "10", "--limit", "0.001")[0] == 1
    assert rows("digits", "--runs", "1", "--samples", "10", "--limit-mb", "5")[0] == 1


def test_a_python_that_fails_is_told_with_its_words() -> None:
    code, _, told = rows("digits", "--runs", "1", python=sys.executable)
    assert code == 1
    assert "TensorFlow: exit code" in told
    assert "No module named 'tensorflow'" in told


@pytest.mark.slow
@pytest.mark.skipif(not TENSORFLOW, reason="EDGEQ_TF_PYTHON names no Python with TensorFlow")
def test_tensorflow_side_by_side() -> None:
    code, table, told = rows("digits", "features", "--runs", "1", "--limit", "60", python=str(TENSORFLOW))
    assert code == 0, told
    assert "against tensorflow" in told
    assert all(float(row["times faster"]) > 1 for row in table), told
