"""The catalogue of boards: ``boards/<id>/board.toml``, validated strictly, and never Python.

``docs/boards.md`` documents the file; :class:`Board` is its schema.
"""

from edgeq.boards.catalogue import BOARD_FILE, board_toml, list_boards, load_board, read_board, split_board
from edgeq.boards.model import Board, Cpu, Pin, Region, Renode, Simulator, pin

__all__ = [
    "BOARD_FILE",
    "Board",
    "Cpu",
    "Pin",
    "Region",
    "Renode",
    "Simulator",
    "board_toml",
    "list_boards",
    "load_board",
    "pin",
    "read_board",
    "split_board",
]
