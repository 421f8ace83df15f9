"""What to do after ``doctor``: one command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgeq.base.hints import command
from edgeq.boards import Board, list_boards
from edgeq.boards.simulators import SIMULATORS
from edgeq.verbs.doctor.machine import Need, examine_machine, failed

if TYPE_CHECKING:
    from edgeq.verbs.settings import Settings


def next_command(asked: str | None, needs: Sequence[Need], settings: Settings) -> str:
    """The command that helps most: what is missing first, then the road, then a project to begin with.

    Args:
        asked: the board, as ``--board`` names it; None for edgeq itself.
        needs: what was found for it.
    """
    first = _first_board()
    for need in (*failed(needs), *(failed(examine_machine(first)) if asked is None else ())):
        if need.command:
            return need.command
    if asked is not None:
        return command("edgeq", "deploy", "MODEL", "--board", asked)
    if settings.board is not None:
        return command("edgeq", "deploy", "MODEL")
    return command("edgeq", "init", "MODEL", "--board", first.id)


def _first_board() -> Board:
    """A board to begin with: simulated by what pip brings, and the fastest whose cycles are estimated."""
    usual = next(iter(SIMULATORS))
    found = (board for board in list_boards() if board.kind == "simulated" and board.simulator == usual)
    known = [board for board in found if board.core.timing is not None]
    return next((board for board in known if board.core.dsp), known[0])
