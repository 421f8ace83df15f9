"""CONCATENATION: one copy for each input."""

from __future__ import annotations

import math

from edgeq.backends.aot.ops.copying import copy_step
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import int_option, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import MOVABLE, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """Nothing is rescaled: the checker has seen that scales are equal."""
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    axis = int_option(graph, index, "axis") % max(len(output.shape), 1)
    inner = math.prod(output.shape[axis + 1 :])
    outer = math.prod(output.shape[:axis])
    steps = []
    offset = 0
    for position, source in enumerate(op.inputs):
        shape = graph[source].shape
        steps.append(
            copy_step(
                graph,
                index,
                source,
                f"CONCATENATION axis {axis}, part {position}: {shape_text(shape)}",
                name=f"part{position}",
                rows=outer,
                stride=output.shape[axis] * inner,
                offset=offset,
            )
        )
        offset += shape[axis] * inner
    return tuple(steps)


OPERATORS = (
    Op(
        "CONCATENATION",
        Support(
            7, shape=shapes.concatenation, repeats=True, spacing="as-input", types=MOVABLE - {DType.UINT8}
        ),
        _lower,
        "one copy for each input",
        unsigned=True,
    ),
)
