"""The benchmark prints what its title line says, and fails where an output is not the oracle's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def test_a_model_gives_a_row_with_every_figure(shared: Path) -> None:
    """On the host, where instructions are not counted: a dash stands for them."""
    command = [sys.executable, "benchmarks/models.py", "ad", "--board", "host"]
    command += ["--models", str(shared / "models" / "mlperf_tiny")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    titles, _, row = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()
    )
    told = dict(zip(titles, row, strict=True))
    assert told["model"] == "ad"
    assert told["MACs"] == "264,192"
    assert told["warm"] == "-"
    assert told["exact"] == "25,600 of 25,600"
    assert int(told["arena"].replace(",", "")) >= int(told["live peak"].replace(",", "")) == 768
