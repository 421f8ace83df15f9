"""The automatic mode's promise, against LiteRT's classic quantizer on held-out samples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def rows(*arguments: str | Path) -> tuple[int, dict[str, dict[str, str]], str]:
    """Exit code, the table by model and title, and what was told on stderr."""
    command = [sys.executable, "benchmarks/accuracy.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
    titles, _, *found = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return done.returncode, {cells[0]: dict(zip(titles, cells, strict=True)) for cells in found}, done.stderr


def decibels(row: dict[str, str]) -> float:
    return float(row["gain dB"])


@pytest.mark.slow
def test_digits_keeps_its_accuracy_and_gains() -> None:
    code, found, told = rows("digits")
    assert code == 0, told
    real, int8 = (float(share.strip(" %")) for share in found["digits"]["accuracy float / int8"].split("/"))
    assert real > 99
    assert int8 >= real - 0.2
    assert decibels(found["digits"]) > 1


@pytest.mark.slow
def test_a_calibrator_that_loses_is_told() -> None:
    """Percentiles lose: the check is able to fail."""
    code, found, told = rows("digits", "--calibrator", "percentile:99", "--check")
    assert code == 1
    assert decibels(found["digits"]) < 0
    assert "mean gain" in told


@pytest.mark.slow
def test_all_models_gain_what_is_promised(shared: Path) -> None:
    """Mean at least 2.5 dB, none below -0.3 dB; and floors that leave half of what was measured."""
    code, found, told = rows("--models", shared / "models" / "mlperf_tiny", "--check")
    assert code == 0, told
    assert set(found) == {"ad", "kws", "vww", "ic", "digits", "features"}
    floors = {"ad": 1.5, "kws": 2, "vww": 2.5, "ic": 2, "digits": 1, "features": 1}
    assert {name for name, floor in floors.items() if decibels(found[name]) < floor} == set()
