"""Whether it fits the board: by the plan before compiling, by the ELF afterwards."""

from __future__ import annotations

from edgeq.boards import Board, list_boards
from edgeq.errors import BoardError, BuildError


def check_fit(board: Board, *, flash: int, ram: int, what: str) -> None:
    """Refuse what is larger than the board's memory.

    Args:
        flash, ram: bytes needed.
        what: what needs them, for the message (``"the weights"``).

    Raises:
        BuildError: with the numbers, and the smallest board of the catalogue that would do.
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
    raise BuildError(f"too big for {board.id}: {what} needs {'; '.join(over)}", _advice(flash, ram))


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
