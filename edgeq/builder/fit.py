"""Whether it fits the board: by the plan before compiling, by the ELF afterwards."""

from __future__ import annotations

import re

from edgeq.base.errors import BoardError, BuildError
from edgeq.boards import Board, list_boards

_OVERFLOW = re.compile(r"region [`'](FLASH|RAM)'(?:: overflowed|  *overflowed) by (\d+) bytes")


class DoesNotFitError(BuildError):
    """An image or a model is larger than the board's memory.

    Attributes:
        why: what is needed and what is there, in words.
    """

    def __init__(self, board: Board, why: str, hint: str) -> None:
        super().__init__(f"too big for {board.id}: {why}", hint)
        self.why = why

    @property
    def kind(self) -> str:
        """To users it is a build that failed."""
        return BuildError.__name__


def check_fit(board: Board, *, flash: int, ram: int, what: str) -> None:
    """Refuse what is larger than the board's memory.

    Args:
        flash, ram: bytes needed.
        what: what needs them, for the message (``"the weights"``).

    Raises:
        DoesNotFitError: with the numbers, and the smallest board of the catalogue that would do.
    """
    if board.flash is None or board.ram is None:
        return
    over = []
    if flash > board.flash.size:
        over.append(f"{flash:,} bytes of flash, and it has {board.flash.size:,}")
    if ram > board.ram.size:
        over.append(f"{ram:,} bytes of RAM, and it has {board.ram.size:,}")
    if not over:
        return
    raise DoesNotFitError(board, f"{what} needs {'; '.join(over)}", _advice(flash, ram))


def check_linked(board: Board, log: str) -> None:
    """Refuse an image of which the linker said that it does not fit.

    Args:
        log: what the linker said, in the words of lld or GNU ld.

    Raises:
        DoesNotFitError: as :func:`check_fit`.
    """
    if board.flash is None or board.ram is None:
        return
    over = {"FLASH": 0, "RAM": 0}
    for region, excess in _OVERFLOW.findall(log):
        over[region] = max(over[region], int(excess))  # one line for each section, growing
    check_fit(
        board,
        flash=board.flash.size + over["FLASH"] if over["FLASH"] else 0,
        ram=board.ram.size + over["RAM"] if over["RAM"] else 0,
        what="the firmware",
    )


def _advice(flash: int, ram: int) -> str:
    try:
        boards = list_boards()
    except BoardError:
        boards = []
    fitting = [
        (other.flash.size, other.ram.size, other.id)
        for other in boards
        if other.flash and other.ram and other.flash.size >= flash and other.ram.size >= ram
    ]
    if not fitting:
        return "no board of the catalogue holds it: use a smaller model"
    size, ram_size, name = min(fitting)
    return f"the smallest board that would do is {name} ({size:,} bytes of flash, {ram_size:,} of RAM)"
