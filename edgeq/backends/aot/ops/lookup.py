"""Operators of one int8 input that become a table of 256 entries: LOGISTIC, TANH, RELU, RELU6, QUANTIZE, ….

The tables are computed here as LiteRT's reference computes them: LOGISTIC and TANH in float32, the others in
fixed point.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import clamp, multiply, quantize_multiplier, round_half_away
from edgeq.backends.aot.ops.tensors import activation_limits, affine, limits, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import DType, Graph

Table = npt.NDArray[np.int64]
_RELU = {"RELU": "RELU", "RELU6": "RELU6", "RELU_N1_TO_1": "RELU_N1_TO_1"}


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """The operator as one table, or as nothing where the table changes nothing."""
    table = table_of(graph, index)
    op = graph.operators[index]
    if is_identity(graph, index):
        return ()
    return (lookup_step(graph, index, table, op.inputs[0]),)


def lookup_step(graph: Graph, index: int, table: Table, source: int) -> Step:
    """A step that sends every byte of tensor ``source`` through ``table``.

    Args:
        table: int64 [256], indexed by the input's byte as unsigned.
    """
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    entries = np.asarray(table).astype(np.uint8).view(np.int8)
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
    )


def is_identity(graph: Graph, index: int) -> bool:
    """Whether the operator's output bytes are its input bytes, whatever they are."""
    return bool(np.array_equal(table_of(graph, index).astype(np.uint8), np.arange(256)))


def table_of(graph: Graph, index: int) -> Table:
    """The operator as int64 [256], indexed by the input's byte as unsigned."""
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    values = np.arange(256, dtype=np.int64)
    if source.dtype == DType.INT8:
        values = np.where(values < 128, values, values - 256)
    if op.opcode in _FLOAT:
        return _by_float(graph, index, values, _FLOAT[op.opcode])
    return _by_multiplier(graph, index, values)


def _by_multiplier(graph: Graph, index: int, values: Table) -> Table:
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    output = graph[op.outputs[0]]
    if op.opcode == "QUANTIZE":
        ratio = in_scale / out_scale
        low, high = limits(output)
    else:
        ratio = float(np.float32(in_scale) / np.float32(out_scale))
        low, high = activation_limits(output, _RELU[op.opcode])
    multiplier, shift = quantize_multiplier(ratio)
    return clamp(multiply(values - in_zero, multiplier, shift) + out_zero, low, high)


def _by_float(
    graph: Graph,
    index: int,
    values: Table,
    function: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]],
) -> Table:
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    inverse = np.float32(1) / np.float32(out_scale)
    real = np.float32(in_scale) * (values - in_zero).astype(np.float32)
    scaled = round_half_away(function(real) * inverse) + np.float32(out_zero)
    return clamp(scaled.astype(np.int64), *limits(graph[op.outputs[0]]))


def _logistic(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        exp = np.exp(-x.astype(np.float64)).astype(np.float32)
    result: npt.NDArray[np.float32] = np.float32(1) / (np.float32(1) + exp)
    return result


def _tanh(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.tanh(x.astype(np.float64)).astype(np.float32)


_FLOAT = {"LOGISTIC": _logistic, "TANH": _tanh}
