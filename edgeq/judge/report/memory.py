"""What the firmware takes of the board's flash and RAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.checker import Finding
from edgeq.judge.report.findings import finding
from edgeq.judge.report.section import Schema, Section, count, record

_STACK_MARGIN = 0.9
_UNMADE = "null where no firmware was made."


@dataclass(frozen=True)
class Stack:
    """Bytes: ``used`` is the high water, ``size`` what is reserved."""

    used: int
    size: int

    def findings(self, bound: int | None = None) -> tuple[Finding, ...]:
        """A warning where it is nearly used up, or where by its bound it can be.

        Args:
            bound: the most that the code can use; None where that is not known.
        """
        if bound is not None and bound > self.size:
            message = f"the stack can grow to {bound:,} bytes, and {self.size:,} are reserved"
            return (finding("stack", "warning", message, "raise `stack` in the board file"),)
        if self.used <= _STACK_MARGIN * self.size:
            return ()
        message = f"{self.used:,} of {self.size:,} bytes of stack were used: an interrupt may overflow it"
        return (finding("stack", "warning", message, "raise `stack` in the board file"),)


@dataclass(frozen=True)
class Flash(Section):
    """Bytes: ``total`` is ``code + weights``; ``board`` is what the board has, None on a host."""

    key: ClassVar[str] = "flash"
    schema: ClassVar[Schema] = record(
        "Bytes of flash.",
        code=count(f"Without the weights; {_UNMADE}", null=True),
        weights=count(f"The model's constants; {_UNMADE}", null=True),
        total=count(f"code + weights; {_UNMADE}", null=True),
        board=count("What the board has; null on a host.", null=True),
    )

    code: int
    weights: int
    total: int
    board: int | None


@dataclass(frozen=True)
class Ram(Section):
    """Bytes: ``stack`` is the high water, None where not measured; ``total`` is the sum of what is known.

    ``stack_bound`` is the most that the code can use, None where that is not known.
    """

    key: ClassVar[str] = "ram"
    schema: ClassVar[Schema] = record(
        "Bytes of RAM.",
        arena=count(f"Activations and scratch; {_UNMADE}", null=True),
        static=count(f"Other variables; {_UNMADE}", null=True),
        stack=count("The most that was used; null where not measured.", null=True),
        stack_bound=count(
            "The most that the code can use of it; null where that is not known, as with recursion.",
            null=True,
        ),
        total=count(f"arena + static + stack, as far as known; {_UNMADE}", null=True),
        board=count("What the board has; null on a host.", null=True),
    )

    arena: int
    static: int
    stack: int | None
    stack_bound: int | None
    total: int
    board: int | None
