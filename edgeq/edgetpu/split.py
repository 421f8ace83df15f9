"""Where a model is cut: before what would not map, or into parts that take equally long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from edgeq.base.errors import UsageError
from edgeq.edgetpu.cycles import operator_cycles
from edgeq.edgetpu.latency import CYCLES_PER_SECOND, HOSTS, chip_milliseconds
from edgeq.edgetpu.memory import CACHE_BYTES, CACHE_BYTES_STREAMING, parameter_bytes
from edgeq.edgetpu.parts import frontier, part
from edgeq.edgetpu.prediction import Prediction
from edgeq.edgetpu.view import OperatorView, size
from edgeq.graph import Graph

ROUNDS = 8
"""Splits that are measured at most."""
_SWEEPS = 20
_LEAST_CYCLES = 1000

Measure = Callable[[Sequence[Graph]], Sequence[float]]
"""Parts of a model, all for Edge TPUs, to the milliseconds that each takes; none to none."""


@dataclass(frozen=True)
class Piece:
    """A part of a model, and whether it is for the Edge TPU."""

    graph: Graph
    on_chip: bool


@dataclass(frozen=True)
class Split:
    """A model cut into equally slow parts.

    Attributes:
        bounds: the operators with which parts begin, and the number of all at the end.
        milliseconds: what each part takes, as predicted or measured.
        tried: how many splits were measured; 0 where none was.
    """

    bounds: tuple[int, ...]
    milliseconds: tuple[float, ...]
    tried: int


def addressed(graph: Graph) -> Graph:
    """The graph in which each computed tensor and each input has a name of its own, to find it again by."""
    counts = Counter(tensor.name for tensor in graph.tensors if not tensor.is_constant)
    renamed = (
        tensor
        if tensor.is_constant or (tensor.name and counts[tensor.name] == 1)
        else replace(tensor, name=f"{tensor.name or 'tensor'}_{index}")
        for index, tensor in enumerate(graph.tensors)
    )
    return graph.replace(tensors=tuple(renamed))


def before_unmapped(graph: Graph, prediction: Prediction) -> tuple[Piece, ...]:
    """What has to run before the mapped operators, these, and what is left: those that hold something.

    Raises:
        UsageError: nothing maps, or all does.
    """
    mapped = {one.index for one in prediction.operators if one.mapped}
    if not mapped or len(mapped) == len(graph.operators):
        what = "all operators map" if mapped else "no operator would map"
        raise UsageError(
            f"{graph.name} cannot be cut before the first unmapped operator: {what}",
            "compile it whole" if mapped else "`edgeq check --target edgetpu` says why",
        )
    first = _needed_by(graph, mapped) - mapped
    rest = set(range(len(graph.operators))) - mapped - first
    sets = [(found, found is mapped) for found in (first, mapped, rest) if found]
    return tuple(
        Piece(part(graph, found, f"{graph.name}_part_{i}_of_{len(sets)}"), on_chip)
        for i, (found, on_chip) in enumerate(sets)
    )


def _needed_by(graph: Graph, members: set[int]) -> set[int]:
    maker = {tensor: index for index, op in enumerate(graph.operators) for tensor in op.outputs}
    found: set[int] = set()
    waiting = list(members)
    while waiting:
        for tensor in graph.operators[waiting.pop()].inputs:
            index = maker.get(tensor)
            if index is not None and index not in found:
                found.add(index)
                waiting.append(index)
    return found


def balanced(graph: Graph, count: int, measure: Measure | None = None) -> Split:
    """Cut a model into ``count`` runs of operators of which the slowest is as fast as can be.

    Predicted times choose the first split. What was measured holds for its part, and corrects those of its
    operators elsewhere, which chooses the next; until all of a split is measured, and so is the best.

    Raises:
        UsageError: there are fewer operators.
    """
    if count > len(graph.operators):
        raise UsageError(
            f"{graph.name} has {len(graph.operators)} operators, and {count} parts are asked for",
            "ask for fewer segments",
        )
    costs = _Costs(graph)
    bounds = costs.best(count)
    if measure is None:
        return Split(bounds, tuple(costs.of(a, b) for a, b in pairwise(bounds)), 0)
    tried: list[tuple[int, ...]] = []
    while bounds not in tried and len(tried) < ROUNDS:
        tried.append(bounds)
        unknown = [run for run in pairwise(bounds) if run not in costs.measured]
        parts = dict(zip(pairwise(bounds), runs(graph, bounds), strict=True))
        costs.correct(dict(zip(unknown, measure([parts[run] for run in unknown]), strict=True)))
        bounds = costs.best(count)
    best = min(tried, key=lambda one: max(costs.of(a, b) for a, b in pairwise(one)))
    return Split(best, tuple(costs.of(a, b) for a, b in pairwise(best)), len(tried))


def runs(graph: Graph, bounds: Sequence[int]) -> tuple[Graph, ...]:
    """The parts of a split as models."""
    count = len(bounds) - 1
    return tuple(
        part(graph, range(a, b), f"{graph.name}_part_{i}_of_{count}")
        for i, (a, b) in enumerate(pairwise(bounds))
    )


class _Costs:
    """Milliseconds of every run of operators, from sums over those before each."""

    def __init__(self, graph: Graph) -> None:
        views = [OperatorView(graph, index) for index in range(len(graph.operators))]
        self._own = [float(max(operator_cycles(op), _LEAST_CYCLES)) for op in views]
        self._cycles = _sums(self._own)
        self._parameters = _sums(parameter_bytes(op) for op in views)
        ends = range(1, len(views))
        crossing = [sum(size(graph[tensor]) for tensor in frontier(graph, end)) for end in ends]
        given = sum(size(tensor) for tensor in graph.input_tensors)
        made = sum(size(graph[tensor]) for tensor in graph.outputs)
        self._crossing = [given, *crossing, made]
        self.measured: dict[tuple[int, int], float] = {}

    def of(self, first: int, end: int) -> float:
        """Milliseconds of the operators from ``first`` until before ``end``."""
        if (first, end) in self.measured:
            return self.measured[first, end]
        kept = self._parameters[end] - self._parameters[first]
        streamed = kept - CACHE_BYTES_STREAMING if kept > CACHE_BYTES else 0
        moved = self._crossing[first] + self._crossing[end] + streamed
        return chip_milliseconds(HOSTS[0], self._cycles[end] - self._cycles[first], moved)

    def correct(self, measured: Mapping[tuple[int, int], float]) -> None:
        """Keep what runs of operators take, and scale the cycles of theirs until all that is known agrees."""
        self.measured.update(measured)
        for _ in range(_SWEEPS):
            for (first, end), real in self.measured.items():
                computing = max(real / 1e3 - HOSTS[0].overhead, 0.0) * CYCLES_PER_SECOND
                least = float(_LEAST_CYCLES * (end - first))
                factor = max(computing, least) / (self._cycles[end] - self._cycles[first])
                self._own[first:end] = [cycles * factor for cycles in self._own[first:end]]
                self._cycles = _sums(self._own)

    def best(self, count: int) -> tuple[int, ...]:
        """The bounds of ``count`` runs of which the slowest is fastest; by dynamic programming."""
        total = len(self._own)
        slowest = [self.of(0, end) if end else 0.0 for end in range(total + 1)]
        chosen: list[list[int]] = []
        for parts in range(2, count + 1):
            row, cuts = [float("inf")] * (total + 1), [0] * (total + 1)
            for end in range(parts, total + 1):
                for first in range(parts - 1, end):
                    worst = max(slowest[first], self.of(first, end))
                    if worst < row[end]:
                        row[end], cuts[end] = worst, first
            slowest, chosen = row, [*chosen, cuts]
        bounds = [total]
        for cuts in reversed(chosen):
            bounds.append(cuts[bounds[-1]])
        return (0, *reversed(bounds))


def _sums(values: Iterable[float]) -> list[float]:
    """The sum of the values before each position, and of all."""
    return list(accumulate(values, initial=0.0))
