"""The order of steps in which the least memory is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgeq.backends.aot.plan import needs
from edgeq.backends.aot.step import Step
from edgeq.graph.model import Graph

_TRIES = 1000


def schedule(graph: Graph, steps: tuple[Step, ...], aliases: Mapping[int, int]) -> tuple[Step, ...]:
    """The same steps; one that may run earlier or later does so where the peak is lower for it.

    The order of the file is kept among equally good ones.
    """
    best, tries = steps, 0
    lowest = max(needs(graph, best, aliases), default=0)
    while True:
        for moved in _moves(best, aliases):
            tries += 1
            peak = max(needs(graph, moved, aliases))
            if peak < lowest or tries > _TRIES:
                break
        else:
            return best
        if tries > _TRIES:
            return best
        best, lowest = moved, peak


def _moves(steps: tuple[Step, ...], aliases: Mapping[int, int]) -> Iterator[tuple[Step, ...]]:
    """Every order in which one step stands elsewhere, and reads and writes what it did."""
    touched = [_touched(step, aliases) for step in steps]
    for place, step in enumerate(steps):
        others = steps[:place] + steps[place + 1 :]
        for direction in (-1, 1):
            to = place + direction
            while 0 <= to < len(steps) and _independent(touched[place], touched[to]):
                yield (*others[:to], step, *others[to:])
                to += direction


def _touched(step: Step, aliases: Mapping[int, int]) -> tuple[set[int], set[int]]:
    """The tensors whose bytes it reads, and those whose it writes."""

    def root(tensor: int) -> int:
        while tensor in aliases:
            tensor = aliases[tensor]
        return tensor

    reads = {root(t) for t in (*step.inputs, *step.states)}
    return reads, {root(t) for t in (*step.states, *step.outputs)}


def _independent(one: tuple[set[int], set[int]], other: tuple[set[int], set[int]]) -> bool:
    return not (one[1] & (other[0] | other[1]) or one[0] & other[1])
