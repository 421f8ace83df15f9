"""What an example's README says, command by command, in a copy of it: all but installing and training."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = ("gestures", "vibration", "words")
NOT_HERE = ("pip install", "python train.py")
"""What a training framework is needed for; what they make is in the repository."""


def commands(readme: Path) -> list[str]:
    """The lines of blocks that are commands."""
    blocks = re.findall(r"^```\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(edgeq|python|pip) ", line)]


def verdicts(readme: Path) -> list[str]:
    """The lines of blocks that tell accuracy, the device's among it, and exactness."""
    return re.findall(r"^(?:accuracy|exactness) .*$", readme.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_command_does_what_is_said(name: str, examples: Path, tmp_path: Path) -> None:
    place = tmp_path / name
    made = (examples / name / ".gitignore").read_text(encoding="utf-8").replace("/", "").split()
    shutil.copytree(examples / name, place, ignore=shutil.ignore_patterns(*made, "__pycache__"))
    found = commands(place / "README.md")
    run = [line for line in found if not line.startswith(NOT_HERE)]
    assert len(run) >= 5 and len(run) < len(found)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = []
    for line in run:
        done = subprocess.run(
            shlex.split(line), cwd=place, env={**os.environ, "PATH": path}, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        said += done.stdout.splitlines()
    claimed = verdicts(place / "README.md")
    assert len(claimed) == 2 and set(claimed) <= set(said), said
    assert (place / f"{name}-sim-m4" / "report.html").is_file()
