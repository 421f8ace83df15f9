"""Operators of one 8-bit input as a table of 256 bytes, computed here as LiteRT's reference computes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.channels import Channels, Ranges, one_to_one
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, multiply, quantize_multiplier, round_half_away
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, limits, shape_text
from edgeq.backends.aot.step import Constant, Rows, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import DType, Graph

Function = Callable[[Graph, int, Ints], Ints]
"""What an operator of a graph, by its index, makes of the input's integers."""

EVERY_BYTE = np.arange(256, dtype=np.int64).astype(np.uint8)
"""A table's entries in their order: the input's byte as unsigned."""
_BEYOND = np.float32(1 << 20)
"""Steps of an output scale that are beyond every output, and whole in float32."""


def table_operator(
    name: str, support: Support, function: Function, note: str = "", *, unsigned: bool = False
) -> Op:
    """An operator whose output is a function of one byte, element by element.

    Args:
        note: what docs/operators.md says of it beside that.
        unsigned: as ``Op`` has it.
    """
    return Op(
        name,
        support,
        partial(_lower, function),
        "a table of 256 bytes, or nothing where it changes none" + (f"; {note}" if note else ""),
        partial(_is_identity, function),
        partial(_channels, function),
        unsigned,
    )


def _channels(function: Function, graph: Graph, index: int, _target: Target) -> Channels | None:
    op = graph.operators[index]
    table = np.roll(table_of(function, graph, index), 128)  # from -128 to 127

    def ranges(source: Ranges) -> Ranges:
        met = [table[low : high + 1] for low, high in zip(source.low + 128, source.high + 128, strict=True)]
        return Ranges(np.array([m.min() for m in met]), np.array([m.max() for m in met]))

    return one_to_one(op.inputs[0], graph[op.inputs[0]].shape[-1], ranges)


def _lower(function: Function, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    if _is_identity(function, graph, index):
        return ()
    source = graph.operators[index].inputs[0]
    return (lookup_step(graph, index, table_of(function, graph, index), source),)


def _is_identity(function: Function, graph: Graph, index: int) -> bool:
    """Whether the operator's output bytes are its input bytes, whatever they are."""
    return bool(np.array_equal(table_of(function, graph, index).astype(np.uint8), EVERY_BYTE))


def table_of(function: Function, graph: Graph, index: int) -> Ints:
    """The operator as int64 [256], indexed by the input's byte as unsigned."""
    source = graph[graph.operators[index].inputs[0]]
    values = EVERY_BYTE.view(np.int8) if source.dtype is DType.INT8 else EVERY_BYTE
    return function(graph, index, values.astype(np.int64))


def lookup_step(graph: Graph, index: int, table: Ints, source: int) -> Step:
    """A step that sends every byte of tensor ``source`` through ``table``.

    Args:
        table: int64 [256], indexed by the input's byte as unsigned.
    """
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    entries = table.astype(np.uint8).view(np.int8)
    return Step(
        operator=index,
        title=f"{op.opcode} {shape_text(output.shape)} by table",
        kernel="edgeq_lookup_s8",
        params_type="edgeq_lookup_params",
        params={"table": "table", "count": output.elements},
        inputs=(source,),
        outputs=op.outputs,
        sources=("edgeq_lookup_s8.c",),
        constants=(
            Constant(
                "table", "int8_t", entries, "output by input byte, 0..127 then -128..-1", is_weights=False
            ),
        ),
        inplace=(0,),
        rows=Rows(heights=None, counts=(("count", math.prod(output.shape[2:])),)),
    )


def rescaled(graph: Graph, index: int, values: Ints, ratio: float, bounds: tuple[int, int]) -> Ints:
    """The integers from the input's scale to the output's, in the reference's fixed point.

    Args:
        ratio: the input's scale over the output's, in the precision in which the reference divides.
        bounds: the smallest and largest result.
    """
    op = graph.operators[index]
    _, in_zero = affine(graph, op.inputs[0], index)
    _, out_zero = affine(graph, op.outputs[0], index)
    multiplier, shift = quantize_multiplier(ratio)
    return clamp(multiply(values - in_zero, multiplier, shift) + out_zero, *bounds)


def in_float(
    function: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]],
    graph: Graph,
    index: int,
    values: Ints,
) -> Ints:
    """A function of real numbers, dequantized and quantized in float32."""
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    inverse = np.float32(1) / np.float32(out_scale)
    real = np.float32(in_scale) * (values - in_zero).astype(np.float32)
    with np.errstate(over="ignore"):
        steps = np.clip(function(real) * inverse, -_BEYOND, _BEYOND)
    scaled = round_half_away(steps) + np.float32(out_zero)
    return clamp(scaled.astype(np.int64), *limits(graph[op.outputs[0]]))
