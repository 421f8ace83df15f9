"""ONE_HOT: along a new axis, one value where an index says, another elsewhere."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import around, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INDEX, MOVABLE, Operand, Support, parameter
from edgeq.graph import indexed
from edgeq.graph.model import DType, Graph
from edgeq.graph.shapes import option


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    indices, output = graph[op.inputs[0]], graph[op.outputs[0]]
    axis = option(op, "axis") % len(output.shape)
    outer, inner = around(output.shape, axis)
    values = [np.ascontiguousarray(graph[tensor].data).reshape(-1).view(np.int8) for tensor in op.inputs[2:]]
    step = Step(
        operator=index,
        title=f"ONE_HOT {shape_text(indices.shape)} -> {shape_text(output.shape)}",
        kernel="edgeq_one_hot",
        params_type="edgeq_one_hot_params",
        params={
            "outer": outer,
            "depth": output.shape[axis],
            "inner": inner,
            "size": output.dtype.numpy.itemsize,
            "number": indices.dtype.numpy.itemsize,
            "on": "on",
            "off": "off",
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_one_hot.c",),
        constants=tuple(
            Constant(name, "int8_t", value) for name, value in zip(("on", "off"), values, strict=True)
        ),
    )
    return (step,)


OPERATORS = (
    Op(
        "ONE_HOT",
        Support(
            1,
            (
                Operand("indices", "parameter", INDEX, most=1 << 16),
                parameter("depth"),
                Operand("value where it is", constant=True),
                Operand("value elsewhere", constant=True),
            ),
            indexed.one_hot,
            ranks=(0, 1),
            spacing="moves-bytes",
            types=MOVABLE - {DType.INT16},
        ),
        _lower,
        "bytes moved; an index out of the axis is nowhere; of 64 bits its lower half counts",
    ),
)
