"""BATCH_MATMUL of two matrices, either of them computed or constant, seen transposed or not."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.broadcast import MAX_LOOPS, broadcast
from edgeq.backends.aot.ops.elementwise import operands
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_SIDE = ("count", "stride", "step", "output")
"""What the kernel is told of rows and of columns: how many, from one to the next, within, in the output."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """The kernel's second operand is the constant one: then rows and columns of the output change places."""
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
    sizes = [math.prod(graph[t].shape[-2:]) for t in (a, b)]
    steps = [(count, x * sizes[0], y * sizes[1]) for count, x, y in table]
    (a_scale, a_zero), (b_scale, b_zero) = (affine(graph, t, index) for t in (a, b))
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    real = float(np.float32(a_scale) * np.float32(b_scale)) / out_scale
    multiplier, shift = quantize_multiplier(real)
    data = graph[b].data
    constants: tuple[Constant, ...] = (
        Constant(
            "loops",
            "int32_t",
            np.array(steps, np.int32).reshape(-1),
            "count, stride of a, stride of b",
            is_weights=False,
        ),
    )
    if data is not None:
        constants += (Constant("operand", "int8_t", np.asarray(data).reshape(-1).view(np.int8)),)
    depth = shapes.matrices(graph, op)[0][-1]
    step = Step(
        operator=index,
        title=f"BATCH_MATMUL {' by '.join(shape_text(graph[t].shape) for t in op.inputs)}",
        kernel="edgeq_batch_matmul_s8" if data is None else "edgeq_batch_matmul_constant_s8",
        params_type="edgeq_batch_matmul_params",
        params={
            **{f"a_{name}": value for name, value in zip(_SIDE, first, strict=True)},
            **{f"b_{name}": value for name, value in zip(_SIDE, second, strict=True)},
            "depth": depth,
            "a_offset": -a_zero,
            "b_offset": -b_zero,
            "multiplier": multiplier,
            "shift": shift,
            "output_zero_point": out_zero,
            "loop_count": len(steps),
            "loops": "loops",
            "constant": None if data is None else "operand",
        },
        inputs=(a, b) if data is None else (a,),
        outputs=op.outputs,
        sources=("edgeq_batch_matmul_s8.c",),
        constants=constants,
        macs=output.elements * depth,
    )
    return (step,)


OPERATORS = (
    Op(
        "BATCH_MATMUL",
        Support(4, TWO_INPUTS, shapes.matmul, ranks=(2, min(5, MAX_LOOPS)), multiplies=True),
        _lower,
        "plain C on every core",
    ),
)
