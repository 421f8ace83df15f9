"""How long executed code takes on a core: an estimate by the core's table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgeq.boards.timing.thumb import Instruction, Kind, decode

_WORDS = frozenset(
    {
        Kind.LOAD_DOUBLE,
        Kind.STORE_DOUBLE,
        Kind.LOAD_MULTIPLE,
        Kind.STORE_MULTIPLE,
        Kind.FLOAT_LOAD_MULTIPLE,
        Kind.FLOAT_STORE_MULTIPLE,
    }
)
_MEMORY = _WORDS | {Kind.LOAD, Kind.STORE, Kind.FLOAT_LOAD, Kind.FLOAT_STORE}


@dataclass(frozen=True)
class Timing:
    """A core's timings, as its technical reference manual has them.

    Where the manual gives a range that operands or addresses decide, which nobody knows here, the upper end
    is taken: an estimate is rather too high. Not in it: unaligned accesses, and waiting for data in flash.

    Attributes:
        source: the manual.
        cycles: of each kind; where several words are moved, one more for each. A kind that is not there is
            not timed, and with it no code that holds it.
        refill: more where an instruction goes elsewhere: a branch that is taken, a write of PC.
        refills: the same where a kind has another.
        pipelined: whether a load or store behind a load takes one cycle less, and one whose address the
            instruction before computed takes one more (ARMv7-M).
        wait_states: cycles that the board's flash takes longer for each line of code.
        line: bytes that it gives at once.
    """

    source: str
    cycles: Mapping[Kind, int]
    refill: int
    refills: Mapping[Kind, int]
    pipelined: bool
    wait_states: int = 0
    line: int = 4

    def block(
        self, code: bytes | bytearray, start: int, *, taken: bool, following: bytes | bytearray = b""
    ) -> int | None:
        """The cycles of straight-line code that is run through once; None where some of it is not timed.

        Args:
            code: whole instructions.
            start: its address.
            taken: whether its last instruction went elsewhere than on.
            following: the instruction behind it, where it went on: what that takes for its neighbour's sake
                is told here, because who looks at it alone does not know of the neighbour.
        """
        total = 0
        before: Instruction | None = None
        instructions = tuple(decode(code))
        for place, one in enumerate(instructions):
            cycles = self.cycles.get(one.kind)
            if cycles is None:
                return None
            total += cycles + (one.count if one.kind in _WORDS else 0)
            if self.pipelined:
                total += _beside(before, one)
            if taken and place == len(instructions) - 1:
                total += self.refills.get(one.kind, self.refill)
            before = one
        behind = None if taken else next(decode(following), None)
        if self.pipelined and behind is not None:
            total += _beside(before, behind) - _beside(None, behind)
        return total + self._waiting(len(code), start, shared=behind is not None)

    def _waiting(self, size: int, start: int, *, shared: bool) -> int:
        """For each line that the code lies in; one that is shared with what follows is told there."""
        if not self.wait_states or not size:
            return 0
        last = (start + size - 1) // self.line
        lines = last - start // self.line + (0 if shared and last == (start + size) // self.line else 1)
        return lines * self.wait_states


def _beside(before: Instruction | None, one: Instruction) -> int:
    """By how much an instruction takes longer for the one before it, or shorter (ARMv7-M)."""
    more = 1 if one.kind is Kind.STORE and one.indexed else 0
    if before is None:
        return more
    if one.kind in _MEMORY and before.kind not in _MEMORY and before.writes & one.address:
        more += 1
    elif one.kind in (Kind.LOAD, Kind.STORE) and before.kind is Kind.LOAD:
        free = not before.loads & one.address
        more -= 1 if free and (one.kind is Kind.LOAD or one.indexed) else 0
    if before.float_writes & one.float_reads and before.kind not in _MEMORY:
        more += 1
    return more
