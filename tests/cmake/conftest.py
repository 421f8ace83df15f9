"""CMake, as users call it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cmaking import CMake

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "unit" / "backends" / "aot")]


@pytest.fixture(scope="session")
def cmake() -> CMake:
    from cmaking import CMake, find_cmake

    return CMake(find_cmake())
