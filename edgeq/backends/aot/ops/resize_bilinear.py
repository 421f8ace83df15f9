"""RESIZE_BILINEAR: weights of 10 bits for each row and column, computed here; of uint8 real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

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


_KERNELS = {
    DType.INT8: "edgeq_resize_bilinear_s8",
    DType.INT16: "edgeq_resize_bilinear_s16",
    DType.UINT8: "edgeq_resize_bilinear_u8",
}

Axis = Callable[[Operator, int, int], Sequence[tuple[int, int, float]]]
"""For each place along an axis of the output: two of the input, and the second one's weight."""


def _axis(op: Operator, size: int, output: int) -> list[tuple[int, int, int]]:
    """Weights are in 1/1024."""
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


def _real_axis(op: Operator, size: int, output: int) -> list[tuple[int, int, float]]:
    """In float32, as LiteRT's reference computes of uint8."""
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
        weight = float(np.float32(at) - np.float32(lower))
        found.append((lower, min(int(np.ceil(at)), size - 1), weight))
    return found


def _shape(axis: Axis, graph: Graph, op: Operator) -> Shape:
    """NHWC; the second input is the new height and width."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    sizes = values_of(graph, op.inputs[1])
    if len(sizes) != 2 or not all(0 < size <= _LARGEST for size in (*sizes, height, width)):
        raise Contradiction(f"it makes {sizes} of {height} x {width}, where sizes are from 1 to {_LARGEST}")
    for size, output in zip((height, width), sizes, strict=True):
        if max(lower for lower, _, _ in axis(op, size, output)) >= size:
            raise Contradiction(f"its rounding of {size} to {output} reaches beyond its input")
    return batch, *sizes, channels


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    unsigned = graph[op.inputs[0]].dtype is DType.UINT8
    axis: Axis = _real_axis if unsigned else _axis
    row, channels = source[2] * source[3], source[3]
    rows = [(a * row, b * row, w) for a, b, w in axis(op, source[1], output[1])]
    columns = [(a * channels, b * channels, w) for a, b, w in axis(op, source[2], output[2])]
    kernel = _KERNELS[graph[op.inputs[0]].dtype]
    told = " of uint8" if unsigned else ""
    tables = _real_tables(rows, columns) if unsigned else _tables(rows, columns)
    step = Step(
        operator=index,
        title=f"RESIZE_BILINEAR {shape_text(source)} -> {shape_text(output)}{told}",
        kernel=kernel,
        params_type=f"{kernel.removesuffix('_s8')}_params",
        params={
            "batches": source[0],
            "image": source[1] * row,
            "height": output[1],
            "width": output[2],
            "channels": channels,
            **{table.suffix: table.suffix for table in tables},
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        typed=graph[op.inputs[0]].dtype is DType.INT16,
        constants=tables,
    )
    return (step,)


def _tables(*axes: Sequence[tuple[int, int, float]]) -> tuple[Constant, ...]:
    """Of rows and columns: offsets and weights side by side."""
    comment = "offsets of two in the input, the second one's weight in 1/1024"
    return tuple(
        Constant(name, "int32_t", np.array(values, np.int32).reshape(-1), comment, is_weights=False)
        for name, values in zip(("rows", "columns"), axes, strict=True)
    )


def _real_tables(*axes: Sequence[tuple[int, int, float]]) -> tuple[Constant, ...]:
    """Of rows and columns: offsets, then weights, which are real numbers."""
    named = dict(zip(("row", "column"), axes, strict=True))
    offsets = (
        Constant(
            f"{name}s",
            "int32_t",
            np.array([(a, b) for a, b, _ in values], np.int32).reshape(-1),
            f"offsets of two {name}s",
            is_weights=False,
        )
        for name, values in named.items()
    )
    weights = (
        Constant(
            f"{name}_weights",
            "float",
            np.array([w for _, _, w in values], np.float32),
            f"of the second {name}",
            is_weights=False,
        )
        for name, values in named.items()
    )
    return (*offsets, *weights)


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
            partial(_shape, _axis),
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
            partial(_shape, _real_axis),
            ranks=(4, 4),
            spacing="moves-bytes",
            refusal=_refusal,
            types=UINT8,
        ),
        _lower,
        "four products of real numbers, as the reference's, with weights from tables of rows and columns",
    ),
)
