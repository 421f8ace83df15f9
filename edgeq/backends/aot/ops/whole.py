"""Arithmetic and comparisons of INT32 numbers that mean themselves: indices, sizes, positions."""

from __future__ import annotations

from functools import partial

import numpy as np

from edgeq.backends.aot.ops.broadcast import MAX_LOOPS, broadcast
from edgeq.backends.aot.ops.comparison import VERSIONS, truths
from edgeq.backends.aot.ops.elementwise import operands
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import activation, shape_text
from edgeq.backends.aot.step import Constant, Step, Value
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import RECTIFIERS, TWO_INPUTS, UNFUSED, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph

_SIZE = 4
_ARITHMETIC = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
"""In the kernel's numbers; the order of two numbers comes after them."""
_INT32 = (-(2**31), 2**31 - 1)
_BOUNDS = {"NONE": _INT32, "RELU": (0, _INT32[1]), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1)}


def _step(graph: Graph, index: int, arithmetic: dict[str, Value]) -> Step:
    op = graph.operators[index]
    first, second = operands(graph, index)
    a, b, output = graph[first], graph[second], graph[op.outputs[0]]
    loops = broadcast(a.shape, b.shape, output.shape)
    if len(loops.loops) > MAX_LOOPS:
        raise ModelError(f"{graph.describe(index)}: it broadcasts over too many axes", "join axes by RESHAPE")
    constants: tuple[Constant, ...] = ()
    if loops.loops:
        table = (np.array(loops.loops, np.int32) * np.array([1, _SIZE, _SIZE], np.int32)).reshape(-1)
        constants += (Constant("loops", "int32_t", table, "count, strides in bytes", is_weights=False),)
    if b.data is not None:
        values = np.ascontiguousarray(b.data).reshape(-1).view(np.int8)
        constants += (Constant("operand", "int8_t", values, align=_SIZE),)
    inputs = (first,) if b.is_constant else (first, second)
    wide = output.dtype is DType.INT32
    return Step(
        operator=index,
        title=f"{op.opcode} {shape_text(output.shape)} of INT32",
        kernel="edgeq_whole_constant_s32" if b.is_constant else "edgeq_whole_s32",
        params_type="edgeq_whole_params",
        params={
            **arithmetic,
            "run": loops.run,
            "a_step": _SIZE * loops.a_step,
            "b_step": _SIZE * loops.b_step,
            "loop_count": len(loops.loops),
            "loops": "loops" if loops.loops else None,
            "constant": "operand" if b.is_constant else None,
        },
        inputs=inputs,
        outputs=op.outputs,
        sources=("edgeq_whole_s32.c",),
        constants=constants,
        inplace=tuple(
            i for i, source in enumerate(inputs) if wide and graph[source].elements == output.elements
        ),
    )


def _arithmetic(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    bounds = _BOUNDS[activation(graph, index)]
    first, second = operands(graph, index)
    swapped = (first, second) != graph.operators[index].inputs
    if swapped and opcode == "SUB":
        raise ModelError(f"{graph.describe(index)}: its first input is constant", "swap its inputs")
    what: dict[str, Value] = {
        "what": _ARITHMETIC.index(opcode),
        "size": _SIZE,
        "low": bounds[0],
        "high": bounds[1],
        "when_less": 0,
        "when_equal": 0,
        "when_greater": 0,
    }
    return (_step(graph, index, what),)


def _order(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    swapped = operands(graph, index) != graph.operators[index].inputs
    less, equal, greater = truths(opcode, swapped=swapped)
    what: dict[str, Value] = {
        "what": len(_ARITHMETIC),
        "size": 1,
        "low": 0,
        "high": 0,
        "when_less": less,
        "when_equal": equal,
        "when_greater": greater,
    }
    return (_step(graph, index, what),)


_WHOLE = frozenset({DType.INT32})
_HOW = "INT32 numbers that mean themselves, element by element"


def _support(version: int, *, fused: bool = False, truth: bool = False) -> Support:
    return Support(
        version,
        TWO_INPUTS,
        shapes.broadcast,
        ranks=(0, 4),
        types=_WHOLE,
        activations=RECTIFIERS if fused else UNFUSED,
        outputs=frozenset({DType.BOOL}) if truth else None,
    )


OPERATORS = (
    *(
        Op(name, _support(version, fused=fused), partial(_arithmetic, name), _HOW)
        for name, version, fused in (
            ("ADD", 5, True),
            ("SUB", 5, True),
            ("MUL", 7, True),
            ("MAXIMUM", 4, False),
            ("MINIMUM", 4, False),
        )
    ),
    *(
        Op(name, _support(version, truth=True), partial(_order, name), _HOW)
        for name, version in VERSIONS.items()
    ),
)
