"""The comparison of boards prints a row for each model and compiler, and holds its own limit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgeq.targets.simulators.qemu_target import QEMU

REPOSITORY = Path(__file__).resolve().parents[3]


def compared(shared: Path, *boards: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "benchmarks/boards.py", "ad", "--toolchains", "zig", "--boards", *boards]
    command += ["--models", str(shared / "models" / "mlperf_tiny"), "--samples", "1"]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: qemu-system-arm)")
def test_qemu_and_the_simulator_agree(shared: Path) -> None:
    done = compared(shared, "sim-m4", "mps2_an386")
    assert done.returncode == 0, done.stderr
    titles, _, row = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()
    )
    told = dict(zip(titles, row, strict=True))
    assert (told["model"], told["compiler"], told["exact"]) == ("ad", "zig", "yes")
    assert abs(float(told["difference"].removesuffix(" %"))) < 0.01


@pytest.mark.slow
def test_boards_that_count_otherwise_fail(shared: Path) -> None:
    done = compared(shared, "sim-m4", "sim-m3")
    assert done.returncode == 1, done.stderr
    assert "| yes |" in done.stdout
