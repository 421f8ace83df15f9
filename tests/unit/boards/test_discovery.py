"""Registries without lists: what the modules of a folder define is found, in its order, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

import pytest

from edgeq.boards.discovery import found_in


class Base:
    order: ClassVar[int]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    folder = tmp_path / "found_here"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules["found_here_base"] = sys.modules[__name__]
    files = {
        "last": "from found_here_base import Base\nclass Last(Base):\n    order = 30\n",
        "first": "from found_here_base import Base\nclass First(Base):\n    order = 10\n"
        "class Abstract(Base):\n    pass\nclass Part(First):\n    pass\n",
        "second": "from found_here.first import First\nclass Second(First):\n    order = 20\n",
        "nothing": "class Other:\n    order = 1\nvalue = 3\n",
    }
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return "found_here", [str(folder)]


def test_classes_are_found_once_and_by_their_order(package: tuple[str, list[str]]) -> None:
    try:
        assert [kind.__name__ for kind in found_in(*package, Base)] == ["First", "Second", "Last"]
    finally:
        for name in [name for name in sys.modules if name.startswith("found_here")]:
            del sys.modules[name]
