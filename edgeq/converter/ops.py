"""How each operator is quantized: one row an operator, from TensorFlow Lite's int8 specification.

The specification is at https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec
What it leaves open was tried: a row is here where LiteRT's kernels compute it right in int8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Tie = Literal["free", "input", "output"]
"""Which scales are one: none; the outputs' are the first activation's; the inputs' are the output's."""


@dataclass(frozen=True)
class Rule:
    """How one operator is quantized.

    Attributes:
        activations: positions of the inputs that carry real values; None for all of them. Other inputs
            (shapes, indices, conditions) stay as they are, but for the four named next.
        weights: the position of the weights, int8 and symmetric, one scale for each index of ``axis``.
        axis: the weights' output channel axis.
        bias: the position of the int32 bias, its scale that of the first activation times the weights'.
        fill: the position of one real value that takes the scale of the first activation.
        exact: positions of the outputs that are integers or truth values, and stay so.
        tie: which scales are one.
        fixed: scale and zero point that the operator's output always has.
        version: the operator's first version that takes int8.
        wide: the first version that takes int16 activations (beside int8 weights); None where none does, or
            where LiteRT ends an inference at numbers that symmetric integers have (SQRT, RSQRT, DIV).
        table: whether there is no int8 kernel, and a table of 256 results stands in for it on request.
        live: positions of integer inputs that may be computed at run time; all others must be constant.
    """

    activations: tuple[int, ...] | None = (0,)
    weights: int | None = None
    axis: int = 0
    bias: int | None = None
    fill: int | None = None
    exact: tuple[int, ...] = ()
    tie: Tie = "free"
    fixed: tuple[float, int] | None = None
    version: int = 2
    wide: int | None = None
    table: bool = False
    live: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """The position of the first activation."""
        return self.activations[0] if self.activations else 0

    @property
    def compares(self) -> bool:
        """Whether it gives truth values of two inputs."""
        return self.activations == (0, 1) and self.exact == (0,)

    def slots(self, inputs: int) -> tuple[int, ...]:
        """The positions that carry real values, of an operator with so many inputs."""
        return tuple(range(inputs)) if self.activations is None else self.activations


_UNARY = Rule()
_UNARY_V1 = Rule(version=1)
_BINARY = Rule(activations=(0, 1))
_COMPARE = Rule(activations=(0, 1), exact=(0,))
_INDEX = Rule(exact=(0,))
_SAME = Rule(tie="input")
_SAME_V1 = Rule(tie="input", version=1)
_JOIN = Rule(activations=None, tie="output")
_CHOOSE = Rule(activations=(1, 2), tie="output", version=1, live=(0,))

RULES: Mapping[str, Rule] = {
    "CONV_2D": Rule(weights=1, axis=0, bias=2, version=3, wide=4),
    "DEPTHWISE_CONV_2D": Rule(weights=1, axis=3, bias=2, version=3, wide=5),
    "FULLY_CONNECTED": Rule(weights=1, axis=0, bias=2, version=4, wide=7),
    "TRANSPOSE_CONV": Rule(activations=(2,), weights=1, axis=0, bias=3, version=3, wide=4),
    "BATCH_MATMUL": replace(_BINARY, wide=3),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _UNARY,
    "SVDF": Rule(version=3),
    "ADD": replace(_BINARY, wide=4),
    "SUB": replace(_BINARY, wide=5),
    "MUL": replace(_BINARY, wide=4),
    "SQUARED_DIFFERENCE": _BINARY,
    "DIV": _BINARY,
    "MAXIMUM": replace(_JOIN, wide=4),
    "MINIMUM": replace(_JOIN, wide=4),
    "CONCATENATION": replace(_JOIN, wide=3),
    "PACK": replace(_JOIN, wide=3),
    "DYNAMIC_UPDATE_SLICE": Rule(activations=(0, 1), tie="output", version=1, live=(2,), wide=3),
    "ONE_HOT": Rule(activations=(2, 3), tie="output", version=1, live=(0,)),
    "MATRIX_SET_DIAG": Rule(activations=(0, 1), tie="output", version=1, wide=1),
    "SELECT": replace(_CHOOSE, wide=3),
    "SELECT_V2": replace(_CHOOSE, wide=1),
    "AVERAGE_POOL_2D": replace(_SAME, wide=3),
    "MAX_POOL_2D": replace(_SAME, wide=3),
    "PAD": replace(_SAME, wide=3),
    "PADV2": Rule(tie="input", fill=2, wide=3),
    "MIRROR_PAD": replace(_SAME, wide=3),
    "TRANSPOSE": replace(_SAME, wide=4),
    "SLICE": replace(_SAME, wide=4),
    "STRIDED_SLICE": replace(_SAME, wide=4),
    "SPLIT": Rule(activations=(1,), tie="input", wide=4),
    "SPLIT_V": replace(_SAME, wide=2),
    "UNPACK": replace(_SAME_V1, wide=4),
    "RESHAPE": replace(_SAME_V1, wide=1),
    "SQUEEZE": replace(_SAME_V1, wide=1),
    "EXPAND_DIMS": replace(_SAME_V1, wide=1),
    "BROADCAST_TO": Rule(tie="input", version=3, wide=3),
    "TILE": replace(_SAME_V1, wide=1),
    "GATHER": replace(_SAME, wide=4, live=(1,)),
    "GATHER_ND": Rule(tie="input", version=3, live=(1,), wide=4),
    "REVERSE_V2": Rule(tie="input", version=3, wide=3),
    "TOPK_V2": Rule(tie="input", exact=(1,), wide=3),
    "SPACE_TO_DEPTH": _SAME,
    "DEPTH_TO_SPACE": _SAME_V1,
    "SPACE_TO_BATCH_ND": replace(_SAME, wide=4),
    "BATCH_TO_SPACE_ND": replace(_SAME, wide=4),
    "RESIZE_BILINEAR": replace(_SAME, wide=4),
    "RESIZE_NEAREST_NEIGHBOR": replace(_SAME, wide=4),
    "REDUCE_MAX": replace(_SAME, wide=3),
    "REDUCE_MIN": replace(_SAME, wide=3),
    "MEAN": replace(_UNARY, wide=3),
    "REDUCE_PROD": replace(_UNARY, wide=2),
    "ARG_MAX": _INDEX,
    "ARG_MIN": _INDEX,
    "EQUAL": _COMPARE,
    "NOT_EQUAL": _COMPARE,
    "GREATER": _COMPARE,
    "GREATER_EQUAL": _COMPARE,
    "LESS": _COMPARE,
    "LESS_EQUAL": _COMPARE,
    "RELU": replace(_UNARY, wide=3),
    "RELU6": replace(_UNARY, wide=3),
    "RELU_N1_TO_1": _UNARY_V1,
    "RELU_0_TO_1": _UNARY_V1,
    "PRELU": Rule(activations=(0, 1), version=1),
    "LEAKY_RELU": replace(_UNARY, wide=2),
    "HARD_SWISH": _UNARY_V1,
    "GELU": replace(_UNARY, wide=2),
    "ELU": _UNARY_V1,  # of LiteRT's kernels the optimized ones alone have it
    "EXP": replace(_UNARY, wide=2),
    "LOG": replace(_UNARY, wide=2),
    "SQRT": _UNARY,
    "RSQRT": _UNARY,
    "ABS": replace(_UNARY, wide=3),
    "SOFTMAX": Rule(fixed=(1 / 256, -128), wide=3),
    "LOG_SOFTMAX": Rule(fixed=(16 / 256, 127)),
    "LOGISTIC": Rule(fixed=(1 / 256, -128), wide=3),
    "TANH": Rule(fixed=(1 / 128, 0), wide=3),
    "L2_NORMALIZATION": Rule(fixed=(1 / 128, 0)),
    **dict.fromkeys(("SIN", "COS", "FLOOR", "CEIL", "ROUND", "SIGN", "POW"), Rule(table=True)),
}

"""By the operator's schema name. QUANTIZE and DEQUANTIZE are not here: ``prepare`` folds or strips them."""
