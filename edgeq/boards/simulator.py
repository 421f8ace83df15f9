"""What every simulator is: a name, a table of a board file, and what edgeq tells of it.

``edgeq.targets.simulators`` runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from edgeq.boards.cores import Core
from edgeq.boards.debugger import Debugger
from edgeq.boards.strict import Strict

if TYPE_CHECKING:
    from typing_extensions import Self


class Simulator(Strict):
    """A simulator: its fields are those of its table in a board file, which has its name.

    Attributes:
        order: its place in lists.
        title: what a person calls it.
        program: what a machine needs for it, as ``edgeq doctor`` calls that.
        purpose: what edgeq does with it.
        install: the command that installs it, or where to get it.
        has_table: whether a board needs a table to be simulated by it.
    """

    order: ClassVar[int]
    title: ClassVar[str]
    program: ClassVar[str]
    purpose: ClassVar[str]
    install: ClassVar[str]
    has_table: ClassVar[bool] = True

    @classmethod
    def key(cls) -> str:
        """Its name in board files and after ``--sim``: that of its module."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def of(cls, board: object) -> Self | None:
        """The board's table; None where it has none."""
        table = getattr(board, cls.key(), None)
        return table if isinstance(table, cls) else None

    def debugger(self, core: Core) -> Debugger | None:
        """How an editor's debugger starts the board in it; None where it cannot."""
        return None

    def constants(self) -> Mapping[str, int]:
        """What the firmware of a board that it usually runs has to know of it, for ``edgeq_board.h``."""
        return {}

    @classmethod
    def remark(cls, board: str) -> str:
        """What a report has to say where it ran the firmware of a real chip: it has kept no time."""
        return f"{board} was simulated by {cls.title}, which is functional: no time or cycles are the chip's"
