"""ABS, DIV and SQUARED_DIFFERENCE of INT32 numbers that mean themselves."""

from __future__ import annotations

from edgeq.backends.aot.ops.div import zero_refusal
from edgeq.backends.aot.ops.elementwise import operands
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import activation, shape_text
from edgeq.backends.aot.ops.whole import bounds, whole_step
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import RECTIFIERS, TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph

_INT32 = frozenset({DType.INT32})


def _magnitude(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    step = Step(
        operator=index,
        title=f"ABS {shape_text(source.shape)} of INT32",
        kernel="edgeq_magnitude_s32",
        params_type="edgeq_magnitude_params",
        params={"count": source.elements},
        inputs=op.inputs,
        outputs=op.outputs,
        sources=("edgeq_magnitude_s32.c",),
        inplace=(0,),
    )
    return (step,)


def _distance(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    arithmetic = {"what": 0, "size": 4, "is_unsigned": 0, "swapped": 0}
    kernel = ("edgeq_distance_s32", "edgeq_integers_params")
    return (whole_step(graph, index, operands(graph, index), kernel, arithmetic),)


def _quotient(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    pair = operands(graph, index)
    low, high = bounds(DType.INT32, activation(graph, index))
    swapped = int(pair != graph.operators[index].inputs)
    arithmetic = {"swapped": swapped, "low": low, "high": high}
    return (whole_step(graph, index, pair, ("edgeq_div_s32", "edgeq_div_s32_params"), arithmetic),)


OPERATORS = (
    Op("ABS", Support(5, ranks=(0, 8), types=_INT32), _magnitude, "INT32 numbers that mean themselves"),
    Op(
        "SQUARED_DIFFERENCE",
        Support(2, TWO_INPUTS, shapes.broadcast, ranks=(0, 4), types=_INT32),
        _distance,
        "INT32 numbers that mean themselves, element by element",
    ),
    Op(
        "DIV",
        Support(
            2,
            TWO_INPUTS,
            shapes.broadcast,
            ranks=(0, 4),
            activations=RECTIFIERS,
            refusal=zero_refusal,
            types=_INT32,
        ),
        _quotient,
        "INT32 numbers that mean themselves, cut towards zero; what divides by 0 gives 0",
    ),
)
