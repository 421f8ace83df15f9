"""What TensorFlow Lite Micro's operators look like: operands, shapes, ranks, scales.

For which types each is there says operators.json, which benchmarks/tflm_operators.py made by asking TFLM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edgeq.checker.operators import (
    BIAS,
    DILATIONS,
    INDEX,
    RECTIFIERS,
    STRIDES,
    TWO_INPUTS,
    UNFUSED,
    WEIGHTS,
    FixedScale,
    Operand,
    Spacing,
    Support,
    parameter,
)
from edgeq.graph import indexed, picks, rearranged, shapes
from edgeq.graph.model import DType

_INPUT = Operand("input")
_CONDITION = Operand("condition", dtypes=frozenset({DType.BOOL}))
_INDICES = Operand("indices", "parameter", INDEX, most=1 << 16)
_ANY = (0, 8)
_UNIT = FixedScale(1 / 256, -128, zero_point_demanded=False)
_WINDOW = ("filter_height", "filter_width")


def _unary(
    ranks: tuple[int, int] = _ANY, spacing: Spacing = "free", scale: FixedScale | None = None
) -> Support:
    return Support(1, ranks=ranks, spacing=spacing, output_scale=scale)


def _pair(spacing: Spacing = "free", activations: frozenset[str] = UNFUSED) -> Support:
    return Support(1, TWO_INPUTS, shapes.broadcast, ranks=(0, 6), spacing=spacing, activations=activations)


def _moves(
    shape: shapes.Rule,
    *parameters: str,
    ranks: tuple[int, int] = (1, 5),
    wide: bool = False,
    **fixed: int | bool,
) -> Support:
    operands = (_INPUT, *(parameter(name, wide=wide) for name in parameters))
    kept = tuple(sorted(fixed.items()))
    return Support(1, operands, shape, ranks=ranks, spacing="moves-bytes", fixed=kept)


def _reduces(spacing: Spacing = "free") -> Support:
    return Support(1, (_INPUT, parameter("axes")), shapes.mean, spacing=spacing)


def _layer(
    shape: shapes.Rule, axis: int, positive: tuple[str, ...], operands: tuple[Operand, ...]
) -> Support:
    return Support(
        1,
        operands,
        shape,
        ranks=(4, 4),
        activations=RECTIFIERS,
        channel_axis=axis,
        multiplies=True,
        positive=positive,
    )


_WEIGHTED = (_INPUT, WEIGHTS, BIAS)
_POOL = Support(
    1,
    shape=shapes.pool,
    ranks=(4, 4),
    activations=RECTIFIERS,
    spacing="moves-bytes",
    positive=(*STRIDES, *_WINDOW),
)
_COMPARISON = _pair()

SIGNATURES: Mapping[str, Support] = {
    "ABS": _unary(),
    "ADD": _pair(activations=RECTIFIERS),
    "ARG_MAX": Support(1, (_INPUT, parameter("axis")), indexed.without_axis, ranks=(1, 6)),
    "ARG_MIN": Support(1, (_INPUT, parameter("axis")), indexed.without_axis, ranks=(1, 6)),
    "AVERAGE_POOL_2D": _POOL,
    "BATCH_MATMUL": Support(1, TWO_INPUTS, shapes.matmul, ranks=(2, 5), multiplies=True),
    "BATCH_TO_SPACE_ND": _moves(rearranged.from_batch, "blocks", "crops", ranks=(3, 4)),
    "BROADCAST_ARGS": Support(1, TWO_INPUTS, indexed.joint_rank, ranks=(1, 1)),
    "BROADCAST_TO": _moves(rearranged.broadcast_to, "shape", wide=True),
    "CAST": _unary(),
    "CONCATENATION": Support(1, shape=shapes.concatenation, repeats=True, spacing="as-input"),
    "CONV_2D": _layer(shapes.conv, 0, STRIDES + DILATIONS, _WEIGHTED),
    "DEPTHWISE_CONV_2D": _layer(shapes.depthwise, 3, STRIDES + DILATIONS, _WEIGHTED),
    "DEPTH_TO_SPACE": _moves(rearranged.from_depth, ranks=(4, 4)),
    "DEQUANTIZE": _unary(),
    "DIV": _pair(activations=RECTIFIERS),
    "DYNAMIC_UPDATE_SLICE": Support(
        1,
        (*TWO_INPUTS, Operand("begin", "parameter", INDEX)),
        indexed.updated,
        ranks=(1, 6),
        spacing="as-input",
    ),
    "ELU": _unary(),
    "EMBEDDING_LOOKUP": Support(
        1,
        (Operand("rows", "parameter", frozenset({DType.INT32}), most=1 << 16), Operand("table")),
        indexed.embedding,
        ranks=(2, 6),
        spacing="moves-bytes",
    ),
    **dict.fromkeys(("EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "NOT_EQUAL"), _COMPARISON),
    "EXPAND_DIMS": _moves(shapes.expand_dims, "axis", ranks=(0, 7)),
    "FILL": Support(
        1, (parameter("shape"), Operand("value")), indexed.filled, ranks=(0, 1), spacing="moves-bytes"
    ),
    "FULLY_CONNECTED": Support(
        1,
        _WEIGHTED,
        shapes.fully_connected,
        activations=RECTIFIERS,
        channel_axis=0,
        multiplies=True,
        fixed=(("weights_format", "DEFAULT"),),
    ),
    "GATHER": Support(1, (_INPUT, _INDICES), indexed.gather, ranks=(1, 6), spacing="moves-bytes"),
    "GATHER_ND": Support(1, (_INPUT, _INDICES), indexed.gather_nd, ranks=(1, 5), spacing="moves-bytes"),
    "HARD_SWISH": _unary(),
    "L2_NORMALIZATION": _unary((1, 4), scale=FixedScale(1 / 128, 0)),
    "LEAKY_RELU": _unary(),
    "LOGICAL_AND": _pair(),
    "LOGICAL_NOT": _unary(),
    "LOGICAL_OR": _pair(),
    "LOGISTIC": _unary(scale=_UNIT),
    "LOG_SOFTMAX": _unary((1, 6), scale=FixedScale(16 / 256, 127)),
    "MAXIMUM": _pair("moves-bytes"),
    "MAX_POOL_2D": _POOL,
    "MEAN": replace(_reduces(), averages=True),
    "MINIMUM": _pair("moves-bytes"),
    "MIRROR_PAD": _moves(picks.picked(picks.mirrored), "paddings", wide=True),
    "MUL": replace(_pair(activations=RECTIFIERS), multiplies=True),
    "PACK": Support(1, shape=rearranged.pack, repeats=True, ranks=(0, 5), spacing="as-input"),
    "PAD": _moves(shapes.pad, "paddings"),
    "PADV2": Support(
        1,
        (_INPUT, parameter("paddings"), Operand("padding value", constant=True)),
        shapes.pad,
        ranks=(1, 5),
        spacing="as-input",
    ),
    "PRELU": Support(1, (_INPUT, Operand("slopes")), shapes.slopes, ranks=(1, 5)),
    "QUANTIZE": _unary(),
    "REDUCE_ALL": _reduces(),
    "REDUCE_MAX": _reduces("as-input"),
    "REDUCE_MIN": _reduces("as-input"),
    "RELU": _unary(),
    "RELU6": _unary(spacing="equal"),  # clamps without rescaling
    "RESHAPE": Support(
        1,
        (_INPUT, parameter("shape", optional=True, wide=True)),
        shapes.reshape,
        ranks=_ANY,
        spacing="moves-bytes",
    ),
    "RESIZE_BILINEAR": Support(
        1, (_INPUT, parameter("size")), shapes.resized, ranks=(4, 4), spacing="moves-bytes"
    ),
    "RESIZE_NEAREST_NEIGHBOR": _moves(shapes.resized, "size", ranks=(4, 4)),
    "REVERSE_V2": _moves(picks.picked(picks.reversed_), "axes", ranks=(1, 6)),
    "RSQRT": _unary(),
    "SELECT_V2": Support(1, (_CONDITION, *TWO_INPUTS), indexed.chosen, ranks=(0, 5), spacing="as-input"),
    "SHAPE": Support(1, shape=indexed.rank_of, ranks=(1, 8)),
    "SLICE": _moves(picks.picked(picks.sliced), "begin", "size", wide=True),
    "SOFTMAX": _unary((1, 6), scale=FixedScale(1 / 256, -128, tolerance=0.001)),
    "SPACE_TO_BATCH_ND": _moves(rearranged.to_batch, "blocks", "paddings", ranks=(3, 4)),
    "SPACE_TO_DEPTH": _moves(rearranged.to_depth, ranks=(4, 4)),
    "SPLIT": Support(
        1, (parameter("axis", wide=True), _INPUT), parts=rearranged.split, spacing="moves-bytes"
    ),
    "SPLIT_V": Support(
        1,
        (_INPUT, parameter("sizes", wide=True), parameter("axis", wide=True)),
        parts=rearranged.split_v,
        spacing="moves-bytes",
    ),
    "SQUARED_DIFFERENCE": _pair(),
    "SQUEEZE": _moves(shapes.squeeze, ranks=_ANY),
    "STRIDED_SLICE": _moves(
        picks.strided_shape,
        "begin",
        "end",
        "strides",
        ranks=(1, 4),
        ellipsis_mask=0,
        new_axis_mask=0,
        offset=False,
    ),
    "SUM": _reduces(),
    "TANH": _unary(scale=FixedScale(1 / 128, 0, demanded=False, zero_point_demanded=False)),
    "TRANSPOSE": _moves(shapes.transpose, "permutation"),
    "TRANSPOSE_CONV": _layer(
        shapes.transpose_conv, 0, STRIDES, (parameter("output shape"), WEIGHTS, _INPUT, BIAS)
    ),
    "UNPACK": Support(1, parts=rearranged.unpack, spacing="moves-bytes"),
    "ZEROS_LIKE": _unary(),
}
"""By the schema's name, for all that TFLM has in whole numbers; versions and types are the table's."""
