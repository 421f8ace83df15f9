"""Arithmetic and comparisons of INT32 and INT64 numbers that mean themselves: indices, sizes, positions."""

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
from edgeq.checker.operators import INDEX, RECTIFIERS, TWO_INPUTS, UNFUSED, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph

_ORDER, _SWAPPED = 5, 6
"""An order of two numbers, and the difference of the second and the first, in the kernel's numbers."""
_KERNELS = {
    4: ("edgeq_whole_s32", "edgeq_whole_constant_s32", "edgeq_whole_params"),
    8: ("edgeq_whole_s64", "edgeq_whole_constant_s64", "edgeq_whole_s64_params"),
}
"""By the bytes of a number: the kernel, that with a constant operand, and their parameters."""
_ARITHMETIC = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
"""In the kernel's numbers."""


def _bounds(dtype: DType, fused: str) -> tuple[int, int]:
    limits = np.iinfo(dtype.numpy.name)
    whole = (int(limits.min), int(limits.max))
    return {"NONE": whole, "RELU": (0, whole[1]), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1)}[fused]


def _step(graph: Graph, index: int, arithmetic: dict[str, Value]) -> Step:
    op = graph.operators[index]
    first, second = operands(graph, index)
    a, b, output = graph[first], graph[second], graph[op.outputs[0]]
    loops = broadcast(a.shape, b.shape, output.shape)
    if len(loops.loops) > MAX_LOOPS:
        raise ModelError(f"{graph.describe(index)}: it broadcasts over too many axes", "join axes by RESHAPE")
    constants: tuple[Constant, ...] = ()
    size = a.dtype.numpy.itemsize
    if loops.loops:
        table = (np.array(loops.loops, np.int32) * np.array([1, size, size], np.int32)).reshape(-1)
        constants += (Constant("loops", "int32_t", table, "count, strides in bytes", is_weights=False),)
    if b.data is not None:
        values = np.ascontiguousarray(b.data).reshape(-1).view(np.int8)
        constants += (Constant("operand", "int8_t", values, align=size),)
    inputs = (first,) if b.is_constant else (first, second)
    kernel, constant_kernel, params_type = _KERNELS[size]
    return Step(
        operator=index,
        title=f"{op.opcode} {shape_text(output.shape)} of {a.dtype.value}",
        kernel=constant_kernel if b.is_constant else kernel,
        params_type=params_type,
        params={
            **arithmetic,
            "run": loops.run,
            "a_step": size * loops.a_step,
            "b_step": size * loops.b_step,
            "loop_count": len(loops.loops),
            "loops": "loops" if loops.loops else None,
            "constant": "operand" if b.is_constant else None,
        },
        inputs=inputs,
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=constants,
        inplace=tuple(
            i
            for i, source in enumerate(inputs)
            if output.dtype is a.dtype and graph[source].elements == output.elements
        ),
    )


def _arithmetic(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    first, second = operands(graph, index)
    dtype = graph[first].dtype
    bounds = _bounds(dtype, activation(graph, index))
    swapped = (first, second) != graph.operators[index].inputs
    what: dict[str, Value] = {
        "what": _SWAPPED if swapped and opcode == "SUB" else _ARITHMETIC.index(opcode),
        "size": dtype.numpy.itemsize,
        "low": bounds[0],
        "high": bounds[1],
        "when_less": 0,
        "when_equal": 0,
        "when_greater": 0,
    }
    return (_step(graph, index, what),)


def _negation(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """What is left of 0, wrapped: the smallest number stays."""
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    size = source.dtype.numpy.itemsize
    _, kernel, params_type = _KERNELS[size]
    low, high = _bounds(source.dtype, "NONE")
    zero = Constant("operand", "int8_t", np.zeros(size, np.int8), align=size)
    step = Step(
        operator=index,
        title=f"NEG {shape_text(source.shape)} of {source.dtype.value}",
        kernel=kernel,
        params_type=params_type,
        params={
            "what": _SWAPPED,
            "size": size,
            "low": low,
            "high": high,
            "when_less": 0,
            "when_equal": 0,
            "when_greater": 0,
            "run": source.elements,
            "a_step": size,
            "b_step": 0,
            "loop_count": 0,
            "loops": None,
            "constant": "operand",
        },
        inputs=op.inputs,
        outputs=op.outputs,
        sources=(f"{_KERNELS[size][0]}.c",),
        constants=(zero,),
        inplace=(0,),
    )
    return (step,)


def _order(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    swapped = operands(graph, index) != graph.operators[index].inputs
    less, equal, greater = truths(opcode, swapped=swapped)
    what: dict[str, Value] = {
        "what": _ORDER,
        "size": 1,
        "low": 0,
        "high": 0,
        "when_less": less,
        "when_equal": equal,
        "when_greater": greater,
    }
    return (_step(graph, index, what),)


_WHOLE = INDEX
_HOW = "INT32 or INT64 numbers that mean themselves, element by element"


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
    Op(
        "NEG",
        Support(1, ranks=(0, 8), types=_WHOLE),
        _negation,
        "INT32 or INT64 numbers that mean themselves",
    ),
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
