"""RESIZE_BILINEAR: weights of 10 bits for each row and column, computed here; of uint8 real ones."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import UINT8, Operand, Support, parameter
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, values_of

_ONE = 1 << 10
_LARGEST = 1 << 12
"""Rows or columns, before and after, up to which nothing overflows."""


def _axis(op: Operator, size: int, output: int) -> list[tuple[int, int, int]]:
    """For each place along an axis of the output: two of the input, and the second one's weight."""
    centered = bool(op.options.get("half_pixel_centers"))
    if op.options.get("align_corners") and output > 1:
        scale = (_ONE * (size - 1) + (output - 1) // 2) // (output - 1)
    else:
        scale = (_ONE * size + output // 2) // output
    found = []
    for i in range(output):
        at = i * scale + (scale // 2 - _ONE // 2 if centered else 0)
        lower = max(int(at / _ONE), 0)
        upper = min(int((at + _ONE - 1) / _ONE), size - 1)
        found.append((lower, upper, at - _ONE * lower))
    return found


def _shape(graph: Graph, op: Operator) -> Shape:
    """NHWC; the second input is the new height and width."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    sizes = values_of(graph, op.inputs[1])
    if len(sizes) != 2 or not all(0 < size <= _LARGEST for size in (*sizes, height, width)):
        raise Contradiction(f"it makes {sizes} of {height} x {width}, where sizes are from 1 to {_LARGEST}")
    for size, output in zip((height, width), sizes, strict=True):
        if max(lower for lower, _, _ in _axis(op, size, output)) >= size:
            raise Contradiction(f"its rounding of {size} to {output} reaches beyond its input")
    return batch, *sizes, channels


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    batch, height, width, channels = source
    row = width * channels
    rows = [(a * row, b * row, w) for a, b, w in _axis(op, height, output[1])]
    columns = [(a * channels, b * channels, w) for a, b, w in _axis(op, width, output[2])]
    wide = graph[op.inputs[0]].dtype is DType.INT16
    kernel = "edgeq_resize_bilinear_s16" if wide else "edgeq_resize_bilinear_s8"
    comment = "offsets of two in the input, the second one's weight in 1/1024"
    step = Step(
        operator=index,
        title=f"RESIZE_BILINEAR {shape_text(source)} -> {shape_text(output)}",
        kernel=kernel,
        params_type="edgeq_resize_bilinear_s16_params" if wide else "edgeq_resize_bilinear_params",
        params={
            "batches": batch,
            "image": height * row,
            "height": output[1],
            "width": output[2],
            "channels": channels,
            "rows": "rows",
            "columns": "columns",
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        typed=wide,
        constants=tuple(
            Constant(name, "int32_t", np.array(values, np.int32).reshape(-1), comment, is_weights=False)
            for name, values in (("rows", rows), ("columns", columns))
        ),
    )
    return (step,)


def _real_axis(op: Operator, size: int, output: int) -> list[tuple[int, int, np.float32]]:
    """As :func:`_axis`, in float32 as LiteRT's reference computes of uint8."""
    half = np.float32(0.5)
    if op.options.get("align_corners") and output > 1:
        scale = np.float32(size - 1) / np.float32(output - 1)
    else:
        scale = np.float32(size) / np.float32(output)
    found = []
    for i in range(output):
        at = np.float32(i) * scale
        if op.options.get("half_pixel_centers"):
            at = (np.float32(i) + half) * scale - half
        lower = max(int(np.floor(at)), 0)
        found.append((lower, min(int(np.ceil(at)), size - 1), np.float32(at) - np.float32(lower)))
    return found


def _real_shape(graph: Graph, op: Operator) -> Shape:
    """NHWC; the second input is the new height and width."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    sizes = values_of(graph, op.inputs[1])
    if len(sizes) != 2 or not all(0 < size <= _LARGEST for size in (*sizes, height, width)):
        raise Contradiction(f"it makes {sizes} of {height} x {width}, where sizes are from 1 to {_LARGEST}")
    for size, output in zip((height, width), sizes, strict=True):
        if max(lower for lower, _, _ in _real_axis(op, size, output)) >= size:
            raise Contradiction(f"its rounding of {size} to {output} reaches beyond its input")
    return batch, *sizes, channels


def _lower_unsigned(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    batch, height, width, channels = source
    row = width * channels
    rows, columns = _real_axis(op, height, output[1]), _real_axis(op, width, output[2])
    tables = (
        Constant(name, ctype, np.array(values, dtype).reshape(-1), comment, is_weights=False)
        for name, ctype, dtype, values, comment in (
            ("rows", "int32_t", np.int32, [(a * row, b * row) for a, b, _ in rows], "offsets of two rows"),
            (
                "columns",
                "int32_t",
                np.int32,
                [(a * channels, b * channels) for a, b, _ in columns],
                "of columns",
            ),
            ("row_weights", "float", np.float32, [w for _, _, w in rows], "of the second row"),
            ("column_weights", "float", np.float32, [w for _, _, w in columns], "of the second column"),
        )
    )
    step = Step(
        operator=index,
        title=f"RESIZE_BILINEAR {shape_text(source)} -> {shape_text(output)} of uint8",
        kernel="edgeq_resize_bilinear_u8",
        params_type="edgeq_resize_bilinear_u8_params",
        params={
            "batches": batch,
            "image": height * row,
            "height": output[1],
            "width": output[2],
            "channels": channels,
            "rows": "rows",
            "columns": "columns",
            "row_weights": "row_weights",
            "column_weights": "column_weights",
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_resize_bilinear_u8.c",),
        constants=tuple(tables),
    )
    return (step,)


def _refusal(_graph: Graph, op: Operator) -> str | None:
    if op.options.get("align_corners") and op.options.get("half_pixel_centers"):
        return "TensorFlow Lite takes align_corners or half_pixel_centers, not both"
    return None


OPERATORS = (
    Op(
        "RESIZE_BILINEAR",
        Support(
            4,
            (Operand("input"), parameter("size")),
            _shape,
            ranks=(4, 4),
            spacing="moves-bytes",
            refusal=_refusal,
            types=frozenset({DType.INT8, DType.INT16}),
        ),
        _lower,
        "four products with weights of 10 bits from tables of rows and columns",
    ),
    Op(
        "RESIZE_BILINEAR",
        Support(
            4,
            (Operand("input"), parameter("size")),
            _real_shape,
            ranks=(4, 4),
            spacing="moves-bytes",
            refusal=_refusal,
            types=UINT8,
        ),
        _lower_unsigned,
        "four products of real numbers, as the reference's, with weights from tables of rows and columns",
    ),
)
