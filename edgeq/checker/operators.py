"""Which operators a runtime has, and in which form, as data.

The versions are the newest whose int8 form is the one implemented (a version tells which TensorFlow Lite can
run an operator; types and options say what it computes, and other rules look at those).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from edgeq.graph.model import DType

Role = Literal["activation", "weights", "bias", "parameter"]
Spacing = Literal["free", "as-input", "moves-bytes", "equal"]

INT8 = frozenset({DType.INT8})
INDEX = frozenset({DType.INT32, DType.INT64})
EIGHT_BITS = frozenset({DType.INT8, DType.UINT8})
RECTIFIERS = frozenset({"NONE", "RELU", "RELU6", "RELU_N1_TO_1"})
UNFUSED = frozenset({"NONE"})


@dataclass(frozen=True)
class Operand:
    """One input of an operator.

    Attributes:
        name: how messages call it.
        role: ``activation`` (quantized, may be constant where ``constant`` is False), ``weights``, ``bias``,
            or ``parameter`` (sizes and axes, not quantized).
        dtypes: the types that it may have.
        constant: whether the file must hold its values.
        optional: whether it may be left out.
    """

    name: str
    role: Role = "activation"
    dtypes: frozenset[DType] = INT8
    constant: bool = False
    optional: bool = False


@dataclass(frozen=True)
class FixedScale:
    """The scale and zero point that the int8 specification fixes for an operator's output.

    Attributes:
        scale, zero_point: the values.
        tolerance: relative, on the scale.
        demanded, zero_point_demanded: whether TensorFlow Lite refuses to run it with another scale or zero
            point.
    """

    scale: float
    zero_point: int
    tolerance: float = 0.0
    demanded: bool = True
    zero_point_demanded: bool = True


@dataclass(frozen=True)
class Support:
    """What a runtime takes of one operator.

    Attributes:
        max_version: the newest version.
        operands: its inputs in order.
        repeats: whether the last operand may come any number of times.
        ranks: the smallest and largest rank of its first input.
        outputs: the types that its output may have.
        activations: the fused activations.
        channel_axis: the axis of the weights along which scales may differ; None where it has no weights.
        spacing: how the output's scale hangs on the input's. ``moves-bytes``: the runtime and TensorFlow Lite
            move bytes without rescaling, so a different scale changes what they mean. ``as-input``:
            TensorFlow Lite refuses different scales. ``equal``: the runtime moves bytes where TensorFlow Lite
            would rescale, so a different scale gives wrong results.
        output_scale: the scale and zero point that the output must have; None where any will do.
        batch_of_one: whether the first dimension of its first input must be 1.
        positive: options that must be at least 1.
        fixed: options that must have this value.
        longest: how long the last axis of its first input may be; None where any length will do.
    """

    max_version: int
    operands: tuple[Operand, ...] = (Operand("input"),)
    repeats: bool = False
    ranks: tuple[int, int] = (1, 6)
    outputs: frozenset[DType] = INT8
    activations: frozenset[str] = UNFUSED
    channel_axis: int | None = None
    spacing: Spacing = "free"
    output_scale: FixedScale | None = None
    batch_of_one: bool = False
    positive: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str | int | bool], ...] = ()
    longest: int | None = None


_WEIGHTS = Operand("weights", "weights", constant=True)
_BIAS = Operand("bias", "bias", frozenset({DType.INT32}), constant=True, optional=True)
_STRIDES = ("stride_h", "stride_w")
_DILATIONS = ("dilation_h_factor", "dilation_w_factor")
_WINDOW = (*_STRIDES, "filter_height", "filter_width")


def _parameter(name: str, optional: bool = False) -> Operand:
    return Operand(name, "parameter", INDEX, constant=True, optional=optional)


_INPUTS = (Operand("first input"), Operand("second input"))

_AOT: dict[str, Support] = {
    "CONV_2D": Support(
        8,
        (Operand("input"), _WEIGHTS, _BIAS),
        ranks=(4, 4),
        activations=RECTIFIERS,
        channel_axis=0,
        batch_of_one=True,
        positive=_STRIDES + _DILATIONS,
    ),
    "DEPTHWISE_CONV_2D": Support(
        7,
        (Operand("input"), _WEIGHTS, _BIAS),
        ranks=(4, 4),
        activations=RECTIFIERS,
        channel_axis=3,
        batch_of_one=True,
        positive=_STRIDES + _DILATIONS,
    ),
    "FULLY_CONNECTED": Support(
        14,
        (Operand("input"), _WEIGHTS, _BIAS),
        activations=RECTIFIERS,
        channel_axis=0,
        fixed=(("weights_format", "DEFAULT"),),
    ),
    "ADD": Support(5, _INPUTS, ranks=(0, 6), activations=RECTIFIERS),
    "MUL": Support(7, _INPUTS, ranks=(0, 6), activations=RECTIFIERS),
    "AVERAGE_POOL_2D": Support(
        3, ranks=(4, 4), activations=RECTIFIERS, spacing="moves-bytes", positive=_WINDOW
    ),
    "MAX_POOL_2D": Support(3, ranks=(4, 4), activations=RECTIFIERS, spacing="moves-bytes", positive=_WINDOW),
    "MEAN": Support(3, (Operand("input"), _parameter("axes"))),
    "RESHAPE": Support(
        1, (Operand("input"), _parameter("shape", optional=True)), ranks=(0, 8), spacing="moves-bytes"
    ),
    "SQUEEZE": Support(2, ranks=(0, 8), spacing="moves-bytes"),
    "EXPAND_DIMS": Support(1, (Operand("input"), _parameter("axis")), ranks=(0, 7), spacing="moves-bytes"),
    "PAD": Support(6, (Operand("input"), _parameter("paddings")), ranks=(1, 5), spacing="moves-bytes"),
    "PADV2": Support(
        6,
        (Operand("input"), _parameter("paddings"), Operand("padding value", constant=True)),
        ranks=(1, 5),
        spacing="as-input",
    ),
    "CONCATENATION": Support(7, repeats=True, spacing="as-input"),
    "SOFTMAX": Support(3, output_scale=FixedScale(1 / 256, -128, tolerance=0.001), longest=4095),
    "LOGISTIC": Support(3, ranks=(0, 8), output_scale=FixedScale(1 / 256, -128, zero_point_demanded=False)),
    "TANH": Support(
        3, ranks=(0, 8), output_scale=FixedScale(1 / 128, 0, demanded=False, zero_point_demanded=False)
    ),
    "RELU": Support(3, ranks=(0, 8)),
    "RELU6": Support(3, ranks=(0, 8)),
    "RELU_N1_TO_1": Support(1, ranks=(0, 8)),
    "QUANTIZE": Support(6, (Operand("input", dtypes=EIGHT_BITS),), ranks=(0, 8), outputs=EIGHT_BITS),
}

# TFLM's RELU6 clamps without rescaling, and it has no RELU_N1_TO_1. Its SUB is left out: on Cortex-M it
# differs by one, here and there, from TFLM's own interpreter.
_TFLM: dict[str, Support] = {
    "HARD_SWISH": Support(1, ranks=(0, 8)),
    "LEAKY_RELU": Support(2, ranks=(0, 8)),
    "TRANSPOSE": Support(
        4, (Operand("input"), _parameter("permutation")), ranks=(1, 5), spacing="moves-bytes"
    ),
    **{opcode: support for opcode, support in _AOT.items() if opcode != "RELU_N1_TO_1"},
    "RELU6": replace(_AOT["RELU6"], spacing="equal"),
    "SOFTMAX": replace(_AOT["SOFTMAX"], longest=None),
}

RUNTIMES: dict[str, dict[str, Support]] = {"aot": _AOT, "tflm": _TFLM}
"""The operators of each runtime, by its name."""
