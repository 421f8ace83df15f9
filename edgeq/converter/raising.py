"""Mixed precision: of an int8 graph those operators in int16 that cost most, and no more than a goal asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.heldout import MOST, answers, part, sqnr
from edgeq.converter.ops import RULES
from edgeq.converter.prepare import takes_int16
from edgeq.converter.quantize import quantize
from edgeq.converter.rounded import Rounded
from edgeq.data import Dataset
from edgeq.graph import DType, Graph
from edgeq.graph.macs import operator_macs

Goal = Callable[[Graph], bool]
"""Whether an integer graph, int8 at its ends, is good enough."""

NEAR = 1.0
"""Decibels below the graph in int16 throughout that are near enough, where no other goal is given."""
_SAMPLES = MOST // 5
_WORK = 2_000_000_000
"""Multiply-accumulates of all trials together: of a large model fewer samples are taken."""


def raised(
    graph: Graph, ranges: Mapping[int, Range], rounded: Rounded, data: Dataset, goal: Goal | None
) -> tuple[frozenset[int], tuple[str, ...]]:
    """The operators to compute in int16, by position, and a note.

    How much an operator costs is the noise at the logits with it alone in int8 and all others in int16. The
    costliest are raised, as few as reach the goal by bisection; what only moves goes with what it moves.

    Args:
        graph: a float graph as ``prepare`` gives it.
        ranges, rounded: as for :func:`edgeq.converter.quantize.quantize`.
        data: calibration samples.
        goal: what the graph has to reach; None for the signal-to-noise ratio of int16 less :data:`NEAR`.
    """
    able = [
        position
        for position, op in enumerate(graph.operators)
        if takes_int16(graph, position) and graph[op.outputs[0]].dtype is DType.FLOAT32
    ]
    free = [position for position in able if RULES[graph.operators[position].opcode].tie != "input"]
    ratios = _Ratios(graph, data, len(free) + 2)

    def made(chosen: Collection[int]) -> Graph:
        return quantize(graph, ranges, rounded, others=_with_followers(graph, able, chosen))[0]

    without = [made(set(free) - {position}) for position in free]
    low, high, *each = ratios(made(()), made(free), *without)
    worst = [position for _, position in sorted(zip(each, free, strict=True))]

    def reached(count: int) -> bool:
        found = made(worst[:count])
        return goal(found) if goal is not None else ratios(found)[0] >= high - NEAR

    count = _fewest(reached, len(worst))
    chosen = _with_followers(graph, able, worst[:count])
    named = ", ".join(graph.describe(position) for position in sorted(worst[:count])) or "none"
    note = (
        f"Raised to int16: {named}; the answers on {ratios.samples} calibration samples are at "
        f"{ratios(made(worst[:count]))[0]:.1f} dB, in int8 {low:.1f}, in int16 throughout {high:.1f}."
    )
    return chosen, (note,)


def _with_followers(graph: Graph, able: Sequence[int], chosen: Collection[int]) -> frozenset[int]:
    """The operators chosen, and those that have the scale of what these make."""
    found = set(chosen)
    wide = {tensor for position in chosen for tensor in graph.operators[position].outputs}
    for position in able:
        op = graph.operators[position]
        rule = RULES[op.opcode]
        if rule.tie == "input" and op.inputs[rule.first] in wide:
            found.add(position)
            wide.update(op.outputs)
    return frozenset(found)


def _fewest(reached: Callable[[int], bool], most: int) -> int:
    """The smallest number that reaches the goal, ``most`` if none does; more never reach less."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return low


class _Ratios:
    """Signal-to-noise ratios of integer graphs against the float one, in dB, on the same few samples."""

    def __init__(self, graph: Graph, data: Dataset, trials: int) -> None:
        work = trials * max(sum(operator_macs(graph, op) for op in graph.operators), 1)
        self.samples = min(_SAMPLES, len(data), max(2, _WORK // work))
        self._graph = graph
        self._data = part(data, np.linspace(0, len(data) - 1, self.samples).astype(np.intp))

    def __call__(self, *graphs: Graph) -> list[float]:
        real, *found = answers(self._data, self._graph, *graphs)
        return [float(sqnr(real, one, graph).mean()) for one, graph in zip(found, graphs, strict=True)]
