"""Where every tensor lives: one arena, planned offline, activations sharing bytes by lifetime.

A buffer is a tensor with all its aliases, the rows of a line, or the scratch of one step. Buffers whose
lifetimes meet must not overlap, except where one may lie upon the other (``overlap``). The turns of a segment
are one time: what lives in one step of it has its bytes back before that step's next turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from weakref import WeakKeyDictionary

from edgeq.backends.aot.overlap import overlaps
from edgeq.backends.aot.placement import ANYWHERE, EXACTLY, Buffer, Overlap, place
from edgeq.backends.aot.segment import Segment, stream
from edgeq.backends.aot.step import Step
from edgeq.graph.model import Graph


@dataclass(frozen=True)
class Plan:
    """The arena.

    Attributes:
        offsets: by tensor index, for every activation that a step or the host touches: of a line, of the rows
            that are there.
        scratch: offset of each step's scratch, by the step's position; -1 without.
        arena: its size in bytes.
        live_peak: the largest sum of activations that live at once, in bytes, without scratch.
        scratch_peak: the largest scratch of a step, in bytes.
        lower_bound: bytes that no plan can go below.
        buffers: everything that is placed, with its time: tensors, and each step's scratch.
        kept: by tensor index, where the rows of a carried line are from turn to turn.
    """

    offsets: Mapping[int, int]
    scratch: tuple[int, ...]
    arena: int
    live_peak: int
    scratch_peak: int
    lower_bound: int
    buffers: tuple[Placed, ...] = ()
    kept: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """Bytes of the arena that are in use from step ``first`` to step ``last``, both included.

    Attributes:
        tensor: whose they are; None for scratch.
    """

    offset: int
    size: int
    first: int
    last: int
    tensor: int | None


def plan(
    graph: Graph, steps: tuple[Step, ...], aliases: Mapping[int, int], segments: Sequence[Segment] = ()
) -> Plan:
    """Plans the arena for these steps.

    Model inputs live from before the first step, model outputs until after the last, and variables always.

    Args:
        aliases: by tensor, the tensor whose bytes it is.
        segments: those of the steps that run by rows.
    """
    roots = roots_of(graph, aliases)
    made = _Buffers(graph, steps, roots, segments)
    bound = max(_needed(made.buffers, len(steps)), default=0)
    arena, offsets = place(made.buffers, bound)
    whole = [made.buffers[i] for i in (*made.tensors.values(), *made.kept.values())]
    return Plan(
        offsets={
            tensor: offsets[made.tensors[root]] for tensor, root in roots.items() if root in made.tensors
        },
        scratch=tuple(offsets[made.scratches[i]] if i in made.scratches else -1 for i in range(len(steps))),
        arena=arena,
        live_peak=max(_alive_bytes(whole, len(steps)), default=0),
        scratch_peak=max((step.scratch or 0 for step in steps), default=0),
        lower_bound=bound,
        buffers=_placed(made, offsets),
        kept={tensor: offsets[position] for tensor, position in made.kept.items()},
    )


def needs(
    graph: Graph, steps: tuple[Step, ...], aliases: Mapping[int, int], segments: Sequence[Segment] = ()
) -> list[int]:
    """What lives, scratch included, when everything that may be overlaid is: before the first step, at each,
    and after the last, in bytes.
    """
    return _needed(_Buffers(graph, steps, roots_of(graph, aliases), segments).buffers, len(steps))


def roots_of(graph: Graph, aliases: Mapping[int, int]) -> dict[int, int]:
    """The tensor whose bytes each activation is."""
    roots: dict[int, int] = {}
    for index, tensor in enumerate(graph.tensors):
        if tensor.is_constant and index not in graph.outputs:
            continue
        root = index
        while root in aliases:
            root = aliases[root]
        roots[index] = root
    return roots


class _Buffers:
    """All buffers; their positions by root tensor, by step for scratch, by line for what it keeps."""

    def __init__(
        self, graph: Graph, steps: tuple[Step, ...], roots: Mapping[int, int], segments: Sequence[Segment]
    ) -> None:
        self._graph, self._steps, self._roots, self._segments = graph, steps, roots, segments
        self._lines = {line.tensor: (line, segment) for segment in segments for line in segment.lines}
        self._spans = self._live()
        self.tensors = {root: position for position, root in enumerate(self._spans)}
        self.scratches: dict[int, int] = {}
        self.kept: dict[int, int] = {}
        over: dict[int, dict[int, Overlap]] = {}
        for (target, source), overlap in self._overlays():
            over.setdefault(target, {})[self.tensors[source]] = overlap
        self.buffers = [
            Buffer(self._bytes(root), first, last, over.get(root, {}), self._element(root))
            for root, (first, last) in self._spans.items()
        ]
        for line, segment in self._lines.values():
            if line.tensor in segment.carried and line.kept:
                self.kept[line.tensor] = len(self.buffers)
                upon = {}
                if line.tail is not None and line.tensor in segment.still:
                    upon[self.tensors[line.tensor]] = Overlap(line.tail, exactly=True)
                self.buffers.append(Buffer(line.kept * line.row_bytes, segment.first, segment.last, upon))
        for when, step in enumerate(steps):
            if step.scratch:
                self.scratches[when] = len(self.buffers)
                first, last = self._span_of(when) if step.rows and step.rows.gathers else (when, when)
                upon = self._idle(when) if first == last else {}
                self.buffers.append(Buffer(step.scratch, first, last, upon))

    def _idle(self, when: int) -> dict[int, Overlap]:
        """What lines keep elsewhere, while they have it: nobody reads it until it is kept again."""
        lines = [self._lines[tensor][0] for tensor in self.kept]
        return {self.kept[line.tensor]: ANYWHERE for line in lines if line.first <= when < line.last}

    def _span_of(self, when: int) -> tuple[int, int]:
        """The steps that run while one does."""
        for segment in self._segments:
            if segment.first <= when <= segment.last:
                return segment.first, segment.last
        return when, when

    def _live(self) -> dict[int, list[int]]:
        graph, end = self._graph, len(self._steps)
        spans: dict[int, list[int]] = {}

        def touch(tensor: int, first: int, last: int) -> None:
            span = spans.setdefault(self._roots[tensor], [first, last])
            span[0], span[1] = min(span[0], first), max(span[1], last)

        made = {tensor for step in self._steps for tensor in step.outputs}
        for tensor in graph.inputs:
            if tensor not in made:
                touch(tensor, -1, -1)
        for when, step in enumerate(self._steps):
            for tensor in (*step.inputs, *step.states, *step.outputs):
                line, segment = self._lines.get(tensor, (None, None))
                is_brief = line is not None and segment is not None and tensor in segment.carried
                touch(tensor, *((when, when) if is_brief else self._span_of(when)))
        for tensor in graph.outputs:
            touch(tensor, end, end)
        for root in [root for root in spans if graph[root].is_variable]:
            touch(root, -1, end)
        return spans

    def _bytes(self, root: int) -> int:
        if root in self._lines:
            line = self._lines[root][0]
            return line.window * line.row_bytes
        return self._graph[root].elements * self._element(root)

    def _element(self, root: int) -> int:
        return self._graph[root].dtype.numpy.itemsize

    def _overlays(self) -> Iterator[tuple[tuple[int, int], Overlap]]:
        """By (target, source) root: inputs that die where it is born."""
        streamed = {p for segment in self._segments for p in range(segment.first, segment.last + 1)}
        for when, step in enumerate(self._steps):
            if when not in streamed:
                yield from self._of_step(when, step)
        for segment in self._segments:
            for (target, source), overlap in segment.overlaps.items():
                if self._is_brief(target, source, segment) or self._dies(target, source, segment):
                    yield (target, source), overlap

    def _is_brief(self, target: int, source: int, segment: Segment) -> bool:
        """Whether both are lines that have their rows within a turn only."""
        return {target, source} <= segment.carried

    def _dies(self, target: int, source: int, segment: Segment) -> bool:
        if target in self._lines:
            return False
        return self._spans[source][1] == segment.last and self._spans[target][0] == segment.first

    def _of_step(self, when: int, step: Step) -> Iterator[tuple[tuple[int, int], Overlap]]:
        roots = [self._roots[tensor] for tensor in step.inputs]
        for target, source in _pairs(step, self._roots):
            if self._spans[source][1] != when or self._spans[target][0] != when:
                continue
            where = {i for i, root in enumerate(roots) if root == source}
            if where <= set(step.inplace):
                yield (target, source), EXACTLY
            elif step.block is not None and len(where) == 1 and step.batches == 1 and not step.output_offset:
                overlap = _of_blocks(self._graph, step)
                if overlap is not None:
                    yield (target, source), overlap


def _pairs(step: Step, roots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    if step.outputs:
        target = roots[step.outputs[0]]
        for source in dict.fromkeys(roots[tensor] for tensor in step.inputs):
            if source != target:
                yield target, source


def _of_blocks(graph: Graph, step: Step) -> Overlap | None:
    """How far the output of one call may lie upon its input."""
    if step not in _KNOWN:
        _KNOWN[step] = _of_call(graph, step)
    return _KNOWN[step]


_KNOWN: WeakKeyDictionary[Step, Overlap | None] = WeakKeyDictionary()


def _of_call(graph: Graph, step: Step) -> Overlap | None:
    shape = graph[step.outputs[0]].shape
    itself = {tensor: tensor for tensor in range(len(graph.tensors))}
    whole = stream(graph, (step,), itself, 0, 0, rows=shape[1]) if len(shape) == 4 else None
    if whole is None:
        return None
    return overlaps(graph, (step,), itself, whole).get((step.outputs[0], step.inputs[0]))


def _placed(made: _Buffers, offsets: list[int]) -> tuple[Placed, ...]:
    whose = {position: root for root, position in (*made.tensors.items(), *made.kept.items())}
    return tuple(
        Placed(offset, buffer.size, buffer.first, buffer.last, whose.get(position))
        for position, (buffer, offset) in enumerate(zip(made.buffers, offsets, strict=True))
    )


def _needed(buffers: list[Buffer], steps: int) -> list[int]:
    totals = _alive_bytes(buffers, steps)
    hidden: set[tuple[int, int]] = set()  # bytes are saved once: what lies upon another has nobody upon it
    for index, upper in enumerate(buffers):
        saved: dict[int, int] = {}
        for position, overlap in upper.over.items():
            lower = buffers[position]
            less = upper.size + lower.size - overlap.span(upper.size, lower.size)
            for when in range(max(upper.first, lower.first), min(upper.last, lower.last) + 1):
                if (position, when) not in hidden:
                    saved[when] = max(saved.get(when, 0), less)
        for when, less in saved.items():
            totals[when + 1] -= less
            hidden.add((index, when))
    return totals


def _alive_bytes(buffers: list[Buffer], steps: int) -> list[int]:
    """The bytes that live before the first step, at each step, and after the last."""
    changes = [0] * (steps + 3)
    for buffer in buffers:
        changes[buffer.first + 1] += buffer.size
        changes[buffer.last + 2] -= buffer.size
    return list(accumulate(changes[:-1]))
