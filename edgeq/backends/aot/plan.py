"""Where every tensor lives: one arena, planned offline, activations sharing bytes by lifetime.

A buffer is a tensor with all its aliases, or the scratch of one step. Buffers whose lifetimes meet must not
overlap, except an input that its step may overwrite with the output at the same address.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from edgeq.backends.aot.step import Step
from edgeq.graph.model import Graph

ALIGNMENTS = (16, 8, 4)
"""Alignments of offsets, tried in this order; a smaller one is taken only where it saves bytes."""

_TRIES = 400
_WORK = 1_500_000


@dataclass(frozen=True)
class Plan:
    """The arena.

    Attributes:
        offsets: by tensor index, for every activation that a step or the host touches.
        scratch: offset of each step's scratch, by the step's position; -1 without.
        arena: its size in bytes.
        live_peak: the largest sum of activations that live at once, in bytes, without scratch.
        scratch_peak: the largest scratch of a step, in bytes.
        lower_bound: bytes that no plan can go below.
        buffers: everything that is placed, with its time: tensors, and each step's scratch.
    """

    offsets: Mapping[int, int]
    scratch: tuple[int, ...]
    arena: int
    live_peak: int
    scratch_peak: int
    lower_bound: int
    buffers: tuple[Placed, ...] = ()


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


@dataclass(frozen=True)
class Buffer:
    """Bytes that live from step ``first`` to step ``last``, both included.

    Attributes:
        over: buffers that this one may be laid upon, where both start at the same offset.
        unit: bytes of its largest elements, of which its offset is a multiple.
    """

    size: int
    first: int
    last: int
    over: frozenset[int] = frozenset()
    unit: int = 1


def plan(graph: Graph, steps: tuple[Step, ...], aliases: Mapping[int, int]) -> Plan:
    """Plans the arena for these steps.

    Model inputs live from before the first step, model outputs until after the last, and variables always.

    Args:
        aliases: by tensor, the tensor whose bytes it is.
    """
    roots = _roots(graph, aliases)
    buffers, tensors, scratches = _buffers(graph, steps, roots)
    bound = max(_needed(buffers, len(steps)), default=0)
    best: tuple[int, list[int]] | None = None
    for alignment in ALIGNMENTS:
        arena, offsets = _search(buffers, alignment, bound)
        if best is None or arena < best[0]:
            best = arena, offsets
        if arena <= _align(bound, alignment):
            break
    arena, offsets = best or (0, [])
    return Plan(
        offsets={tensor: offsets[tensors[root]] for tensor, root in roots.items() if root in tensors},
        scratch=tuple(offsets[scratches[i]] if i in scratches else -1 for i in range(len(steps))),
        arena=arena,
        live_peak=_live_peak([buffers[i] for i in tensors.values()], len(steps)),
        scratch_peak=max((step.scratch or 0 for step in steps), default=0),
        lower_bound=bound,
        buffers=_placed(buffers, offsets, tensors),
    )


def _placed(buffers: list[Buffer], offsets: list[int], tensors: Mapping[int, int]) -> tuple[Placed, ...]:
    whose = {position: root for root, position in tensors.items()}
    return tuple(
        Placed(offset, buffer.size, buffer.first, buffer.last, whose.get(position))
        for position, (buffer, offset) in enumerate(zip(buffers, offsets, strict=True))
    )


def _roots(graph: Graph, aliases: Mapping[int, int]) -> dict[int, int]:
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


def _buffers(
    graph: Graph, steps: tuple[Step, ...], roots: Mapping[int, int]
) -> tuple[list[Buffer], dict[int, int], dict[int, int]]:
    """All buffers; their positions by root tensor, and by step for scratch."""
    end = len(steps)
    spans: dict[int, list[int]] = {}

    def touch(tensor: int, when: int) -> None:
        span = spans.setdefault(roots[tensor], [when, when])
        span[0], span[1] = min(span[0], when), max(span[1], when)

    for tensor in graph.inputs:
        touch(tensor, -1)
    for when, step in enumerate(steps):
        for tensor in (*step.inputs, *step.states, *step.outputs):
            touch(tensor, when)
    for tensor in graph.outputs:
        touch(tensor, end)
    for root in [root for root in spans if graph[root].is_variable]:
        touch(root, -1)
        touch(root, end)
    tensors = {root: position for position, root in enumerate(spans)}
    over = _overlays(steps, roots, spans, tensors)
    buffers = [
        Buffer(_bytes(graph, root), first, last, frozenset(over.get(root, ())), _element(graph, root))
        for root, (first, last) in spans.items()
    ]
    scratches: dict[int, int] = {}
    for when, step in enumerate(steps):
        if step.scratch:
            scratches[when] = len(buffers)
            buffers.append(Buffer(step.scratch, when, when))
    return buffers, tensors, scratches


def _overlays(
    steps: tuple[Step, ...],
    roots: Mapping[int, int],
    spans: Mapping[int, list[int]],
    tensors: Mapping[int, int],
) -> dict[int, set[int]]:
    """For each root, the buffers that it may be laid upon: inputs that die where it is born."""
    over: dict[int, set[int]] = {}
    for when, step in enumerate(steps):
        for position in step.inplace:
            source, target = roots[step.inputs[position]], roots[step.outputs[0]]
            others = [roots[t] for i, t in enumerate(step.inputs) if i != position]
            dies = spans[source][1] == when and spans[target][0] == when
            if (
                source != target
                and dies
                and (source not in others or set(step.inplace) >= _positions(step, source, roots))
            ):
                over.setdefault(target, set()).add(tensors[source])
    return over


def _positions(step: Step, root: int, roots: Mapping[int, int]) -> set[int]:
    return {i for i, tensor in enumerate(step.inputs) if roots[tensor] == root}


def _bytes(graph: Graph, tensor: int) -> int:
    return graph[tensor].elements * _element(graph, tensor)


def _element(graph: Graph, tensor: int) -> int:
    return graph[tensor].dtype.numpy.itemsize


def _search(buffers: list[Buffer], alignment: int, bound: int) -> tuple[int, list[int]]:
    """The best arena found, and its offsets: several orders, then seeded changes to the best of them."""
    meets = _neighbours(buffers)
    best_order: list[int] = []
    best: tuple[int, list[int]] = (1 << 62, [])
    for order in _orders(buffers, meets):
        found = _place(buffers, meets, order, alignment)
        if found[0] < best[0]:
            best, best_order = found, order
    goal = _align(bound, 4)
    chance = random.Random(len(buffers))  # noqa: S311 - a search, repeatable by its seed
    tries = min(_TRIES, _WORK // max(1, sum(map(len, meets))))
    for _ in range(tries):
        if best[0] <= goal or len(buffers) < 2:
            break
        order = list(best_order)
        item = order.pop(chance.randrange(len(order)))
        order.insert(chance.randrange(len(order) + 1), item)
        found = _place(buffers, meets, order, alignment)
        if found[0] <= best[0]:
            best, best_order = found, order
    return best


def _neighbours(buffers: list[Buffer]) -> list[list[int]]:
    """For each buffer, those that live while it does."""
    meets: list[list[int]] = [[] for _ in buffers]
    alive: list[int] = []
    for index in sorted(range(len(buffers)), key=lambda i: buffers[i].first):
        alive = [other for other in alive if buffers[other].last >= buffers[index].first]
        for other in alive:
            meets[index].append(other)
            meets[other].append(index)
        alive.append(index)
    return meets


def _orders(buffers: list[Buffer], meets: list[list[int]]) -> Iterable[list[int]]:
    """Orders of placement to begin with."""
    keys = (
        lambda i: (-buffers[i].size, buffers[i].first),
        lambda i: (buffers[i].first, -buffers[i].size),
        lambda i: (-buffers[i].size * (buffers[i].last - buffers[i].first + 1), buffers[i].first),
        lambda i: (-len(meets[i]), -buffers[i].size),
        lambda i: (-buffers[i].last, -buffers[i].size),
        lambda i: (-(buffers[i].size + sum(buffers[j].size for j in meets[i])), i),
    )
    for key in keys:
        yield sorted(range(len(buffers)), key=key)


def _place(
    buffers: list[Buffer], meets: list[list[int]], order: list[int], alignment: int
) -> tuple[int, list[int]]:
    """Each buffer in turn at the lowest offset where it meets nobody it must not."""
    offsets = [-1] * len(buffers)
    arena = 0
    for index in order:
        me = buffers[index]
        placed = sorted(
            (offsets[j], offsets[j] + buffers[j].size, j) for j in meets[index] if offsets[j] >= 0
        )
        chosen = 0
        for start, end, _ in placed:
            if chosen + me.size <= start:
                break
            chosen = max(chosen, _align(end, max(alignment, me.unit)))
        for shared, _, partner in placed:
            lower = shared < chosen and shared % me.unit == 0 and _may_share(buffers, index, partner)
            if lower and _free_but(buffers, index, shared, placed):
                chosen = shared
                break
        offsets[index] = chosen
        arena = max(arena, chosen + me.size)
    return _align(arena, 4), offsets


def _free_but(buffers: list[Buffer], index: int, offset: int, placed: list[tuple[int, int, int]]) -> bool:
    """Whether a buffer meets at ``offset`` only those that it may be laid upon, which start there too."""
    end = offset + buffers[index].size
    return all(
        e <= offset or end <= s or (s == offset and _may_share(buffers, index, j)) for s, e, j in placed
    )


def _may_share(buffers: list[Buffer], a: int, b: int) -> bool:
    return b in buffers[a].over or a in buffers[b].over


def needs(graph: Graph, steps: tuple[Step, ...], aliases: Mapping[int, int]) -> list[int]:
    """What lives, scratch included, when everything that may be overlaid is: before the first step, at each,
    and after the last, in bytes.
    """
    return _needed(_buffers(graph, steps, _roots(graph, aliases))[0], len(steps))


def _needed(buffers: list[Buffer], steps: int) -> list[int]:
    totals = _alive_bytes(buffers, steps)
    for upper in buffers:
        lower = [buffers[i] for i in upper.over]
        if lower:  # all of them die where this one is born
            totals[upper.first + 1] -= min(upper.size, max(b.size for b in lower))
    return totals


def _live_peak(buffers: list[Buffer], steps: int) -> int:
    return max(_alive_bytes(buffers, steps), default=0)


def _alive_bytes(buffers: list[Buffer], steps: int) -> list[int]:
    """The bytes that live before the first step, at each step, and after the last."""
    changes = [0] * (steps + 3)
    for buffer in buffers:
        changes[buffer.first + 1] += buffer.size
        changes[buffer.last + 2] -= buffer.size
    return list(accumulate(changes[:-1]))


def _align(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
