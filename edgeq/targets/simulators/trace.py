"""What a simulated core executed while it counted: which straight-line code, and how often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgeq.boards.timing import Timing
from edgeq.boards.timing.thumb import count_instructions, size_at

Code = Callable[[int, int], bytes | bytearray]
"""The bytes of memory from an address to another."""


@dataclass(frozen=True)
class Run:
    """Straight-line code, from its address to the one behind it; ``taken``: it went elsewhere than on."""

    start: int
    end: int
    taken: bool


@dataclass(frozen=True)
class Section:
    """What was executed from one entry into the watched code to the next.

    Attributes:
        entry: the address at which the watched code was entered; None for what came before the first entry.
        runs: how often each was run through.
    """

    entry: int | None
    runs: Mapping[Run, int]

    def instructions(self, code: Code) -> int:
        """How many were executed."""
        return sum(count_instructions(code(run.start, run.end)) * n for run, n in self.runs.items())

    def cycles(self, code: Code, timing: Timing) -> int | None:
        """What they take by a core's timings, estimated; None where some of them are not timed."""
        total = 0
        for run, times in self.runs.items():
            following = b"" if run.taken else code(run.end, run.end + 4)
            following = following[: size_at(following)] if following else b""
            cycles = timing.block(code(run.start, run.end), run.start, taken=run.taken, following=following)
            if cycles is None:
                return None
            total += cycles * times
        return total


@dataclass(frozen=True)
class Executed:
    """What was executed from one entry into the watched code to the next.

    Attributes:
        entry: as :class:`Section`.
        instructions: how many.
        cycles: estimated; None where the core has no timings.
    """

    entry: int | None
    instructions: int
    cycles: int | None


class Recorder:
    """Records blocks as Unicorn enters them.

    Args:
        watched: addresses at whose blocks a new section begins.
    """

    def __init__(self, watched: range) -> None:
        self._low, self._high = watched.start, watched.stop
        self._sections: list[tuple[int | None, defaultdict[tuple[tuple[int, int], int], int]]] = []
        self._last = (0, 0)

    def begin(self) -> Callable[[Any, int, int, Any], None]:
        """Forgets what was; the hook that is told of each block."""
        low, high, sections = self._low, self._high, self._sections
        sections.clear()
        blocks: defaultdict[tuple[tuple[int, int], int], int] = defaultdict(int)
        sections.append((None, blocks))
        last: tuple[int, int] | None = None

        def on_block(_uc: Any, address: int, size: int, _data: Any) -> None:  # called millions of times
            nonlocal last, blocks
            if last is not None:
                blocks[last, address] += 1
            if low <= address < high:
                blocks = defaultdict(int)
                sections.append((address, blocks))
            last = self._last = (address, size)

        return on_block

    def end(self, begun: int, stopped: int, code: Code) -> tuple[Section, ...]:
        """What was executed behind the instruction at ``begun`` until before the one at ``stopped``."""
        sections: list[Section] = []
        for entry, blocks in self._sections:
            runs: Counter[Run] = Counter()
            for ((start, size), following), times in blocks.items():
                runs[Run(start, start + size, following != start + size)] += times
            sections.append(Section(entry, runs))
        runs = Counter(sections[0].runs)
        whole = next((run for run in runs if run.start == begun), None)
        behind = begun + size_at(code(begun, begun + 2))
        if whole is not None:  # the block of the instruction that began it all
            runs[whole] -= 1
            runs[Run(behind, whole.end, whole.taken)] += 1
        sections[0] = Section(None, +runs)
        start = behind if self._last[0] == begun else self._last[0]
        if start < stopped:
            last = Counter(sections[-1].runs)
            last[Run(start, stopped, taken=False)] += 1
            sections[-1] = Section(sections[-1].entry, last)
        return tuple(sections)
