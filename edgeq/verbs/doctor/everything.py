"""All that ``doctor`` looks at, for edgeq or for one board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.verbs.doctor.edgetpu import examine_accelerator
from edgeq.verbs.doctor.flashing import examine_flashing
from edgeq.verbs.doctor.machine import Need, examine_machine
from edgeq.verbs.doctor.sources import examine_sources
from edgeq.verbs.from_settings import board_of, destination, environments

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.verbs.settings import Settings


def examine(text: str | None, settings: Settings) -> tuple[Board | None, tuple[Need, ...]]:
    """What this machine, or the one that a board is on, has and lacks.

    Args:
        text: the board, as ``--board`` names it; None for edgeq itself.
        settings: which Pythons have the frameworks, and how an Edge TPU is reached.

    Returns:
        The board, and the needs: those of the board are required.

    Raises:
        UsageError, BoardError: there is no such board.
    """
    board = None if text is None else board_of(text)
    needs = examine_machine(board) + examine_flashing(board) + examine_sources(environments(settings))
    if board is not None and board.is_accelerator:
        beside = destination(settings.override(board=text))
        coral = examine_accelerator(beside, settings.edgetpu_device or "", settings.edgetpu_compiler)
        needs = (*coral, *needs) if beside.is_remote else (*needs, *coral)
    return board, needs
