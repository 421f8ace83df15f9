"""Which steps run by rows: those that need more memory than there shall be, as few and as cheap as will do.

The steps, in their order, are parted into single ones and segments. A part's need is what lives while it
runs, its cost the instructions that it takes beyond the fastest kernels without large code. Under a cap on
needs the cheapest parting is found by dynamic programming; the cap is lowered until there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from edgeq.backends.aot.feeding import is_fed
from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import candidates_of
from edgeq.backends.aot.overlap import overlaps
from edgeq.backends.aot.placement import ANY, align
from edgeq.backends.aot.plan import Plan, needs, plan, roots_of
from edgeq.backends.aot.segment import Segment, stream
from edgeq.backends.aot.step import Step
from edgeq.base.errors import ModelError

LONGEST = 16
"""Steps of a segment, at most."""
ROWS = (Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4))
"""Rows that the last step of a segment makes in a turn, or of which it makes one in some turns."""
CALLS = (1, 2, 4)
"""Rows of a call for which kernels are chosen."""
_BANS = 4
"""Segments that are left out, one after the other, where placing is worse than their needs."""
_CALL = 160
"""Instructions of a call for some rows, beside its kernel's."""
_MOVE = 0.5
"""Instructions of a byte that is moved."""
_SINGLE = 0.5
"""What a pixel takes more that no block has, as a part of what it takes in one."""


@dataclass(frozen=True)
class Parted:
    """Steps, those of them that run by rows, and what lies where.

    Attributes:
        cost: instructions beyond the fastest kernels without large code, as a part of those.
    """

    steps: tuple[Step, ...]
    segments: tuple[Segment, ...]
    plan: Plan
    cost: float


@dataclass(frozen=True)
class _Part:
    steps: tuple[Step, ...]
    segment: Segment | None
    cost: float
    need: int


