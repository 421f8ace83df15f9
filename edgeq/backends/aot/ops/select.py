"""SELECT and SELECT_V2: elements of one tensor or of another, as truth values say."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import MOVABLE, TWO_INPUTS, Operand, Support
from edgeq.graph import indexed
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape

_NAMES = ("when", "a", "b")
"""What the kernel calls the inputs."""


def _alike(graph: Graph, op: Operator) -> Shape:
    """SELECT's inputs are of one shape, or a single truth value without dimensions chooses between two.

    LiteRT takes one of one dimension, too, where the tensors begin with a dimension of 1.
    """
    when, first, second = (graph[tensor].shape for tensor in op.inputs)
    if first != second or (when not in ((), first) and (when != (1,) or first[:1] != (1,))):
        raise Contradiction(
            f"its inputs of shapes {list(when)}, {list(first)} and {list(second)} are not alike"
        )
    return first


def _loops(shapes: list[Shape], output: Shape) -> list[tuple[int, ...]]:
    """(count, and for each input how far from one element to the next), outermost first, the fewest."""
    rank = len(output)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    found: list[tuple[int, ...]] = []
    for axis, size in enumerate(output):
        if size == 1:
            continue
        steps = tuple(0 if shape[axis] == 1 else math.prod(shape[axis + 1 :]) for shape in padded)
        if found and found[-1][1:] == tuple(step * size for step in steps):
            found[-1] = (found[-1][0] * size, *steps)
        else:
            found.append((size, *steps))
    return found or [(1,) * (1 + len(shapes))]


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    size = output.dtype.numpy.itemsize
    sizes = (1, size, size)
    *loops, run = _loops([graph[tensor].shape for tensor in op.inputs], output.shape)
    fixed = [name for name, tensor in zip(_NAMES, op.inputs, strict=True) if graph[tensor].is_constant]
    steps = [step * width for step, width in zip(run[1:], sizes, strict=True)]
    params: dict[str, Value] = {
        "run": run[0],
        "size": size,
        **{f"{name}_step": step for name, step in zip(_NAMES, steps, strict=True)},
        "loop_count": len(loops),
        "loops": "loops" if loops else None,
        **{name: name if name in fixed else None for name in _NAMES},
    }
    constants: tuple[Constant, ...] = ()
    if loops:
        table = np.array(loops, np.int32) * np.array([1, *sizes], np.int32)
        constants += (
            Constant("loops", "int32_t", table.reshape(-1), "count, strides in bytes", is_weights=False),
        )
    for name, tensor in zip(_NAMES, op.inputs, strict=True):
        if name in fixed:
            values = np.ascontiguousarray(graph[tensor].data).reshape(-1).view(np.int8)
            constants += (Constant(name, "int8_t", values),)
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(output.shape)}",
        kernel="_".join(["edgeq_select", *fixed]),
        params_type="edgeq_select_params",
        params=params,
        inputs=tuple(tensor for tensor in op.inputs if not graph[tensor].is_constant),
        outputs=op.outputs,
        sources=("edgeq_select.c",),
        constants=constants,
    )
    return (step,)


_OPERANDS = (Operand("condition", dtypes=frozenset({DType.BOOL})), *TWO_INPUTS)
_HOW = "element by element"

OPERATORS = (
    Op(
        "SELECT",
        Support(4, _OPERANDS, _alike, ranks=(0, 8), spacing="moves-bytes", types=MOVABLE),
        _lower,
        f"{_HOW}; inputs of one shape, or a single truth value",
    ),
    Op(
        "SELECT_V2",
        Support(2, _OPERANDS, indexed.chosen, ranks=(0, 8), spacing="moves-bytes", types=MOVABLE),
        _lower,
        _HOW,
    ),
)
