"""A simulator of the arena, byte by byte: every byte knows whose it is.

It runs a plan step by step, by rows where they run by rows, and in the order that kernels tell of
themselves. A byte that is read must be the one that its maker wrote; scratch, when a step begins, is
nobody's any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from edgeq.backends.aot.feeding import is_fed
from edgeq.backends.aot.plan import Plan
from edgeq.backends.aot.segment import Line, Segment
from edgeq.backends.aot.step import Step
from edgeq.graph import Graph

_SCRATCH = -1 << 50


def walk(
    graph: Graph,
    steps: Sequence[Step],
    aliases: Mapping[int, int],
    plan: Plan,
    segments: Sequence[Segment] = (),
) -> None:
    """Runs a plan; fails where a byte is read that is another's."""
    _Walk(graph, steps, aliases, plan, segments).run()


class _Walk:
    def __init__(
        self,
        graph: Graph,
        steps: Sequence[Step],
        aliases: Mapping[int, int],
        plan: Plan,
        segments: Sequence[Segment],
    ) -> None:
        self.graph, self.steps, self.aliases, self.plan = graph, steps, aliases, plan
        self.segments = {segment.first: segment for segment in segments}
        self.bytes = np.full(plan.arena, _SCRATCH, np.int64)

    def run(self) -> None:
        fed = {tensor for step in self.steps if is_fed(step) for tensor in step.outputs}
        for tensor in self.graph.inputs:
            if tensor not in fed:
                self.write(tensor)
        position = 0
        while position < len(self.steps):
            segment = self.segments.get(position)
            if segment is None:
                self.whole(position)
                position += 1
            else:
                self.by_rows(segment)
                position = segment.last + 1
        for tensor in self.graph.outputs:
            self.check(tensor)

    def root(self, tensor: int) -> int:
        while tensor in self.aliases:
            tensor = self.aliases[tensor]
        return tensor

    def tags(self, tensor: int, first: int = 0, count: int | None = None) -> np.ndarray:
        """What a tensor's bytes are known by."""
        size = self.graph[tensor].elements * self.graph[tensor].dtype.numpy.itemsize
        return np.arange(first, first + (size if count is None else count)) + (self.root(tensor) << 32)

    def place(self, tensor: int) -> slice:
        offset, size = self.plan.offsets[tensor], len(self.tags(tensor))
        assert offset % 4 == 0
        assert 0 <= offset <= offset + size <= self.plan.arena
        return slice(offset, offset + size)

    def write(self, tensor: int) -> None:
        self.bytes[self.place(tensor)] = self.tags(tensor)

    def check(self, tensor: int) -> None:
        assert np.array_equal(self.bytes[self.place(tensor)], self.tags(tensor)), tensor

    # Whole steps.

    def whole(self, position: int) -> None:
        step = self.steps[position]
        self.scratch(position)
        for tensor in (*step.inputs, *step.states):
            self.check(tensor)  # scratch has touched none
        upon = {t for t in step.inputs if self.meets(t, step)}
        if upon and step.block is not None:
            shape = self.graph[step.outputs[0]].shape
            places = self.plan.offsets[step.inputs[0]], self.plan.offsets[step.outputs[0]]
            self.pixels(step, range(shape[1]), *places)
        elif not step.output_offset:
            assert all(self.plan.offsets[t] == self.plan.offsets[step.outputs[0]] for t in upon)
            assert all(i in step.inplace for i, t in enumerate(step.inputs) if t in upon)
            for tensor in step.outputs:
                self.write(tensor)
        self.scratch_is_free(position)
        for tensor in step.inputs:
            if tensor not in upon and not any(self.root(tensor) == self.root(t) for t in upon):
                self.check(tensor)  # the output has touched none but those that it may

    def meets(self, tensor: int, step: Step) -> bool:
        """Whether an output lies upon an input, in part."""
        if not step.outputs or self.root(tensor) == self.root(step.outputs[0]):
            return False
        one, other = self.place(tensor), self.place(step.outputs[0])
        return one.start < other.stop and other.start < one.stop

    def scratch(self, position: int) -> None:
        step, offset = self.steps[position], self.plan.scratch[position]
        if step.scratch:
            assert offset % 4 == 0
            assert 0 <= offset <= offset + step.scratch <= self.plan.arena
            self.bytes[offset : offset + step.scratch] = _SCRATCH - position

    def scratch_is_free(self, position: int) -> None:
        step, offset = self.steps[position], self.plan.scratch[position]
        if step.scratch:
            assert (self.bytes[offset : offset + step.scratch] == _SCRATCH - position).all()

    # Steps by rows.

    def by_rows(self, segment: Segment) -> None:
        members = range(segment.first, segment.last + 1)
        for turn in range(segment.turns):
            for position in members:
                self.turn(segment, position, turn)
        for position, pace in zip(members, segment.paces, strict=True):
            form = self.steps[position].rows
            assert form is not None
            assert pace.before(0) == 0
            assert pace.before(segment.turns) == pace.height
        inside = {line.tensor for line in segment.lines}
        for position in members:
            for tensor in self.steps[position].outputs:
                if tensor not in inside and not self.is_overwritten(tensor, segment):
                    self.check(tensor)

    def is_overwritten(self, tensor: int, segment: Segment) -> bool:
        """Whether it dies in its own segment; then its readers have checked it."""
        return not any(tensor in step.inputs for step in self.steps[segment.last + 1 :]) and self.root(
            tensor
        ) not in {self.root(t) for t in self.graph.outputs}

    def turn(self, segment: Segment, position: int, turn: int) -> None:
        step, pace = self.steps[position], segment.paces[position - segment.first]
        lines = {line.tensor: line for line in segment.lines}
        for line in segment.lines:
            if line.last == position and line.tensor in self.plan.kept:
                self.keep(line, turn)
        for line in segment.lines:
            if line.first == position and line.kept:
                self.begin(line, turn)
        rows = range(pace.before(turn), pace.before(turn + 1))
        if not rows:
            return
        form = step.rows
        assert form is not None
        if not form.gathers or rows[0] == 0:
            self.scratch(position)
        bands = {t: self.band(step, t, rows, lines.get(t), turn) for t in step.inputs}
        for tensor, (first, count, at) in bands.items():
            self.reads(tensor, first, count, at)
        if form.gathers:
            if rows[-1] + 1 == pace.height:
                self.write(step.outputs[0])
        else:
            self.writes(segment, position, rows, bands, turn)
        self.scratch_is_free(position)

    def pitch(self, tensor: int) -> int:
        return self.graph[tensor].elements // self.graph[tensor].shape[1]

    def band(
        self, step: Step, tensor: int, rows: range, line: Line | None, turn: int
    ) -> tuple[int, int, int]:
        """The rows of an input that a call reads: the first, how many, and where row 0 would be."""
        form, height = step.rows, self.graph[tensor].shape[1]
        assert form is not None
        first = max(form.lowest(rows[0]), 0)
        end = min(form.behind(rows[-1] + 1), height)
        assert first < end
        return first, end - first, self.base(tensor, line, turn)

    def base(self, tensor: int, line: Line | None, turn: int) -> int:
        gone = 0 if line is None else line.gone.due(turn)
        if line is not None and line.made.before(turn + 1) > line.gone.before(turn):
            assert line.made.before(turn + 1) - gone <= line.window
        return self.plan.offsets[tensor] - gone * self.pitch(tensor)

    def reads(self, tensor: int, first: int, count: int, base: int) -> None:
        """Rows of a tensor are there."""
        pitch = self.pitch(tensor)
        found = self.bytes[base + first * pitch : base + (first + count) * pitch]
        assert np.array_equal(found, self.tags(tensor, first * pitch, count * pitch)), (tensor, first)

    def writes(
        self,
        segment: Segment,
        position: int,
        rows: range,
        bands: Mapping[int, tuple[int, int, int]],
        turn: int,
    ) -> None:
        """In the order that the kernel tells; where it tells none, what is read must stay."""
        step = self.steps[position]
        target = step.outputs[0]
        line = next((one for one in segment.lines if one.tensor == target), None)
        base, pitch = self.base(target, line, turn), self.pitch(target)
        span = slice(base + rows[0] * pitch, base + (rows[-1] + 1) * pitch)
        assert 0 <= span.start < span.stop <= self.plan.arena
        if line is not None:
            assert span.stop <= self.plan.offsets[target] + line.window * pitch
        if step.block is not None:
            self.pixels(step, rows, bands[step.inputs[0]][2], base)
        elif step.planes >= len(rows):
            self.by_planes(step, rows, bands[step.inputs[0]], base)
        else:
            self.bytes[span] = self.tags(target, rows[0] * pitch, len(rows) * pitch)
            for i, tensor in enumerate(step.inputs):
                first, count, at = bands[tensor]
                row = self.pitch(tensor)
                same = at + first * row == span.start and count * row == span.stop - span.start
                if not (i in step.inplace and same):
                    self.reads(tensor, first, count, at)

    def pixels(self, step: Step, rows: range, source_base: int, base: int) -> None:
        """Block by block: every window is there when its block begins."""
        source, target, form, block = step.inputs[0], step.outputs[0], step.rows, step.block
        assert form is not None
        assert block is not None
        _, height, width, depth = self.graph[source].shape
        _, _, columns, channels = self.graph[target].shape
        reach = (int(step.params["kernel_width"] or 0) - 1) * int(step.params["dilation_width"] or 0) + 1
        at, end = rows[0] * columns, (rows[-1] + 1) * columns
        while at < end:
            count = block.pixels if end - at >= block.pixels else 1
            for pixel in range(at, at + count):
                y, x = divmod(pixel, columns)
                left, right = x * block.stride - block.pad, x * block.stride - block.pad + reach
                left, right = max(left, 0), min(right, width)
                for row in range(max(form.lowest(y), 0), min(form.behind(y + 1), height)):
                    first = (row * width + left) * depth
                    found = self.bytes[source_base + first : source_base + (row * width + right) * depth]
                    assert np.array_equal(found, self.tags(source, first, len(found))), (source, y, x)
            span = slice(base + at * channels, base + (at + count) * channels)
            self.bytes[span] = self.tags(target, at * channels, count * channels)
            at += count

    def by_planes(self, step: Step, rows: range, band: tuple[int, int, int], base: int) -> None:
        """Channel by channel: all rows of it are there when it begins."""
        source, target = step.inputs[0], step.outputs[0]
        first, count, at = band
        channels, row, pitch = self.graph[target].shape[-1], self.pitch(source), self.pitch(target)
        read = np.arange(first * row, (first + count) * row)
        made = np.arange(rows[0] * pitch, (rows[-1] + 1) * pitch)
        for lanes in range(0, channels, 4):
            of = [x[(x % channels >= lanes) & (x % channels < lanes + 4)] for x in (read, made)]
            assert np.array_equal(self.bytes[at + of[0]], self.tags(source)[of[0]]), (source, rows[0])
            self.bytes[base + of[1]] = self.tags(target)[of[1]]

    # Lines.

    def is_idle(self, line: Line, turn: int) -> bool:
        return (turn + 1) % line.made.every > 0

    def keep(self, line: Line, turn: int) -> None:
        if self.is_idle(line, turn):
            return
        after, due = line.gone.before(turn + 1), line.gone.due(turn + 1)
        stay = max(line.made.before(turn + 1) - after, 0)
        assert stay == 0 or stay + after - due <= line.kept
        self.reads(line.tensor, after, stay, self.base(line.tensor, line, turn))
        self.copy(line, after, stay, self.plan.kept[line.tensor] - due * line.row_bytes)

    def begin(self, line: Line, turn: int) -> None:
        gone, due = line.gone.before(turn), line.gone.due(turn)
        stay = max(line.made.before(turn) - gone, 0)
        if self.is_idle(line, turn):
            return
        if line.tensor in self.plan.kept:
            source = self.plan.kept[line.tensor] - due * line.row_bytes
        else:
            source = self.base(line.tensor, line, turn - line.made.every)
        self.reads(line.tensor, gone, stay, source)
        self.copy(line, gone, stay, self.base(line.tensor, line, turn))

    def copy(self, line: Line, first: int, rows: int, base: int) -> None:
        at, size = first * line.row_bytes, rows * line.row_bytes
        self.bytes[base + at : base + at + size] = self.tags(line.tensor, at, size)
