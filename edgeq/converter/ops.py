"""How each operator is quantized: one row an operator, from TensorFlow Lite's int8 specification.

The specification is at https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Tie = Literal["free", "input", "output"]
"""Which scales are one: none; the output's is the first activation's; the inputs' are the output's."""


@dataclass(frozen=True)
class Rule:
    """How one operator is quantized.

    Attributes:
        activations: positions of the inputs that carry real values; None for all of them.
        weights: the position of the weights, int8 and symmetric, one scale for each index of ``axis``.
        axis: the weights' output channel axis.
        bias: the position of the int32 bias, its scale that of input 0 times that of the weights.
        fill: the position of one real value that takes the scale of the first activation.
        tie: which scales are one.
        fixed: scale and zero point that the operator's output always has.
        version: the operator's first version that takes int8.
    """

    activations: tuple[int, ...] | None = (0,)
    weights: int | None = None
    axis: int = 0
    bias: int | None = None
    fill: int | None = None
    tie: Tie = "free"
    fixed: tuple[float, int] | None = None
    version: int = 2


_UNARY = Rule()
_BINARY = Rule(activations=(0, 1))
_SAME = Rule(tie="input")
_SAME_V1 = Rule(tie="input", version=1)
_JOIN = Rule(activations=None, tie="output")

RULES: Mapping[str, Rule] = {
    "CONV_2D": Rule(weights=1, axis=0, bias=2, version=3),
    "DEPTHWISE_CONV_2D": Rule(weights=1, axis=3, bias=2, version=3),
    "FULLY_CONNECTED": Rule(weights=1, axis=0, bias=2, version=4),
    "ADD": _BINARY,
    "SUB": _BINARY,
    "MUL": _BINARY,
    "MAXIMUM": _JOIN,
    "MINIMUM": _JOIN,
    "CONCATENATION": _JOIN,
    "AVERAGE_POOL_2D": _SAME,
    "MAX_POOL_2D": _SAME,
    "PAD": _SAME,
    "PADV2": Rule(tie="input", fill=2),
    "TRANSPOSE": _SAME,
    "STRIDED_SLICE": _SAME,
    "RESHAPE": _SAME_V1,
    "SQUEEZE": _SAME_V1,
    "EXPAND_DIMS": _SAME_V1,
    "MEAN": _UNARY,
    "RELU": _UNARY,
    "RELU6": _UNARY,
    "RELU_N1_TO_1": Rule(version=1),
    "LEAKY_RELU": _UNARY,
    "HARD_SWISH": Rule(version=1),
    "SOFTMAX": Rule(fixed=(1 / 256, -128)),
    "LOGISTIC": Rule(fixed=(1 / 256, -128)),
    "TANH": Rule(fixed=(1 / 128, 0)),
}
"""By the operator's schema name. QUANTIZE and DEQUANTIZE are not here: ``prepare`` folds or strips them."""
