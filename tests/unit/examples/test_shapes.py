"""examples/shapes: every network is exact on the simulated core, and costs what its README says, or less."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def rows(text: str) -> dict[str, dict[str, str]]:
    """The table of networks, by network and title."""
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    start = next(i for i, line in enumerate(cells) if line[0] == "network")
    return {line[0]: dict(zip(cells[start], line, strict=True)) for line in cells[start + 2 :]}


def number(cell: str) -> int:
    return int(cell.replace(",", ""))


@pytest.mark.slow
def test_exact_and_no_dearer_than_told() -> None:
    command = [sys.executable, "benchmarks/shapes.py", "--samples", "3"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = rows(done.stdout)
    told = rows((REPOSITORY / "examples" / "shapes" / "README.md").read_text())
    assert set(found) == set(told) == {"gru", "superresolution", "transformer", "unet"}
    for name, row in found.items():
        exact, outputs = row["exact outputs"].split(" of ")
        assert exact == outputs
        assert row["MACs"] == told[name]["MACs"]
        for title in ("instructions", "flash", "RAM"):
            assert number(row[title]) <= 1.1 * number(told[name][title]), (name, title)


def test_the_files_are_small_and_as_the_readme_says() -> None:
    folder = REPOSITORY / "examples" / "shapes"
    readme = (folder / "README.md").read_text()
    for path in folder.glob("*.tflite"):
        assert path.stat().st_size < 60_000
        assert f"| {path.stat().st_size:,} |" in readme
