"""The catalogue of boards: ``boards/<id>/board.toml``, validated strictly, and never Python.

``docs/boards.md`` documents the file; :class:`Board` is its schema.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeq.boards.catalogue import (
        BOARD_FILE,
        board_toml,
        list_boards,
        load_board,
        read_board,
        split_board,
    )
    from edgeq.boards.cores import Core
    from edgeq.boards.model import Board, Cpu, Pin, Region, pin

__all__ = [
    "BOARD_FILE",
    "Board",
    "Core",
    "Cpu",
    "Pin",
    "Region",
    "board_toml",
    "list_boards",
    "load_board",
    "pin",
    "read_board",
    "simulator_names",
    "split_board",
]

_HOMES = {
    **dict.fromkeys(("Board", "Cpu", "Pin", "Region", "pin"), "model"),
    "Core": "cores",
}
"""Where what is offered here lives; the rest is the catalogue's."""


def simulator_names() -> tuple[str, ...]:
    """What ``--sim`` offers: the simulators' names, by the files in ``simulators/``, without loading any."""
    return tuple(sorted(info.name for info in pkgutil.iter_modules([f"{__path__[0]}/simulators"])))


if not TYPE_CHECKING:  # which would take any name for one of them

    def __getattr__(name: str) -> object:
        """Import on first use: the command line's options need names alone, and boards cost pydantic."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'catalogue')}"), name)
        globals()[name] = value
        return value
