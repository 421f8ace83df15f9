"""Offsets for buffers that live for a while: those that live at once share no byte, but where they may."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

ALIGNMENTS = (16, 8, 4)
"""Alignments of offsets, tried in this order; a smaller one is taken only where it saves bytes."""

ANY = 1 << 40
"""More than any distance."""

_TRIES = 400
_WORK = 1_500_000


@dataclass(frozen=True)
class Overlap:
    """The distances at which a target may lie upon a source: up to ``most``, in multiples of ``grain``.

    ``exactly`` that one alone.
    """

    most: int
    grain: int = 1
    exactly: bool = False

    @property
    def nearest(self) -> int:
        """The largest distance."""
        return self.most - self.most % self.grain

    def allows(self, distance: int) -> bool:
        """Whether it may lie there."""
        if self.exactly:
            return distance == self.most
        return distance <= self.most and distance % self.grain == 0

    def span(self, target: int, source: int) -> int:
        """The fewest bytes that both take, by their sizes."""
        if self.exactly and self.most > 0:
            target += self.most
        return min(max(target, source + max(-self.nearest, 0)), target + source)


EXACTLY = Overlap(0, exactly=True)
"""At the same address."""
ANYWHERE = Overlap(ANY)


@dataclass(frozen=True)
class Buffer:
    """Bytes that live from step ``first`` to step ``last``, both included.

    Attributes:
        over: buffers that this one may lie upon, and how far.
        unit: bytes of its largest elements, of which its offset is a multiple.
    """

    size: int
    first: int
    last: int
    over: Mapping[int, Overlap] = field(default_factory=dict)
    unit: int = 1


def place(buffers: list[Buffer], bound: int) -> tuple[int, list[int]]:
    """The smallest arena that is found, and every buffer's offset in it.

    Args:
        bound: bytes below which no search needs to go.
    """
    best: tuple[int, list[int]] | None = None
    for alignment in ALIGNMENTS:
        arena, offsets = _search(buffers, alignment, bound)
        if best is None or arena < best[0]:
            best = arena, offsets
        if arena <= align(bound, alignment):
            break
    return best or (0, [])


def _search(buffers: list[Buffer], alignment: int, bound: int) -> tuple[int, list[int]]:
    """The best arena found, and its offsets: several orders, then seeded changes to the best of them."""
    meets = _neighbours(buffers)
    best_order: list[int] = []
    best: tuple[int, list[int]] = (1 << 62, [])
    for order in _orders(buffers, meets):
        found = _place(buffers, meets, order, alignment, best[0] - 1)
        if found is not None:
            best, best_order = found, order
    goal = align(bound, 4)
    chance = random.Random(len(buffers))  # noqa: S311 - a search, repeatable by its seed
    tries = min(_TRIES, _WORK // max(1, sum(map(len, meets))))
    for _ in range(tries):
        if best[0] <= goal or len(buffers) < 2:
            break
        order = list(best_order)
        item = order.pop(chance.randrange(len(order)))
        order.insert(chance.randrange(len(order) + 1), item)
        found = _place(buffers, meets, order, alignment, best[0])
        if found is not None:
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
        lambda i: (buffers[i].first == buffers[i].last, buffers[i].last - buffers[i].first, -buffers[i].last),
        lambda i: (-(buffers[i].size + sum(buffers[j].size for j in meets[i])), i),
    )
    for key in keys:
        yield sorted(range(len(buffers)), key=key)


def _place(
    buffers: list[Buffer], meets: list[list[int]], order: list[int], alignment: int, most: int
) -> tuple[int, list[int]] | None:
    """Each buffer in turn at the lowest offset where it meets nobody it must not; None beyond ``most``."""
    offsets = [-1] * len(buffers)
    arena = 0
    for index in order:
        size = buffers[index].size
        placed = sorted(
            (offsets[j], offsets[j] + buffers[j].size, j) for j in meets[index] if offsets[j] >= 0
        )
        chosen = 0
        unit = max(alignment, buffers[index].unit)
        for start, end, _ in placed:
            if chosen + size <= start:
                break
            if end > chosen:
                chosen = align(end, unit)
        if chosen:
            chosen = _shared(buffers, index, placed, unit, chosen)
        offsets[index] = chosen
        arena = max(arena, align(chosen + size, 4))
        if arena > most:
            return None
    return arena, offsets


def _shared(
    buffers: list[Buffer], index: int, placed: list[tuple[int, int, int]], unit: int, chosen: int
) -> int:
    """The lowest offset below ``chosen`` that shares bytes with others as it may, or ``chosen``."""
    me = buffers[index]
    apart: list[tuple[int, int, int]] = []
    partners: list[tuple[int, int, int]] = []
    for one in placed:
        (partners if one[2] in me.over or index in buffers[one[2]].over else apart).append(one)
    if not partners:
        return chosen
    starts, ends = [start for start, _, _ in apart], [0, *accumulate((end for _, end, _ in apart), max)]
    lower = {0, *(align(end, unit) for _, end, _ in placed)}
    for at in sorted({*lower, *_upon(buffers, index, partners, lower, unit)}):
        if at >= chosen:
            break
        if (
            at >= 0
            and at % me.unit == 0
            and ends[bisect_left(starts, at + me.size)] <= at
            and all(
                e <= at or at + me.size <= s or _may_share(buffers, index, at, j, s) for s, e, j in partners
            )
        ):
            return at
    return chosen


def _upon(
    buffers: list[Buffer], index: int, placed: list[tuple[int, int, int]], lower: set[int], unit: int
) -> Iterable[int]:
    """The lowest offsets from which on a buffer may share bytes with one that is placed."""
    for offset, _, partner in placed:
        over, under = buffers[index].over.get(partner), buffers[partner].over.get(index)
        if over is not None and over.exactly:
            yield offset + over.most
        elif over is not None and over.grain > 1:
            for at in lower:
                yield _meeting(at, offset, over.grain, unit)
        if under is not None and under.exactly:
            yield offset - under.most
        elif under is not None:
            yield _meeting(max(offset - under.nearest, 0), offset, under.grain, unit)


def _meeting(at: int, offset: int, grain: int, unit: int) -> int:
    """The next offset that is a multiple of ``unit``, and of ``grain`` away from another."""
    at = align(at, unit)
    for _ in range(grain):
        if (at - offset) % grain == 0:
            break
        at += unit
    return at


def _may_share(buffers: list[Buffer], one: int, at: int, other: int, offset: int) -> bool:
    upper, lower = buffers[one].over.get(other), buffers[other].over.get(one)
    return (upper is not None and upper.allows(at - offset)) or (
        lower is not None and lower.allows(offset - at)
    )


def align(value: int, alignment: int) -> int:
    """The next multiple of an alignment."""
    return -(-value // alignment) * alignment
