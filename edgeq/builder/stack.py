"""The most that a firmware's stack can grow, from its ELF alone: frames along the calls.

Each function's instructions say how far it lowers SP and whom it calls at which depth; the deepest way from
reset is the bound, with one exception on top. A call by a register goes to functions whose address is taken:
by the function itself, in its constants or in a table that they point to, or else by the nearest of its
callers that takes any. Recursion, and SP by a register, have no bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from edgeq.boards.timing.thumb import LR, PC, SP, Instruction, Kind
from edgeq.builder.code import Code, read_code

FRAME, FLOAT_FRAME = 8 * 4 + 4, 26 * 4 + 4
"""Bytes that a core pushes for an exception, aligned; with the registers of an FPU."""

_VECTORS = "edgeq_vectors"
_RESET = 1
_MOST = 1 << 20
_GOES = frozenset({Kind.CALL, Kind.BRANCH, Kind.BRANCH_IF})
_ENDS = frozenset({Kind.BRANCH, Kind.BRANCH_REGISTER, Kind.TABLE, Kind.TRAP})


@dataclass(frozen=True)
class StackBound:
    """What the stack can take.

    Attributes:
        bytes: at most; None where that is not known.
        unknown: why not.
        path: the functions on the deepest way, the outermost first.
    """

    bytes: int | None
    unknown: str = ""
    path: tuple[str, ...] = ()


def stack_bound(elf: Path, *, floats: bool) -> StackBound:
    """The bound of a firmware's stack.

    Args:
        elf: as edgeq or CMake has built it for a board.
        floats: whether the core has an FPU, whose registers an exception keeps.
    """
    calls = _Calls(read_code(elf))
    try:
        main, path = calls.deepest(calls.reset)
        handler = max((calls.deepest(one)[0] for one in calls.handlers), default=0)
        anew = max((calls.deepest(one)[0] for one in calls.restarts), default=0)
    except _Unknown as unknown:
        return StackBound(None, str(unknown))
    most = main + (FLOAT_FRAME if floats else FRAME) + handler
    return StackBound(max(most, anew), path=tuple(map(calls.name, path)))


class _Unknown(Exception):
    """There is no bound; the text says why."""


@dataclass(frozen=True)
class _Call:
    """A call at a depth; ``to`` is None where a register says whom."""

    depth: int
    to: int | None


@dataclass(frozen=True)
class _Frame:
    """What one function does by itself: how deep it goes, and whom it calls."""

    depth: int
    calls: tuple[_Call, ...]


_Body = Mapping[int, tuple[int, Instruction]]
"""The words and instructions of a function by their addresses."""


class _Calls:
    """Who calls whom in a firmware.

    Raises:
        _Unknown: from every method: code that has no bound.
    """

    def __init__(self, code: Code) -> None:
        self._code = code
        self._frames: dict[int, _Frame] = {}
        self._deepest: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._open: list[int] = []

    def name(self, entry: int) -> str:
        """Of the function that is entered there."""
        return self._code.functions[self._home(entry)][0]

    def _home(self, entry: int) -> int:
        """Where the function begins that is entered there: of assembly, it may be in its middle."""
        home = self._code.holding(entry)
        if home is None:
            raise _Unknown(f"0x{entry:08x} is called, and no function is there")
        return home

    @cached_property
    def _vectors(self) -> tuple[int, ...]:
        return self._code.words(_VECTORS)

    @property
    def reset(self) -> int:
        """Where it all begins."""
        vectors = self._vectors
        if len(vectors) <= _RESET or vectors[_RESET] & ~1 not in self._code.functions:
            raise _Unknown("it has no vector table of edgeq's")
        return vectors[_RESET] & ~1

    @cached_property
    def _entries(self) -> frozenset[int]:
        """The functions of the vector tables, without the reset."""
        tables = [self._vectors[_RESET + 1 :], *map(self._code.words, self._code.tables_like("vectors"))]
        named = {word & ~1 for table in tables for word in table if word & 1}
        return frozenset(named & set(self._code.functions)) - {self.reset}

    @property
    def handlers(self) -> Iterator[int]:
        """The exceptions' that go on with the stack as it is."""
        return (one for one in self._entries if not self._starts_anew(one))

    @property
    def restarts(self) -> Iterator[int]:
        """What is called by those that start the stack anew, as the handler of faults does."""
        for one in self._entries:
            if self._starts_anew(one):
                yield from (call.to for call in self._frame(one, anew=True).calls if call.to is not None)

    def _starts_anew(self, start: int) -> bool:
        return any(one.grows is None and one.writes >> SP & 1 for _, _, one in self._code.at(start))

    def deepest(self, start: int) -> tuple[int, tuple[int, ...]]:
        """Bytes below the entry of a function, and the functions on the way there."""
        if start in self._deepest:
            return self._deepest[start]
        if start in self._open:
            raise _Unknown(f"{self.name(start)} may call itself")
        self._open.append(start)
        frame = self._frame(start)
        most: tuple[int, tuple[int, ...]] = (frame.depth, (start,))
        for call in frame.calls:
            for to in self._whom(start, call):
                below, path = self.deepest(to)
                if call.depth + below > most[0]:
                    most = (call.depth + below, (start, *path))
        self._open.pop()
        self._deepest[start] = most
        return most

    def _whom(self, start: int, call: _Call) -> frozenset[int]:
        if call.to is None:
            found = self._taken_near(start)
            if not found:
                raise _Unknown(
                    f"{self.name(start)} calls by a register, and nobody takes a function's address"
                )
            return found
        return frozenset((call.to,))

    def _taken_near(self, start: int) -> frozenset[int]:
        """What a register may call in a function: by whose addresses it, or its nearest callers, take."""
        seen, level = {start}, {start}
        while level:
            found = frozenset().union(*map(self._taken, level))
            if found:
                return found
            level = {caller for one in level for caller in self._callers[one]} - seen
            seen |= level
        return frozenset()

    @cached_property
    def _callers(self) -> Mapping[int, set[int]]:
        callers: defaultdict[int, set[int]] = defaultdict(set)
        for start in self._code.functions:
            for at, _, one in self._code.at(start):
                if one.kind in _GOES and one.target is not None:
                    callers[at + one.target].add(start)
        return callers

    def _taken(self, start: int) -> frozenset[int]:
        words = set(self._code.constants(start))
        for word in tuple(words):
            words |= set(self._code.words_at(word))
        return frozenset(word & ~1 for word in words if word & 1 and word & ~1 in self._code.functions)

    def _frame(self, start: int, *, anew: bool = False) -> _Frame:
        if start not in self._frames:
            self._frames[start] = self._walk(start, anew=anew)
        return self._frames[start]

    def _walk(self, start: int, *, anew: bool) -> _Frame:
        """Every instruction at the greatest depth that it is reached with."""
        body = {at: (word, one) for at, word, one in self._code.at(self._home(start))}
        back = {LR, *(_kept_in(word) for word, one in body.values() if one.kind is Kind.PLAIN)}
        labels = [place for at, (word, one) in body.items() if (place := _label(at, word, one.size)) in body]
        depths: dict[int, int] = {}
        calls: set[_Call] = set()
        most = 0
        switches = False
        waiting = [(start, 0)]
        while waiting or (switches and len(depths) < len(body)):
            if not waiting:  # where only a table of branches leads to
                waiting = [(min(at for at in body if at not in depths), most)]
            at, depth = waiting.pop()
            if at not in body or depths.get(at, -1) >= depth:
                continue
            depths[at] = depth
            word, one = body[at]
            raised = self._raised(body, at, word)
            after = self._after(
                start, one if raised is None else replace(one, grows=-raised), depth, anew=anew
            )
            most = max(most, after)
            if most > _MOST:
                raise _Unknown(f"{self.name(start)} lowers its stack in a loop")
            target = None if one.target is None else at + one.target
            if one.kind in (Kind.CALL, Kind.CALL_REGISTER):
                calls.add(_Call(after, target))
                switches = switches or at + one.size not in body  # a table behind a call that reads it
            elif one.kind is Kind.BRANCH_REGISTER and labels:
                waiting += [(label, after) for label in labels]
            elif one.kind is Kind.BRANCH_REGISTER and word >> 3 & 0xF not in back:
                calls.add(_Call(after, None))
            elif target is not None and target not in body:  # a call that returns to the caller
                calls.add(_Call(after, target))
            elif target is not None:
                waiting.append((target, after))
            jumps = one.kind is Kind.TABLE or (one.kind in (Kind.LOAD, Kind.PLAIN) and one.writes >> PC & 1)
            switches = switches or bool(jumps)
            if one.kind not in _ENDS and not one.writes >> PC & 1:
                waiting.append((at + one.size, after))
        return _Frame(most, tuple(calls))

    def _raised(self, body: _Body, at: int, word: int) -> int | None:
        """Bytes by which ``ADD SP, register`` raises the stack, as large frames are made on Armv6-M."""
        return self._made(body, at, word >> 3 & 0xF) if word & 0xFF87 == 0x4485 else None

    def _made(self, body: _Body, at: int, register: int) -> int | None:
        """What a register holds that the instructions right before have made of a constant; else None."""
        while (at := at - 2) in body:
            word, one = body[at]
            if one.size != 2 or one.kind not in (Kind.PLAIN, Kind.LOAD):
                return None
            if not one.writes >> register & 1:
                continue
            if word >> 8 == 0x48 | register:  # LDR register, [PC, ...]
                (value,) = self._code.words_at((at + 4 & ~3) + (word & 0xFF) * 4, 1)
                return value - (value >> 31 << 32)
            if word >> 8 == 0x20 | register:  # MOVS register, #...
                return word & 0xFF
            if word & 0xF83F == register << 3 | register:  # LSLS register, register, #...
                made = self._made(body, at, register)
                return None if made is None else made << (word >> 6 & 0x1F)
            return None
        return None

    def _after(self, start: int, one: Instruction, depth: int, *, anew: bool) -> int:
        if one.grows is None:
            if one.kind is Kind.UNKNOWN:
                raise _Unknown(f"{self.name(start)} has an instruction that is not known")
            if not anew:
                raise _Unknown(f"{self.name(start)} sets its stack by a register")
            return 0
        return max(0, depth + one.grows)


def _kept_in(word: int) -> int:
    """The register that ``MOV register, LR`` keeps the way back in, as assembly does; LR for other words."""
    return (word >> 4 & 8 | word & 7) if word & 0xFF78 == 0x4670 else LR


def _label(at: int, word: int, size: int) -> int | None:
    """The place that ADR makes the address of, Thumb bit removed; None for other words."""
    base = at + 4 & ~3
    if size == 2:
        return base + (word & 0xFF) * 4 if word >> 11 == 0b10100 else None
    offset = (word >> 26 & 1) << 11 | (word >> 12 & 7) << 8 | word & 0xFF
    signs = {0xF20F: 1, 0xF2AF: -1}
    sign = signs.get(word >> 16 & 0xFBFF)
    return None if sign is None or word >> 15 & 1 else base + sign * offset & ~1
