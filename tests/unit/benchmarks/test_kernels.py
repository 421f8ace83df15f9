"""The benchmark of the kernels runs, and its cores are those that it can compile for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")

REPOSITORY = Path(__file__).resolve().parents[3]


def test_a_model_gives_a_row_a_layer(shared: Path) -> None:
    command = [sys.executable, "benchmarks/kernels.py", "ad"]
    command += ["--models", str(shared / "models" / "mlperf_tiny")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 11
    assert "all" in rows[-1][1] and float(rows[-1][4].strip(" *")) < 2
