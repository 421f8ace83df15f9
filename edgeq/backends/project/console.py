"""What firmware speaks over its console, and as whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edgeq.base.errors import UsageError

if TYPE_CHECKING:
    from edgeq.boards import Board

Link = Literal["full", "text", "none"]
"""Text and frames; the text protocol of MLPerf Tiny alone; nothing but what is said at boot."""

_NAME = re.compile(r"[^\s\[\]%\"\\]{1,31}", re.ASCII)


@dataclass(frozen=True)
class Console:
    """What firmware speaks over its console.

    Attributes:
        link: which protocols it has. edgeq runs and judges ``"full"`` alone.
        name: of the model, for the runner of MLPerf Tiny; None for the model file's.
        baud: bits per second; None for the board's.
    """

    link: Link = "full"
    name: str | None = None
    baud: int | None = None

    def __post_init__(self) -> None:
        if self.name is not None and not _NAME.fullmatch(self.name):
            raise UsageError(
                f"{self.name!r} is no name of a model",
                'give up to 31 characters and none of space [ ] % " \\, such as kws01',
            )

    @property
    def has_text(self) -> bool:
        """Whether there are commands."""
        return self.link != "none"

    @property
    def has_frames(self) -> bool:
        """Whether there is the bulk mode."""
        return self.link == "full"

    def on(self, board: Board) -> Board:
        """The board, with this baud rate."""
        if self.baud is None:
            return board
        return board.model_copy(update={"console": board.console.model_copy(update={"baud": self.baud})})
