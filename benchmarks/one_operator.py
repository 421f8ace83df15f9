"""Models of one operator, in any type: of the forms in which models have it, by the schema's names.

Each is written once for all types, into a sketch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from sketch import Quant, Sketch

from edgeq.graph import DType, Graph, OptionValue

Outcome = Literal["same", "truth", "index", "any"]

_NAMES = {"fused_activation_function": "NONE"}

Draw = Callable[[Sketch], Graph]
"""Puts an operator into a sketch."""

IMAGE = (1, 4, 4, 4)


def _unary(
    name: str, *, positive: bool = False, quant: dict[DType, Quant] | None = None, **options: OptionValue
) -> Draw:
    return lambda s: s.op(name, [s.x(positive=positive)], IMAGE, quant=(quant or {}).get(s.out), **options)


def _pair(name: str, *, positive: bool = False, **options: OptionValue) -> Draw:
    return lambda s: s.op(name, [s.x(), s.x(positive=positive)], IMAGE, **options)


def _moved(
    name: str, shape: Sequence[int], *parameters: Sequence[int], scalar: bool = False, **options: OptionValue
) -> Draw:
    def draw(s: Sketch) -> Graph:
        given = [s.ints(*p, shape=() if scalar else None) for p in parameters]
        return s.op(name, [s.x(), *given], shape, **options)

    return draw


def _paddings(name: str, *more: Callable[[Sketch], int], **options: OptionValue) -> Draw:
    def draw(s: Sketch) -> Graph:
        given = s.ints(0, 0, 1, 1, 1, 1, 0, 0, shape=(4, 2))
        return s.op(name, [s.x(), given, *(m(s) for m in more)], (1, 6, 6, 4), **options)

    return draw


_WINDOW = {"padding": "VALID", "stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2, **_NAMES}
_STEPS = {
    "padding": "VALID",
    "stride_w": 1,
    "stride_h": 1,
    "dilation_w_factor": 1,
    "dilation_h_factor": 1,
    **_NAMES,
}
_STRIDED = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}
_UNIT: dict[DType, Quant] = {
    DType.INT8: (1 / 256, -128),
    DType.INT16: (1 / 32768, 0),
    DType.UINT8: (1 / 256, 0),
}
_SIGNED_UNIT: dict[DType, Quant] = {
    DType.INT8: (1 / 128, 0),
    DType.INT16: (1 / 32768, 0),
    DType.UINT8: (1 / 128, 128),
}
_LOGARITHM: dict[DType, Quant] = {
    DType.INT8: (16 / 256, 127),
    DType.INT16: (16 / 65536, 32767),
    DType.UINT8: (16 / 256, 255),
}


def _svdf(s: Sketch) -> Graph:
    wide = DType.INT16 if s.dtype is DType.INT8 else s.dtype
    feature = s.weights((4, 6))
    time = s.tensor((4, 3), wide, (0.0001, 0) if wide is DType.INT16 else None, s.values((4, 3), wide))
    state = s.tensor((1, 12), wide, (0.001, 0) if wide is DType.INT16 else None, variable=True)
    kind, quant = (DType.INT32, (1e-7, 0)) if s.dtype is DType.INT8 else (s.dtype, None)
    bias = s.tensor((4,), kind, quant, s.values((4,), kind))
    given = [s.x((1, 6)), feature, time, bias, state]
    return s.op(
        "SVDF",
        given,
        (1, 4),
        quant=(0.5, 3) if s.out is DType.INT8 else None,
        rank=1,
        fused_activation_function="RELU",
    )


SKETCHES: dict[str, tuple[Outcome, Draw]] = {
    **{n: ("same", _pair(n, **_NAMES)) for n in ("ADD", "SUB", "MUL")},
    "DIV": ("same", _pair("DIV", positive=True, **_NAMES)),
    **{
        n: ("same", _pair(n))
        for n in (
            "MAXIMUM",
            "MINIMUM",
            "SQUARED_DIFFERENCE",
            "LOGICAL_AND",
            "LOGICAL_OR",
            "ATAN2",
            "BITWISE_XOR",
        )
    },
    **{n: ("same", _pair(n, positive=True)) for n in ("FLOOR_DIV", "FLOOR_MOD", "RIGHT_SHIFT")},
    "ADD_N": ("same", lambda s: s.op("ADD_N", [s.x(), s.x(), s.x()], IMAGE)),
    "POW": ("same", lambda s: s.op("POW", [s.x(positive=True), s.x()], IMAGE)),
    **{
        n: ("truth", _pair(n))
        for n in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")
    },
    **{
        n: ("same", _unary(n))
        for n in (
            "RELU",
            "RELU6",
            "RELU_N1_TO_1",
            "RELU_0_TO_1",
            "HARD_SWISH",
            "ELU",
            "EXP",
            "ABS",
            "NEG",
            "SIN",
            "COS",
            "SIGN",
            "FLOOR",
            "CEIL",
            "ROUND",
            "SQUARE",
            "ZEROS_LIKE",
            "LOGICAL_NOT",
        )
    },
    "GELU": ("same", _unary("GELU", approximate=False)),
    "LEAKY_RELU": ("same", _unary("LEAKY_RELU", alpha=0.2)),
    "PRELU": ("same", lambda s: s.op("PRELU", [s.x(), s.c((1, 1, 4))], IMAGE)),
    **{n: ("same", _unary(n, positive=True)) for n in ("SQRT", "RSQRT", "LOG")},
    "LOGISTIC": ("same", _unary("LOGISTIC", quant=_UNIT)),
    "TANH": ("same", _unary("TANH", quant=_SIGNED_UNIT)),
    "SOFTMAX": ("same", _unary("SOFTMAX", quant=_UNIT, beta=1.0)),
    "LOG_SOFTMAX": ("same", _unary("LOG_SOFTMAX", quant=_LOGARITHM)),
    "L2_NORMALIZATION": ("same", _unary("L2_NORMALIZATION", quant=_SIGNED_UNIT, **_NAMES)),
    "QUANTIZE": ("any", _unary("QUANTIZE")),
    "DEQUANTIZE": ("any", _unary("DEQUANTIZE")),
    "CAST": (
        "any",
        lambda s: s.op("CAST", [s.x()], IMAGE, in_data_type=s.dtype.value, out_data_type=s.out.value),
    ),
    "CONV_2D": (
        "same",
        lambda s: s.op("CONV_2D", [s.x(), s.weights((3, 2, 2, 4)), s.bias(3)], (1, 3, 3, 3), **_STEPS),
    ),
    "DEPTHWISE_CONV_2D": (
        "same",
        lambda s: s.op(
            "DEPTHWISE_CONV_2D",
            [s.x(), s.weights((1, 2, 2, 4)), s.bias(4)],
            (1, 3, 3, 4),
            depth_multiplier=1,
            **_STEPS,
        ),
    ),
    "FULLY_CONNECTED": (
        "same",
        lambda s: s.op(
            "FULLY_CONNECTED",
            [s.x((1, 8)), s.weights((3, 8)), s.bias(3)],
            (1, 3),
            weights_format="DEFAULT",
            keep_num_dims=False,
            **_NAMES,
        ),
    ),
    "TRANSPOSE_CONV": (
        "same",
        lambda s: s.op(
            "TRANSPOSE_CONV",
            [s.ints(1, 8, 8, 3), s.weights((3, 2, 2, 4)), s.x(), s.bias(3)],
            (1, 8, 8, 3),
            padding="SAME",
            stride_w=2,
            stride_h=2,
            **_NAMES,
        ),
    ),
    "BATCH_MATMUL": (
        "same",
        lambda s: s.op("BATCH_MATMUL", [s.x((1, 3, 4)), s.x((1, 4, 5))], (1, 3, 5), adj_x=False, adj_y=False),
    ),
    "SVDF": ("same", _svdf),
    **{
        n: ("same", _moved(n, (1, 2, 2, 4), **_WINDOW))
        for n in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")
    },
    **{
        n: ("same", _moved(n, (1, 1, 4, 4), (1,), keep_dims=True))
        for n in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL")
    },
    "ARG_MAX": (
        "index",
        lambda s: s.op("ARG_MAX", [s.x(), s.ints(3, shape=())], (1, 4, 4), output_type=s.out.value),
    ),
    "ARG_MIN": (
        "index",
        lambda s: s.op("ARG_MIN", [s.x(), s.ints(3, shape=())], (1, 4, 4), output_type=s.out.value),
    ),
    "CUMSUM": ("same", _moved("CUMSUM", IMAGE, (1,), scalar=True, exclusive=False, reverse=False)),
    "CONCATENATION": (
        "same",
        lambda s: s.op("CONCATENATION", [s.x(), s.x()], (1, 4, 4, 8), axis=3, **_NAMES),
    ),
    "PACK": ("same", lambda s: s.op("PACK", [s.x(), s.x()], (1, 2, 4, 4, 4), axis=1, values_count=2)),
    "UNPACK": ("same", lambda s: s.op("UNPACK", [s.x((1, 2, 5))], (1, 5), (1, 5), axis=1, num=2)),
    "SPLIT": (
        "same",
        lambda s: s.op("SPLIT", [s.ints(3, shape=()), s.x()], (1, 4, 4, 2), (1, 4, 4, 2), num_splits=2),
    ),
    "SPLIT_V": (
        "same",
        lambda s: s.op(
            "SPLIT_V", [s.x(), s.ints(1, 3), s.ints(3, shape=())], (1, 4, 4, 1), (1, 4, 4, 3), num_splits=2
        ),
    ),
    "SLICE": ("same", _moved("SLICE", (1, 2, 3, 2), (0, 1, 0, 2), (1, 2, 3, 2))),
    "STRIDED_SLICE": (
        "same",
        _moved("STRIDED_SLICE", (1, 2, 3, 1), (0, 1, 0, 2), (1, 3, 3, 4), (1, 1, 1, 2), **_STRIDED),
    ),
    "GATHER": (
        "same",
        lambda s: s.op("GATHER", [s.x(), s.ints(2, 0, 1)], (1, 3, 4, 4), axis=1, batch_dims=0),
    ),
    "GATHER_ND": (
        "same",
        lambda s: s.op("GATHER_ND", [s.x((1, 3, 4)), s.ints(0, 2, 1, 0, 0, 3, shape=(2, 3))], (2,)),
    ),
    "EMBEDDING_LOOKUP": ("same", lambda s: s.op("EMBEDDING_LOOKUP", [s.ints(2, 0), s.x((3, 4))], (2, 4))),
    "TRANSPOSE": ("same", _moved("TRANSPOSE", (1, 4, 4, 4), (0, 3, 1, 2))),
    "RESHAPE": ("same", _moved("RESHAPE", (1, 8, 8), (1, 8, 8))),
    "SQUEEZE": ("same", lambda s: s.op("SQUEEZE", [s.x()], (4, 4, 4), squeeze_dims=(0,))),
    "EXPAND_DIMS": ("same", _moved("EXPAND_DIMS", (1, 1, 4, 4, 4), (1,), scalar=True)),
    "TILE": ("same", _moved("TILE", (1, 8, 4, 4), (1, 2, 1, 1))),
    "BROADCAST_TO": (
        "same",
        lambda s: s.op("BROADCAST_TO", [s.x((1, 1, 4)), s.ints(1, 3, 4)], (1, 3, 4), version=2),
    ),
    "REVERSE_V2": ("same", _moved("REVERSE_V2", IMAGE, (1,))),
    "SPACE_TO_DEPTH": ("same", _moved("SPACE_TO_DEPTH", (1, 2, 2, 16), block_size=2)),
    "DEPTH_TO_SPACE": ("same", _moved("DEPTH_TO_SPACE", (1, 8, 8, 1), block_size=2)),
    "SPACE_TO_BATCH_ND": (
        "same",
        lambda s: s.op(
            "SPACE_TO_BATCH_ND", [s.x(), s.ints(2, 2), s.ints(0, 0, 0, 0, shape=(2, 2))], (4, 2, 2, 4)
        ),
    ),
    "BATCH_TO_SPACE_ND": (
        "same",
        lambda s: s.op(
            "BATCH_TO_SPACE_ND", [s.x((4, 2, 2, 4)), s.ints(2, 2), s.ints(0, 0, 0, 0, shape=(2, 2))], IMAGE
        ),
    ),
    "RESIZE_BILINEAR": (
        "same",
        _moved("RESIZE_BILINEAR", (1, 8, 8, 4), (8, 8), align_corners=False, half_pixel_centers=False),
    ),
    "RESIZE_NEAREST_NEIGHBOR": (
        "same",
        _moved(
            "RESIZE_NEAREST_NEIGHBOR", (1, 8, 8, 4), (8, 8), align_corners=False, half_pixel_centers=False
        ),
    ),
    "PAD": ("same", _paddings("PAD")),
    "PADV2": ("same", _paddings("PADV2", lambda s: s.c(()))),
    "MIRROR_PAD": ("same", _paddings("MIRROR_PAD", mode="REFLECT")),
    "DYNAMIC_UPDATE_SLICE": (
        "same",
        lambda s: s.op("DYNAMIC_UPDATE_SLICE", [s.x((1, 4, 5)), s.x((1, 2, 3)), s.ints(0, 1, 2)], (1, 4, 5)),
    ),
    "SCATTER_ND": (
        "same",
        lambda s: s.op("SCATTER_ND", [s.ints(2, 0, shape=(2, 1)), s.x((2, 4)), s.ints(3, 4)], (3, 4)),
    ),
    "SELECT": ("same", lambda s: s.op("SELECT", [s.x(dtype=DType.BOOL), s.x(), s.x()], IMAGE)),
    "SELECT_V2": ("same", lambda s: s.op("SELECT_V2", [s.x((1, 4, 4, 1), DType.BOOL), s.x(), s.x()], IMAGE)),
    "FILL": ("same", lambda s: s.op("FILL", [s.ints(2, 3), s.x(())], (2, 3))),
    "SHAPE": ("index", lambda s: s.op("SHAPE", [s.x()], (4,), out_type=s.out.value)),
    "RANK": ("index", lambda s: s.op("RANK", [s.x()], ())),
    "RANGE": ("same", lambda s: s.op("RANGE", [s.c(()), s.c(()), s.c(())], (3,))),
    "ONE_HOT": (
        "same",
        lambda s: s.op("ONE_HOT", [s.ints(0, 2), s.ints(3, shape=()), s.x(()), s.x(())], (2, 3), axis=-1),
    ),
    "BROADCAST_ARGS": (
        "same",
        lambda s: s.op("BROADCAST_ARGS", [s.ints(1, 4, dtype=s.dtype), s.ints(3, 1, dtype=s.dtype)], (2,)),
    ),
}
"""By the schema's name: which types its output has, and the operator in a sketch.

``same``: the input's. ``truth``: BOOL. ``index``: INT32 or INT64. ``any``: every type is tried.
"""
RAW = frozenset(
    {
        "CAST",
        "SHAPE",
        "RANK",
        "FLOOR_DIV",
        "FLOOR_MOD",
        "BITWISE_XOR",
        "RIGHT_SHIFT",
        "ZEROS_LIKE",
        "BROADCAST_ARGS",
    }
)
"""Operators that work on the integers themselves."""
CONVERSIONS = frozenset({"QUANTIZE", "DEQUANTIZE"})
"""Operators whose output stands for the same numbers as their input."""
