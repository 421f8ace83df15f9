"""The repository as the contract tests see it."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "edgeq"


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def modules() -> Mapping[str, ast.Module]:
    """Every module of edgeq by its path below the package (``graph/reader.py``), parsed."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "_data" not in path.parts
    }


@pytest.fixture(scope="session")
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the repository."""
    git = shutil.which("git")
    if git is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, timeout=60).stdout
    paths = (REPOSITORY / name.decode() for name in listed.split(b"\0") if name)
    return tuple(path for path in paths if path.is_file())