class Streaming:
    """The partings of steps.

    Args:
        lowerable: their graph.
        steps: in their order, with the fastest kernels without large code.
        fast: by operator, with the fastest kernels of all.
        lean: by the rows of a call, by operator, with the least scratch.
    """

    def __init__(
        self,
        lowerable: Lowerable,
        steps: tuple[Step, ...],
        fast: Mapping[int, tuple[Step, ...]],
        lean: Mapping[int, Mapping[int, tuple[Step, ...]]],
    ) -> None:
        self._lowerable, self._steps = lowerable, steps
        self._roots = roots_of(lowerable.graph, lowerable.aliases)
        self._lean = {rows: [_alike(step, one) for step in steps] for rows, one in lean.items()}
        self._fast = [_alike(step, fast) for step in steps]
        self._costs = {
            id(step): self._cost(step) for some in (steps, self._fast, *self._lean.values()) for step in some
        }
        self._total = max(sum(self._costs[id(step)] for step in steps), 1.0)
        self._singles = [list(self._single(place)) for place in range(len(steps))]
        self._segments: dict[tuple[int, int], list[_Part]] = {}

    def within(self, room: int) -> Parted | None:
        """The cheapest steps whose arena has no more bytes than there is room for; None where none has."""
        cap = room
        while (parts := self._cheapest(cap)) is not None:
            found = self._settled(parts, cap, 1.0)
            if found.plan.arena <= room:
                return found
            cap = max(part.need for part in parts) - 1
        return None

    def least(self, most: float) -> Parted:
        """The steps with the smallest arena of those that cost no more than a part ``most``."""
        found: list[tuple[list[_Part], int]] = []
        best, cap = None, ANY
        while (parts := self._cheapest(cap)) is not None:
            if found and sum(part.cost for part in parts) > most * self._total:
                break
            found.append((parts, cap))
            cap = max(part.need for part in parts) - 1
        for parts, cap in reversed(found):
            if best is not None and max(part.need for part in parts) >= best.plan.arena:
                break
            settled = self._settled(parts, cap, most)
            if best is None or settled.plan.arena < best.plan.arena:
                best = settled
        if best is None:
            raise ModelError("what reads the model's input does not run by rows", "leave out --input rows")
        return best

    def _settled(self, parts: list[_Part], cap: int, most: float) -> Parted:
        """Parts as they are placed; where they need more together than alone, without some segments."""
        best, banned = self._parted(parts), frozenset[tuple[int, int]]()
        for _ in range(_BANS):
            if best.plan.arena <= align(best.plan.lower_bound, 4):
                break
            tried = []
            for segment in best.segments:
                without = banned | {(segment.first, segment.last)}
                others = self._cheapest(cap, without)
                if others is not None and sum(part.cost for part in others) <= most * self._total:
                    tried.append((self._parted(others), without))
            if not tried:
                break
            found, without = min(tried, key=lambda one: one[0].plan.arena)
            if found.plan.arena >= best.plan.arena:
                break
            best, banned = found, without
        return best

    def _parted(self, parts: list[_Part]) -> Parted:
        steps = tuple(step for part in parts for step in part.steps)
        segments = tuple(part.segment for part in parts if part.segment is not None)
        placed = plan(self._lowerable.graph, steps, self._lowerable.aliases, segments)
        return Parted(steps, segments, placed, sum(part.cost for part in parts) / self._total)

    def _cheapest(self, cap: int, banned: frozenset[tuple[int, int]] = frozenset()) -> list[_Part] | None:
        """The parts that need no more than ``cap`` bytes, of the least cost, without some segments."""
        best: list[tuple[float, list[_Part]] | None] = [(0.0, [])]
        for end in range(1, len(self._steps) + 1):
            found: tuple[float, list[_Part]] | None = None
            for first in range(max(0, end - LONGEST), end):
                before = best[first]
                if before is None or (found is not None and before[0] >= found[0]):
                    continue
                for part in self._parts(first, end - 1, cap):
                    cost = before[0] + part.cost
                    if part.segment is not None and (first, end - 1) in banned:
                        continue
                    if part.need <= cap and (found is None or cost < found[0]):
                        found = cost, [*before[1], part]
            best.append(found)
        last = best[-1]
        return None if last is None else last[1]

    def _parts(self, first: int, last: int, cap: int) -> Iterator[_Part]:
        if first == last and not is_fed(self._steps[first]):
            yield from self._singles[first]
        hot = is_fed(self._steps[first]) or any(
            self._singles[place][0].need > cap for place in range(first, last + 1)
        )
        if hot:  # else they may as well run alone
            if (first, last) not in self._segments:
                self._segments[first, last] = list(self._streamed(first, last))
            yield from self._segments[first, last]

    def _single(self, place: int) -> Iterator[_Part]:
        usual = self._costs[id(self._steps[place])]
        for step in {
            id(s): s for s in (self._steps[place], self._fast[place], self._lean[1][place])
        }.values():
            steps = (*self._steps[:place], step, *self._steps[place + 1 :])
            need = needs(self._lowerable.graph, steps, self._lowerable.aliases)[place + 1]
            yield _Part((step,), None, self._costs[id(step)] - usual, need)

    def _streamed(self, first: int, last: int) -> Iterator[_Part]:
        if any(step.rows is None for step in self._lean[1][first : last + 1]):
            return
        seen = set()
        for rows, early in product(ROWS, (False, True)):
            steps = (*self._steps[:first], *self._lean[1][first : last + 1], *self._steps[last + 1 :])
            segment = stream(self._lowerable.graph, steps, self._roots, first, last, rows=rows, early=early)
            if segment is None or segment.turns < 2 or _is_whole(steps[first], segment):
                continue
            if segment.paces in seen:
                continue
            seen.add(segment.paces)
            members = tuple(
                self._for_rows(place, pace.rate) for place, pace in enumerate(segment.paces, first)
            )
            steps = (*self._steps[:first], *members, *self._steps[last + 1 :])
            found = overlaps(self._lowerable.graph, steps, self._roots, segment)
            segment = replace(segment, overlaps=found)
            usual = sum(self._costs[id(step)] for step in self._steps[first : last + 1])
            for way, need in self._ways(steps, segment):
                yield _Part(members, way, self._streamed_cost(members, way) - usual, need)

    def _for_rows(self, place: int, rows: int) -> Step:
        return self._lean[min((one for one in self._lean if one >= rows), default=max(self._lean))][place]

    def _ways(self, steps: tuple[Step, ...], segment: Segment) -> Iterator[tuple[Segment, int]]:
        """A segment with lines that stay where they are, and with lines that are carried, and what it needs.

        A carried line has the rows that stay kept where they lie, if it is at the peak: there is room beside
        the bytes that all lines share for one or two such.
        """
        yield segment, max(self._needs(steps, segment))
        if not segment.lines:
            return
        way = replace(segment, carried=frozenset(line.tensor for line in segment.lines))
        found = self._needs(steps, way)
        while True:
            yield way, max(found)
            peak = segment.first + found.index(max(found))
            others = [
                replace(way, still=way.still | {line.tensor})
                for line in segment.lines
                if line.first <= peak <= line.last and line.tail is not None and line.kept
            ]
            better = [(self._needs(steps, other), other) for other in others if other.still != way.still]
            smallest = min(better, key=lambda one: max(one[0]), default=None)
            if smallest is None or max(smallest[0]) >= max(found):
                return
            found, way = smallest

    def _needs(self, steps: tuple[Step, ...], segment: Segment) -> list[int]:
        found = needs(self._lowerable.graph, steps, self._lowerable.aliases, (segment,))
        return found[segment.first + 1 : segment.last + 2]

    def _streamed_cost(self, members: tuple[Step, ...], segment: Segment) -> float:
        cost = 0.0
        for step, pace in zip(members, segment.paces, strict=True):
            whole, turns = self._costs[id(step)], -(-pace.height // pace.rate)
            cost += whole + _CALL * turns
            if step.block is not None:
                _, height, width, _ = self._lowerable.graph[step.outputs[0]].shape
                alone = turns * (pace.rate * width % step.block.pixels)
                cost += _SINGLE * whole * alone / (height * width)
            elif step.planes and pace.rate % 2:
                cost += whole / pace.rate
        for line in segment.lines:
            moves = 2 if line.tensor in segment.carried - segment.still else 1
            turns = segment.turns // line.made.every
            cost += _MOVE * moves * turns * line.kept * line.row_bytes
        return cost

    def _cost(self, step: Step) -> float:
        """The instructions of a step, as its candidate says; 0 where there is none."""
        graph, target = self._lowerable.graph, self._lowerable.target
        if is_fed(step):
            return 0.0
        for one in candidates_of(graph, step.operator, target):
            if (one.kernel, one.scratch) == (step.kernel, step.scratch or 0):
                return one.instructions * step.batches
        return 0.0


def _alike(step: Step, lowered: Mapping[int, tuple[Step, ...]]) -> Step:
    """The step of the same place in another lowering of its operator."""
    found = [one for one in lowered[step.operator] if one.outputs == step.outputs]
    return found[0] if len(found) == 1 and found[0].inputs == step.inputs else step


def _is_whole(step: Step, segment: Segment) -> bool:
    """Whether the input would be there as a whole, though it comes by rows."""
    return is_fed(step) and step.outputs[0] not in {line.tensor for line in segment.lines}
