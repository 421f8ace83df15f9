"""Segments: neighbouring steps that run together by rows, so that nothing between them is ever there whole.

In every turn each step of a segment makes a few rows more, or in every few turns one: the first ones ahead of
the last by what windows reach down. All of that is linear in the turn: :class:`Pace`. Of a tensor between
them, a line, there are only the rows that a later call still reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from edgeq.backends.aot.placement import Overlap
from edgeq.backends.aot.step import Rows, Step
from edgeq.graph.model import Graph


@dataclass(frozen=True)
class Pace:
    """How many rows of ``height`` there are: ``start`` before the first turn, ``rate`` more each ``every``.

    A negative start is a number of rows that is waited for.
    """

    start: int
    rate: int
    height: int
    every: int = 1

    def due(self, turn: int) -> int:
        """Rows before a turn, were there as many as one likes: below 0 while some are waited for."""
        return self.start + self.rate * (turn // self.every)

    def before(self, turn: int) -> int:
        """Rows before a turn."""
        return min(max(self.due(turn), 0), self.height)


@dataclass(frozen=True)
class Line:
    """A tensor of which a segment has some rows.

    Attributes:
        tensor: its index.
        made: its rows.
        gone: those that nobody reads any more when a turn begins. The first row that is not due to be gone
            stands first in its bytes, also where there is none such, so that a turn's rows come where those
            of every turn do.
        row_bytes: bytes of a row.
        window: the most rows that are there at once.
        kept: the most that stay from one turn to the next.
        first, last: positions of the steps that make it, and that read it last in a turn.
    """

    tensor: int
    made: Pace
    gone: Pace
    row_bytes: int
    window: int
    kept: int
    first: int
    last: int

    @property
    def tail(self) -> int | None:
        """Where in its bytes the rows are that stay; None where that is not the same in every turn."""
        return self.gone.rate * self.row_bytes if self.made.every == self.gone.every else None


@dataclass(frozen=True)
class Segment:
    """Steps that run by rows.

    Attributes:
        first, last: their positions, both included.
        paces: the output rows of each; for one that gathers, the input rows that it has read.
        lines: the tensors between them.
        turns: how often each is called, at most.
        carried: those of the lines, by tensor, whose rows from turn to turn are kept elsewhere, so that the
            line has bytes only while it is made and read; the rows of another stay where they are.
        still: those of the carried whose rows may be kept where they lie when a turn ends.
        overlaps: by (target, source), how far the one may lie upon the other: of tensors that are whole
            outside of it, over all turns; of lines, within each.
    """

    first: int
    last: int
    paces: tuple[Pace, ...]
    lines: tuple[Line, ...]
    turns: int
    carried: frozenset[int] = frozenset()
    still: frozenset[int] = frozenset()
    overlaps: Mapping[tuple[int, int], Overlap] = field(default_factory=dict)


def stream(
    graph: Graph,
    steps: Sequence[Step],
    roots: Mapping[int, int],
    first: int,
    last: int,
    *,
    rows: Fraction | int,
    early: bool = False,
) -> Segment | None:
    """The steps from ``first`` to ``last`` as a segment; None where they cannot be one.

    Args:
        roots: by tensor, the tensor whose bytes it is.
        rows: those that the last step makes in a turn.
        early: whether rows that others need no longer wait for nobody: who reads them makes his rows before
            they are asked for, and these wait.
    """
    members = [(position, steps[position]) for position in range(first, last + 1)]
    found = [(position, step, step.rows) for position, step in members if step.rows is not None]
    if len(found) < len(members) or any(step.batches > 1 or step.output_offset for _, step, _ in found):
        return None
    inside = _inside(graph, steps, roots, first, last)
    if any(step.rows.gathers and step.outputs[0] in inside for _, step in members if step.rows):
        return None
    touched = {t for _, step in members for t in (*step.inputs, *step.outputs)}
    if not all(_has_rows(graph, t) for t in touched):
        return None
    rates = _rates(found, Fraction(rows))
    if rates is None:
        return None
    starts = _starts(found, inside, early=early)
    if starts is None:
        return None
    heights = {p: graph[s.inputs[0] if r.gathers else s.outputs[0]].shape[1] for p, s, r in found}
    round_ = max(rate.denominator for rate in rates.values())
    begin = round_ * floor(min(-starts[p] / rates[p] for p, _, _ in found) / round_)
    paces = {p: _pace(starts[p] + rates[p] * begin, rates[p], heights[p]) for p, _, _ in found}
    turns = max(pace.every * ceil((pace.height - pace.start) / pace.rate) for pace in paces.values())
    lines = tuple(_line(graph, found, paces, tensor, turns) for tensor in sorted(inside))
    return Segment(first, last, tuple(paces.values()), lines, turns)


def _pace(start: Fraction, rate: Fraction, height: int) -> Pace:
    return Pace(int(start), rate.numerator, height, rate.denominator)


_Members = list[tuple[int, Step, Rows]]


def _has_rows(graph: Graph, tensor: int) -> bool:
    shape = graph[tensor].shape
    return len(shape) == 4 and shape[0] == 1 and shape[1] > 0 and graph[tensor].dtype.numpy.itemsize == 1


def _inside(
    graph: Graph, steps: Sequence[Step], roots: Mapping[int, int], first: int, last: int
) -> frozenset[int]:
    """The tensors that only these steps touch, which none of them calls otherwise."""
    made = {t for step in steps[first : last + 1] for t in step.outputs}
    read = {t for step in steps[first : last + 1] for t in step.inputs}
    others = {
        roots[t]
        for position, step in enumerate(steps)
        if not first <= position <= last
        for t in (*step.inputs, *step.states, *step.outputs)
    }
    others |= {roots[t] for t in (*graph.inputs, *graph.outputs) if t not in graph.inputs or t not in made}
    others |= {roots[t] for step in steps[first : last + 1] for t in step.states}
    named = [t for t in made | read if roots[t] != t]
    others |= {roots[t] for t in named}
    return frozenset(t for t in made & read if roots[t] not in others)


def _rates(members: _Members, rows: Fraction) -> dict[int, Fraction] | None:
    """The output rows of each step in a turn, by its position, some or one in some; None where they do not go
    together.
    """
    known: dict[int, Fraction] = {}  # by tensor

    def agree(tensor: int, rate: Fraction) -> bool:
        return known.setdefault(tensor, rate) == rate

    position, step, form = members[-1]
    rates = {position: rows}
    while True:
        before = len(rates)
        for position, step, form in reversed(members):
            of_output = None if form.gathers else known.get(step.outputs[0])
            of_inputs = [known[t] / form.stride for t in step.inputs if t in known]
            rate = rates.get(position) or of_output or (of_inputs[0] if of_inputs else None)
            if rate is None:
                continue
            rates[position] = rate
            if not form.gathers and not agree(step.outputs[0], rate):
                return None
            if not all(agree(t, rate * form.stride) for t in step.inputs):
                return None
        if len(rates) == before:
            break
    parts = sorted({rate.denominator for rate in rates.values()})
    if len(rates) < len(members) or any(longer % shorter for shorter, longer in pairwise(parts)):
        return None
    if max(rates.values()) < 1 or any(min(rate.numerator, rate.denominator) > 1 for rate in rates.values()):
        return None
    return {position: rates[position] for position, _, _ in members}


def _starts(members: _Members, inside: frozenset[int], *, early: bool) -> dict[int, int] | None:
    """How far each step is ahead of the last, in rows of its output.

    Nobody runs further ahead than those who read him ask; whose output is whole reads what others read when
    they do.
    """
    starts: dict[int, int] = {}
    fronts: dict[int, int] = {}  # by tensor, the rows of it that are there

    def settle(position: int, step: Step, form: Rows, start: int) -> None:
        starts[position] = start
        for t in step.inputs:
            fronts[t] = max(fronts.get(t, form.behind(start)), form.behind(start))

    settle(*members[-1], 0)
    while len(starts) < len(members):
        before = len(starts)
        for position, step, form in reversed(members):
            if position in starts:
                continue
            readers = [p for p, s, _ in members if step.outputs[0] in s.inputs]
            if step.outputs[0] in inside and readers and not form.gathers:
                if all(p in starts for p in readers):
                    settle(position, step, form, fronts[step.outputs[0]])
                continue
            known = [fronts[t] for t in step.inputs if t in fronts]
            if known:
                settle(
                    position,
                    step,
                    form,
                    floor(Fraction(min(known) - form.extent + form.pad, form.stride)) + 1,
                )
        if len(starts) == before:
            return None
    if early:
        _hasten(members, starts, fronts)
    return starts


def _hasten(members: _Members, starts: dict[int, int], fronts: Mapping[int, int]) -> None:
    """Lets steps run so far ahead that nobody waits with rows of an input for them alone."""
    for position, step, form in members:
        others = [(p, s, r) for p, s, r in members if p != position]
        held = [[r.lowest(starts[p]) for p, s, r in others if t in s.inputs] for t in step.inputs]
        if form.gathers or not held or not all(held):
            continue
        wanted = ceil(Fraction(max(min(lowest) for lowest in held) + form.pad, form.stride))
        possible = (
            floor(Fraction(min(fronts[t] for t in step.inputs) - form.extent + form.pad, form.stride)) + 1
        )
        starts[position] = max(starts[position], min(wanted, possible))


def _line(graph: Graph, members: _Members, paces: Mapping[int, Pace], tensor: int, turns: int) -> Line:
    first = next(p for p, step, _ in members if tensor in step.outputs)
    readers = [(p, form) for p, step, form in members if tensor in step.inputs]
    made, height = paces[first], paces[first].height
    every = max(paces[p].every for p, _ in readers)
    rate = made.rate * every // made.every
    gone = Pace(min(form.lowest(paces[p].start) for p, form in readers), rate, height, every)
    there = [turn for turn in range(turns) if made.before(turn + 1) > gone.before(turn)]
    window = max(made.before(turn + 1) - gone.due(turn) for turn in there)
    stays = [turn for turn in range(1, turns + 1) if made.before(turn) > gone.before(turn)]
    kept = max((made.before(turn) - gone.due(turn) for turn in stays), default=0)
    row_bytes = graph[tensor].elements // height
    return Line(tensor, made, gone, row_bytes, window, kept, first, max(p for p, _ in readers))
