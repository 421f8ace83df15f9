"""How far a tensor may lie upon one that is read while it is made.

A distance is the target's offset less the source's. No byte may be written before its last reader has read
it, so reads and writes are listed in the order of their time: call by call, and where a kernel tells its
order (``block``, ``planes`` and ``inplace`` of a :class:`Step`), part by part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from edgeq.backends.aot.placement import ANY, Overlap
from edgeq.backends.aot.segment import Line, Segment
from edgeq.backends.aot.step import Block, Step
from edgeq.graph.model import Graph


def overlaps(
    graph: Graph, steps: Sequence[Step], roots: Mapping[int, int], segment: Segment
) -> dict[tuple[int, int], Overlap]:
    """By (target, source): pairs of tensors that are whole outside of a segment, and pairs of lines.

    A line lies upon a line within each turn, other tensors over all turns.
    """
    lines = {line.tensor: line for line in segment.lines}
    members = range(segment.first, segment.last + 1)
    made = {steps[p].outputs[0]: p for p in members}
    found = {}
    for target, maker in made.items():
        for source in {t for p in members for t in steps[p].inputs} - {target}:
            if (target in lines) != (source in lines) or roots[target] == roots[source]:
                continue
            if target in lines and (maker != lines[source].last or source not in steps[maker].inputs):
                continue
            overlap = _Walk(graph, steps, segment, lines, maker, target, source).overlap()
            if overlap is not None:
                found[roots[target], roots[source]] = overlap
    return found


@dataclass(frozen=True)
class _Walk:
    graph: Graph
    steps: Sequence[Step]
    segment: Segment
    lines: Mapping[int, Line]
    maker: int
    target: int
    source: int

    def overlap(self) -> Overlap | None:
        """Where the target may lie; None for nowhere but beside the source."""
        step = self.steps[self.maker]
        most = self._most()
        if self._is_in_place:
            distances = set(self._distances())
            at = distances.pop() if len(distances) == 1 else most + 1
            return Overlap(at, exactly=True) if at <= most else None
        if step.planes and self.source in step.inputs:
            pixels = {self.graph[t].shape[-1] for t in (self.source, self.target)}
            return Overlap(most, pixels.pop()) if len(pixels) == 1 else None
        return Overlap(most)

    @property
    def _is_in_place(self) -> bool:
        step = self.steps[self.maker]
        where = {i for i, tensor in enumerate(step.inputs) if tensor == self.source}
        return bool(where) and where <= set(step.inplace)

    def _most(self) -> int:
        """The largest distance at which nothing is written too early."""
        turns = [list(self._accesses(turn)) for turn in range(self.segment.turns)]
        if self.target not in self.lines:
            turns = [[access for turn in turns for access in turn]]
        most = ANY
        for accesses in turns:
            lowest = ANY
            for read, byte in reversed(accesses):
                if read:
                    lowest = min(lowest, byte)
                else:
                    most = min(most, lowest - byte)
        return most

    def _accesses(self, turn: int) -> Iterator[tuple[bool, int]]:
        """Reads of the source with their lowest bytes, and writes of the target with the ends of theirs."""
        for position in range(self.segment.first, self.segment.last + 1):
            rows, step = self._rows(position, turn), self.steps[position]
            if not rows:
                continue
            reads = self.source in step.inputs
            line = self.lines.get(self.target) if position == self.maker else None
            if line is not None and rows[0] > line.gone.before(turn):
                yield False, self._written(position, rows[0], turn)
            if position != self.maker:
                if reads:
                    yield True, self._read(position, rows[0], turn)
            elif reads and step.block is not None:
                yield from self._pixels(position, step.block, rows, turn)
            else:
                first_read = self._is_in_place or len(rows) <= step.planes
                if reads and first_read:
                    yield True, self._read(position, rows[0], turn)
                yield False, self._written(position, rows[-1] + 1, turn)
                if reads and not first_read:
                    yield True, self._read(position, rows[0], turn)

    def _pixels(self, position: int, block: Block, rows: range, turn: int) -> Iterator[tuple[bool, int]]:
        _, _, width, channels = self.graph[self.target].shape
        of_source = self.graph[self.source].shape[-1]
        at, end = rows[0] * width, (rows[-1] + 1) * width
        base = self._start(self.target, turn) * width
        while at < end:
            count = block.pixels if end - at >= block.pixels else 1
            columns: dict[int, int] = {}
            for pixel in (at, at + count - 1):
                columns.setdefault(pixel // width, pixel % width)
            if len(columns) > 1:
                columns[max(columns)] = 0
            lowest = min(
                self._read(position, row, turn) + max(column * block.stride - block.pad, 0) * of_source
                for row, column in columns.items()
            )
            at += count
            yield True, lowest
            yield False, (at - base) * channels

    def _distances(self) -> Iterator[int]:
        """From the target to the source, where each call has its output where its input is."""
        for turn in range(self.segment.turns):
            rows = self._rows(self.maker, turn)
            if rows:
                target = self._written(self.maker, rows[0], turn)
                yield self._read(self.maker, rows[0], turn) - target

    def _rows(self, position: int, turn: int) -> range:
        pace = self.segment.paces[position - self.segment.first]
        return range(pace.before(turn), pace.before(turn + 1))

    def _start(self, tensor: int, turn: int) -> int:
        """The row with which the tensor's bytes begin."""
        return self.lines[tensor].gone.due(turn) if tensor in self.lines else 0

    def _read(self, position: int, row: int, turn: int) -> int:
        """The lowest byte of the source that an output row of a step reads."""
        form = self.steps[position].rows
        lowest = row if form is None else max(form.lowest(row), 0)
        return (lowest - self._start(self.source, turn)) * self._pitches[self.source]

    def _written(self, position: int, rows: int, turn: int) -> int:
        """The end of the target's first rows."""
        form = self.steps[position].rows
        if form is not None and form.gathers:
            return self.graph[self.target].elements
        return (rows - self._start(self.target, turn)) * self._pitches[self.target]

    @cached_property
    def _pitches(self) -> dict[int, int]:
        """Bytes of a row."""
        return {t: self.graph[t].elements // self.graph[t].shape[1] for t in (self.target, self.source)}
