"""Which operators go to the chip together: the partition that a TensorFlow Lite delegate is given.

The interpreter cuts its operators into sets that alternate between the delegate and the CPU. A set starts
with the first operator, in the model's order, whose inputs are all there; it takes in every operator of the
same kind whose inputs are there, again and again until none is left; then the next set starts. Dependencies
decide, not the order of the list: an operator far behind an unsupported one still joins an earlier set if it
does not need its result.

Of the delegate's sets the Edge TPU compiler takes the first only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgeq.graph import ABSENT, Graph

_NAMED_BLOCKERS = 4


@dataclass(frozen=True)
class Partition:
    """What the compiler takes of a model.

    Attributes:
        mapped: the operators of the first set that goes to the chip; empty where nothing is supported.
        blockers: per operator that is supported but not mapped, the nearest unsupported operators that it
            waits for, at most four; empty for all others.
    """

    mapped: frozenset[int]
    blockers: tuple[tuple[int, ...], ...]


def partition(graph: Graph, supported: Sequence[bool]) -> Partition:
    """Cut a model as a delegate's partition does, and take the first delegated set.

    Args:
        graph: the model.
        supported: per operator, whether the chip could run it alone.
    """
    needs = _dependencies(graph)
    before: set[int] = set()
    if supported and not supported[0]:
        before = _ready(needs, supported, set(), kind=False)
    mapped = frozenset(_ready(needs, supported, before, kind=True))
    return Partition(mapped, _blockers(needs, supported, mapped))


def _ready(needs: list[set[int]], supported: Sequence[bool], done: set[int], *, kind: bool) -> set[int]:
    """Every operator of a kind that can run once ``done`` has run, and those that can run after these.

    No operator of a graph stands before one that it needs, so a single pass finds them all.
    """
    members: set[int] = set()
    for index, needed in enumerate(needs):
        if supported[index] == kind and all(one in done or one in members for one in needed):
            members.add(index)
    return members


def _blockers(
    needs: list[set[int]], supported: Sequence[bool], mapped: frozenset[int]
) -> tuple[tuple[int, ...], ...]:
    found: list[tuple[int, ...]] = []
    for index, needed in enumerate(needs):
        nearest: set[int] = set()
        if supported[index] and index not in mapped:
            for one in needed:
                nearest.update(found[one] if supported[one] else (one,))
        found.append(tuple(sorted(nearest)[:_NAMED_BLOCKERS]))
    return tuple(found)


def _dependencies(graph: Graph) -> list[set[int]]:
    """Per operator, those whose results it reads."""
    maker: dict[int, int] = {}
    needs: list[set[int]] = []
    for index, operator in enumerate(graph.operators):
        needs.append({maker[tensor] for tensor in operator.inputs if tensor != ABSENT and tensor in maker})
        maker.update(dict.fromkeys(operator.outputs, index))
    return needs
