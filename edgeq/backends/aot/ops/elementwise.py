"""Operators of two operands, of the same shape or broadcast, one of which may be constant."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from edgeq.backends.aot.ops.broadcast import MAX_LOOPS, Broadcast, broadcast
from edgeq.backends.aot.ops.channels import Channels, Channelwise, Ranges, corners
from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.lookup import EVERY_BYTE, lookup_step
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Rows, Step, Value
from edgeq.base.errors import ModelError
from edgeq.graph.model import DType, Graph

Function = Callable[[Ints, Ints], Ints]
"""The output's integers by those of the operands, element by element."""

HOW_OPERANDS = "a table where one operand is a scalar constant, or both are one tensor"


@dataclass(frozen=True)
class Arithmetic:
    """How a kernel computes: a subclass has the fields of the kernel's parameters, but for the operands'."""


def operands(graph: Graph, index: int) -> tuple[int, int]:
    """The operands; a constant one comes second, whatever its place: what does not commute has to look."""
    first, second = graph.operators[index].inputs
    return (second, first) if graph[first].is_constant else (first, second)


def as_table(graph: Graph, index: int, function: Function) -> Step | None:
    """A table, where the result depends on one byte only: a scalar constant, or a tensor with itself."""
    first, second = operands(graph, index)
    unsigned = graph[first].dtype is DType.UINT8
    values = EVERY_BYTE.view(np.uint8 if unsigned else np.int8).astype(np.int64)
    constant = graph[second].data
    if first == second:
        other = values
    elif constant is not None and np.unique(constant).size == 1:
        other = np.full(256, int(np.asarray(constant).reshape(-1)[0]), np.int64)
    else:
        return None
    if graph[first].elements != graph[graph.operators[index].outputs[0]].elements:
        return None
    return lookup_step(graph, index, function(values, other), first)


def every_pair(function: Function) -> Ints:
    """The outputs of every pair of operands, [256, 256], from -128 to 127."""
    values = np.arange(-128, 128, dtype=np.int64)
    return function(values[:, None], values[None, :])


def elementwise_step(graph: Graph, index: int, kernel: str, arithmetic: Arithmetic) -> Step:
    """One call of a kernel over the operands' loops.

    Args:
        kernel: ``edgeq_add_s8``, say: its parameters are an ``edgeq_add_params``, and its form for a constant
            second operand is ``edgeq_add_constant_s8``. Of ``edgeq_add_s16``, which takes int16, they are an
            ``edgeq_add_s16_params``.
        arithmetic: what the kernel is told beside the operands.

    Raises:
        ModelError: for more loops than kernels have.
    """
    op = graph.operators[index]
    first, second = operands(graph, index)
    a, b, output = graph[first], graph[second], graph[op.outputs[0]]
    loops = broadcast(a.shape, b.shape, output.shape)
    if len(loops.loops) > MAX_LOOPS:
        raise ModelError(f"{graph.describe(index)}: it broadcasts over too many axes", "join axes by RESHAPE")
    params: dict[str, Value] = {
        **asdict(arithmetic),
        "run": loops.run,
        "a_step": loops.a_step,
        "b_step": loops.b_step,
        "loop_count": len(loops.loops),
        "loops": "loops" if loops.loops else None,
        "constant": "operand" if b.is_constant else None,
    }
    constants: tuple[Constant, ...] = ()
    if loops.loops:
        comment = "count, stride of a, stride of b"
        constants += (Constant("loops", "int32_t", loops.table(), comment, is_weights=False),)
    stem, _, width = kernel.rpartition("_")
    wide = width == "s16"
    if b.data is not None:
        values = np.asarray(b.data).reshape(-1)
        constants += (
            Constant("operand", "int16_t", values.astype(np.int16))
            if wide
            else Constant("operand", "int8_t", values.view(np.int8)),
        )
    inputs = (first,) if b.is_constant else (first, second)
    return Step(
        operator=index,
        title=_title(op.opcode, a.shape, b.shape, loops, constant=b.is_constant),
        kernel=f"{stem}_constant_{width}" if b.is_constant else kernel,
        params_type=f"{kernel if wide else stem}_params",
        params=params,
        inputs=inputs,
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=constants,
        inplace=tuple(i for i, source in enumerate(inputs) if graph[source].elements == output.elements),
        typed=wide,
        rows=_rows(a.shape) if inputs[1:] and a.shape == b.shape else None,
    )


def _rows(shape: tuple[int, ...]) -> Rows | None:
    return Rows(heights=None, counts=(("run", math.prod(shape[2:])),)) if len(shape) == 4 else None


def channelwise(graph: Graph, index: int, function: Function) -> Channels | None:
    """The channels of an operator that is monotone in each of its operands.

    None where an activation has fewer channels than the output, so that one serves many.
    """
    op = graph.operators[index]
    channels = graph[op.outputs[0]].shape[-1]
    activations = [t for t in operands(graph, index) if not graph[t].is_constant]
    if any(not graph[t].shape or graph[t].shape[-1] != channels for t in activations):
        return None

    def ranges(inputs: Mapping[int, Ranges]) -> Ranges:
        known = [
            inputs[t] if (data := graph[t].data) is None else Ranges.of(data) for t in operands(graph, index)
        ]
        found = corners(function, *known)
        return Ranges(*(np.broadcast_to(end, channels) for end in (found.low, found.high)))

    return Channelwise(
        dict.fromkeys(activations, np.arange(channels)),
        ranges,
        {
            place: graph[t]
            for place, t in enumerate(op.inputs)
            if graph[t].is_constant and graph[t].shape[-1:] == (channels,)
        },
    )


def _title(opcode: str, a: tuple[int, ...], b: tuple[int, ...], loops: Broadcast, *, constant: bool) -> str:
    if not loops.loops and loops.a_step and loops.b_step:
        return f"{opcode} {shape_text(a)}" + (" with a constant" if constant else "")
    return f"{opcode} {shape_text(a)} by {'constant ' if constant else ''}{shape_text(b)}"
