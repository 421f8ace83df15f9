"""BATCH_MATMUL of two matrices, either of them computed or constant, seen transposed or not."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from edgeq.backends.aot.ops.broadcast import MAX_LOOPS, broadcast
from edgeq.backends.aot.ops.elementwise import operands
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Constant, Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_SIDE = ("count", "stride", "step", "output")
"""What the kernel is told of rows and of columns: how many, from one to the next, within, in the output."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    zeros = [affine(graph, t, index)[1] for t in operands(graph, index)]
    multiplier, shift = quantize_multiplier(real_multiplier(graph, index))
    params = {
        "a_offset": -zeros[0],
        "b_offset": -zeros[1],
        "multiplier": multiplier,
        "shift": shift,
        "output_zero_point": affine(graph, op.outputs[0], index)[1],
    }
    return (
        matmul_step(graph, index, "edgeq_batch_matmul_s8", params, params_type="edgeq_batch_matmul_params"),
    )


def real_multiplier(graph: Graph, index: int) -> float:
    """From a sum of products to the output: the operands' scales are multiplied in float32."""
    op = graph.operators[index]
    first, second = (np.float32(affine(graph, t, index)[0]) for t in op.inputs)
    return float(first * second) / affine(graph, op.outputs[0], index)[0]


def matmul_step(
    graph: Graph, index: int, kernel: str, params: Mapping[str, Value], *, params_type: str, source: str = ""
) -> Step:
    """One call of a kernel, whose second operand is the constant one: then the output's axes change places.

    Args:
        kernel: its form for a constant operand has ``_constant`` before its type.
        params: what it is told beside the matrices' places.
        source: its file; the kernel's name where that is none.
    """
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    across = [graph[tensor].shape[-1] for tensor in op.inputs]
    adjoint = [bool(op.options.get(name)) for name in shapes.ADJOINTS]
    rows, columns = output.shape[-2:]
    of_rows = (rows, *((1, across[0]) if adjoint[0] else (across[0], 1)), columns)
    of_columns = (columns, *((across[1], 1) if adjoint[1] else (1, across[1])), 1)
    a, b = operands(graph, index)
    first, second = (of_rows, of_columns) if (a, b) == op.inputs else (of_columns, of_rows)
    batch = output.shape[:-2]
    loops = broadcast(graph[a].shape[:-2], graph[b].shape[:-2], batch)
    table = [*loops.loops, (loops.run, loops.a_step, loops.b_step)]
    wide = kernel.endswith("_s16")
    units = [graph[t].dtype.numpy.itemsize for t in (a, b)]
    sizes = [math.prod(graph[t].shape[-2:]) * unit for t, unit in zip((a, b), units, strict=True)]
    steps = [(count, x * sizes[0], y * sizes[1]) for count, x, y in table]
    data = graph[b].data
    constants: tuple[Constant, ...] = (
        Constant(
            "loops",
            "int32_t",
            np.array(steps, np.int32).reshape(-1),
            "count, strides of a and of b in bytes",
            is_weights=False,
        ),
    )
    if data is not None:
        ctype = "int8_t" if units[1] == 1 else "int16_t"
        constants += (Constant("operand", ctype, np.asarray(data).reshape(-1)),)
    stem, _, width = kernel.rpartition("_")
    depth = shapes.matrices(graph, op)[0][-1]
    return Step(
        operator=index,
        title=f"BATCH_MATMUL {' by '.join(shape_text(graph[t].shape) for t in op.inputs)}",
        kernel=kernel if data is None else f"{stem}_constant_{width}",
        params_type=params_type,
        params={
            **{f"a_{name}": value for name, value in zip(_SIDE, first, strict=True)},
            **{f"b_{name}": value for name, value in zip(_SIDE, second, strict=True)},
            "depth": depth,
            **params,
            "loop_count": len(steps),
            "loops": "loops",
            "constant": None if data is None else "operand",
        },
        inputs=(a, b) if data is None else (a,),
        outputs=op.outputs,
        sources=(f"{source or kernel}.c",),
        constants=constants,
        macs=output.elements * depth,
        typed=wide,
    )


OPERATORS = (
    Op(
        "BATCH_MATMUL",
        Support(4, TWO_INPUTS, shapes.matmul, ranks=(2, min(5, MAX_LOOPS)), multiplies=True),
        _lower,
        "plain C on every core",
    ),
)
