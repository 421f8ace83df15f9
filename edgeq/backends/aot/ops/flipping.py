"""uint8 for int8 and back, by flipping highest bits; and what is left of uint8 in operators of int8."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Step
from edgeq.graph.model import Graph, Operator

UNSIGNED = "edgeq_unsigned"
"""The option, of no schema, of operators of int8 that the pass ``signed`` made of ones of uint8."""


def was_unsigned(op: Operator) -> bool:
    """Whether an operator of int8 was one of uint8, which some round otherwise."""
    return bool(op.options.get(UNSIGNED))


def flip_steps(
    graph: Graph, index: int, sources: Iterable[int], flips: Mapping[int, int]
) -> tuple[Step, ...]:
    """The steps that make of these tensors, once they are there, their flipped twins.

    Args:
        index: the operator that the steps are told by.
        flips: by tensor, the one that it is made of.
    """
    there = set(sources)
    return tuple(_step(graph, index, source, made) for made, source in flips.items() if source in there)


def _step(graph: Graph, index: int, source: int, made: int) -> Step:
    return Step(
        operator=index,
        title=f"{graph[source].dtype.value} to {graph[made].dtype.value}, {shape_text(graph[made].shape)}",
        kernel="edgeq_flip_s8",
        params_type="edgeq_flip_params",
        params={"count": graph[made].elements},
        inputs=(source,),
        outputs=(made,),
        sources=("edgeq_flip_s8.c",),
        inplace=(0,),
    )
