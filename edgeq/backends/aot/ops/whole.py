"""Arithmetic and comparisons of INT32 and INT64 numbers that mean themselves: indices, sizes, positions."""

from __future__ import annotations

from collections.abc import Mapping
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
from edgeq.graph import indexed, shapes
from edgeq.graph.model import DType, Graph

_ORDER, _SWAPPED = 5, 6
"""An order of two numbers, and the difference of the second and the first, in the kernel's numbers."""
_KERNELS = {4: ("edgeq_whole_s32", "edgeq_whole_params"), 8: ("edgeq_whole_s64", "edgeq_whole_s64_params")}
"""By the bytes of a number: the kernel and its parameters."""
_ARITHMETIC = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
"""In the kernel's numbers."""


def bounds(dtype: DType, fused: str) -> tuple[int, int]:
    """The numbers of a type that a fused activation leaves: (low, high)."""
    limits = np.iinfo(dtype.numpy.name)
    whole = (int(limits.min), int(limits.max))
    return {"NONE": whole, "RELU": (0, whole[1]), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1)}[fused]


def whole_step(
    graph: Graph,
    index: int,
    pair: tuple[int, int],
    kernel: tuple[str, str],
    arithmetic: Mapping[str, Value],
    *,
    name: str = "",
) -> Step:
    """One call of a kernel over the operands' loops, whose steps and strides are in bytes.

    Args:
        pair: the operands; a constant one comes second.
        kernel: ``edgeq_whole_s32``, say, and the struct of its parameters; its form for a constant second
            operand is ``edgeq_whole_constant_s32``.
        arithmetic: its parameters beside those that tell of the operands.
        name: of this one among several of the operator, for its constant.

    Raises:
        ModelError: for more loops than kernels have.
    """
    op = graph.operators[index]
    first, second = pair
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
        constants += (Constant(f"operand{name}", "int8_t", values, align=size),)
    inputs = (first,) if b.is_constant else (first, second)
    return Step(
        operator=index,
        title=f"{op.opcode} {shape_text(output.shape)} of {a.dtype.value}",
        kernel=constant_form(kernel[0]) if b.is_constant else kernel[0],
        params_type=kernel[1],
        params={
            **arithmetic,
            "run": loops.run,
            "a_step": size * loops.a_step,
            "b_step": size * loops.b_step,
            "loop_count": len(loops.loops),
            "loops": "loops" if loops.loops else None,
            "constant": f"operand{name}" if b.is_constant else None,
        },
        inputs=inputs,
        outputs=op.outputs,
        sources=(f"{kernel[0]}.c",),
        constants=constants,
        inplace=tuple(
            i
            for i, source in enumerate(inputs)
            if output.dtype is a.dtype and graph[source].elements == output.elements
        ),
    )


def constant_form(kernel: str) -> str:
    """The kernel for a constant second operand: ``edgeq_whole_constant_s32`` of ``edgeq_whole_s32``."""
    stem, _, width = kernel.rpartition("_")
    return f"{stem}_constant_{width}"


def _step(
    graph: Graph, index: int, pair: tuple[int, int], arithmetic: Mapping[str, Value], name: str = ""
) -> Step:
    kernel = _KERNELS[graph[pair[0]].dtype.numpy.itemsize]
    return whole_step(graph, index, pair, kernel, arithmetic, name=name)


def _computes(what: int, dtype: DType, fused: str = "NONE") -> dict[str, Value]:
    """The kernel's parameters for arithmetic."""
    low, high = bounds(dtype, fused)
    unused = {"when_less": 0, "when_equal": 0, "when_greater": 0}
    return {"what": what, "size": dtype.numpy.itemsize, "low": low, "high": high, **unused}


def _orders(size: int, less: int, equal: int, greater: int) -> dict[str, Value]:
    """The kernel's parameters for an order that is told in so many bytes."""
    results = {"when_less": less, "when_equal": equal, "when_greater": greater}
    return {"what": _ORDER, "size": size, "low": 0, "high": 0, **results}


def _arithmetic(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    pair = operands(graph, index)
    swapped = pair != graph.operators[index].inputs
    what = _SWAPPED if swapped and opcode == "SUB" else _ARITHMETIC.index(opcode)
    return (_step(graph, index, pair, _computes(what, graph[pair[0]].dtype, activation(graph, index))),)


def _sum(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """One operand after the other to what the output holds; sums wrap, so their order is free."""
    op = graph.operators[index]
    first, *more = sorted(op.inputs, key=lambda tensor: graph[tensor].is_constant)
    output = op.outputs[0]
    what = _computes(_ARITHMETIC.index("ADD"), graph[output].dtype)
    pairs = ((output if i else first, other) for i, other in enumerate(more))
    return tuple(_step(graph, index, pair, what, str(i)) for i, pair in enumerate(pairs))


def _with_zero(graph: Graph, index: int, arithmetic: Mapping[str, Value]) -> tuple[Step, ...]:
    """One call of a kernel for every number and 0."""
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    size = source.dtype.numpy.itemsize
    kernel, params_type = _KERNELS[size]
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(source.shape)} of {source.dtype.value}",
        kernel=constant_form(kernel),
        params_type=params_type,
        params={
            **arithmetic,
            "run": source.elements,
            "a_step": size,
            "b_step": 0,
            "loop_count": 0,
            "loops": None,
            "constant": "operand",
        },
        inputs=op.inputs,
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=(Constant("operand", "int8_t", np.zeros(size, np.int8), align=size),),
        inplace=(0,),
    )
    return (step,)


def _negation(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """What is left of 0, wrapped: the smallest number stays."""
    return _with_zero(graph, index, _computes(_SWAPPED, graph[graph.operators[index].inputs[0]].dtype))


def _sign(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    size = graph[graph.operators[index].inputs[0]].dtype.numpy.itemsize
    return _with_zero(graph, index, _orders(size, -1, 0, 1))


def _order(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    pair = operands(graph, index)
    swapped = pair != graph.operators[index].inputs
    return (_step(graph, index, pair, _orders(1, *truths(opcode, swapped=swapped))),)


_WHOLE = INDEX
_SHORT = frozenset({DType.INT32})
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
    Op(
        "SIGN",
        Support(2, ranks=(0, 8), types=_SHORT),
        _sign,
        "INT32 numbers that mean themselves",
    ),
    Op(
        "ADD_N",
        Support(1, TWO_INPUTS, indexed.alike, repeats=True, ranks=(0, 8), types=_SHORT),
        _sum,
        "INT32 numbers that mean themselves, one operand after the other",
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
