"""Where the data that ships with edgeq lives: boards and firmware templates."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parents[1]


def data_dir(name: Literal["boards", "firmware_templates"]) -> Path:
    """The folder of that data: the repository's own when working in one, else the copy in the wheel.

    An editable install may hold a stale copy, so the repository's folder goes first.
    """
    repository = _PACKAGE.parent
    if (repository / "pyproject.toml").is_file() and (repository / name).is_dir():
        return repository / name
    return _PACKAGE / "_data" / name
