"""TensorFlow Lite Micro's operators as data: how a resolver adds each, in which form it takes int8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgeq.checker.operators import (
    BIAS,
    DILATIONS,
    EIGHT_BITS,
    RECTIFIERS,
    STRIDES,
    TWO_INPUTS,
    WEIGHTS,
    FixedScale,
    Forms,
    Operand,
    Support,
    parameter,
)
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator


@dataclass(frozen=True)
class Addition:
    """How MicroMutableOpResolver learns of an operator.

    Attributes:
        support: what TFLM takes of it, for the checker.
        method: the resolver's method.
        int8: the registration that holds int8 kernels alone, which saves flash where TFLM has optimized ones;
            None where there is only the general one.
        header: that declares ``int8``, under ``tensorflow/lite/micro/kernels``.
    """

    support: Support
    method: str
    int8: str | None = None
    header: str | None = None


def _unsigned(graph: Graph, op: Operator) -> str | None:
    ends = {graph[tensor].dtype for tensor in (op.inputs[0], op.outputs[0])}
    return "TensorFlow Lite Micro has no QUANTIZE from UINT8 to UINT8" if ends == {DType.UINT8} else None


_INPUT = Operand("input")
_WEIGHTED = (_INPUT, WEIGHTS, BIAS)
_ANY_RANK = (0, 8)
_POOL = Support(
    3,
    shape=shapes.pool,
    ranks=(4, 4),
    activations=RECTIFIERS,
    spacing="moves-bytes",
    positive=(*STRIDES, "filter_height", "filter_width"),
)

# SUB is left out: on Cortex-M it differs by one, here and there, from TFLM's own interpreter.
ADDITIONS: dict[str, Addition] = {
    "ADD": Addition(
        Support(5, TWO_INPUTS, shapes.broadcast, ranks=(0, 6), activations=RECTIFIERS),
        "AddAdd",
        "Register_ADD_INT8",
        "add.h",
    ),
    "AVERAGE_POOL_2D": Addition(_POOL, "AddAveragePool2D", "Register_AVERAGE_POOL_2D_INT8", "pooling.h"),
    "CONCATENATION": Addition(
        Support(7, shape=shapes.concatenation, repeats=True, spacing="as-input"), "AddConcatenation"
    ),
    "CONV_2D": Addition(
        Support(
            8,
            _WEIGHTED,
            shapes.conv,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            batch_of_one=True,
            positive=STRIDES + DILATIONS,
        ),
        "AddConv2D",
        "Register_CONV_2D_INT8",
        "conv.h",
    ),
    "DEPTHWISE_CONV_2D": Addition(
        Support(
            7,
            _WEIGHTED,
            shapes.depthwise,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=3,
            multiplies=True,
            batch_of_one=True,
            positive=STRIDES + DILATIONS,
        ),
        "AddDepthwiseConv2D",
        "Register_DEPTHWISE_CONV_2D_INT8",
        "depthwise_conv.h",
    ),
    "EXPAND_DIMS": Addition(
        Support(1, (_INPUT, parameter("axis")), shapes.expand_dims, ranks=(0, 7), spacing="moves-bytes"),
        "AddExpandDims",
    ),
    "FULLY_CONNECTED": Addition(
        Support(
            14,
            _WEIGHTED,
            shapes.fully_connected,
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            fixed=(("weights_format", "DEFAULT"),),
        ),
        "AddFullyConnected",
        "Register_FULLY_CONNECTED_INT8",
        "fully_connected.h",
    ),
    "HARD_SWISH": Addition(Support(1, ranks=_ANY_RANK), "AddHardSwish"),
    "LEAKY_RELU": Addition(Support(2, ranks=_ANY_RANK), "AddLeakyRelu"),
    "LOGISTIC": Addition(
        Support(3, ranks=_ANY_RANK, output_scale=FixedScale(1 / 256, -128, zero_point_demanded=False)),
        "AddLogistic",
    ),
    "MAX_POOL_2D": Addition(_POOL, "AddMaxPool2D", "Register_MAX_POOL_2D_INT8", "pooling.h"),
    "MEAN": Addition(Support(3, (_INPUT, parameter("axes")), shapes.mean, averages=True), "AddMean"),
    "MUL": Addition(
        Support(7, TWO_INPUTS, shapes.broadcast, ranks=(0, 6), activations=RECTIFIERS, multiplies=True),
        "AddMul",
        "Register_MUL_INT8",
        "mul.h",
    ),
    "PAD": Addition(
        Support(6, (_INPUT, parameter("paddings")), shapes.pad, ranks=(1, 5), spacing="moves-bytes"),
        "AddPad",
        "Register_PAD_INT8",
        "pad.h",
    ),
    "PADV2": Addition(
        Support(
            6,
            (_INPUT, parameter("paddings"), Operand("padding value", constant=True)),
            shapes.pad,
            ranks=(1, 5),
            spacing="as-input",
        ),
        "AddPadV2",
    ),
    "QUANTIZE": Addition(
        Support(6, ranks=_ANY_RANK, types=EIGHT_BITS, outputs=EIGHT_BITS, refusal=_unsigned), "AddQuantize"
    ),
    "RELU": Addition(Support(3, ranks=_ANY_RANK), "AddRelu"),
    "RELU6": Addition(Support(3, ranks=_ANY_RANK, spacing="equal"), "AddRelu6"),  # clamps without rescaling
    "RESHAPE": Addition(
        Support(
            1,
            (_INPUT, parameter("shape", optional=True)),
            shapes.reshape,
            ranks=_ANY_RANK,
            spacing="moves-bytes",
        ),
        "AddReshape",
    ),
    "SOFTMAX": Addition(
        Support(3, output_scale=FixedScale(1 / 256, -128, tolerance=0.001)),
        "AddSoftmax",
        "Register_SOFTMAX_INT8",
        "softmax.h",
    ),
    "SQUEEZE": Addition(
        Support(2, shape=shapes.squeeze, ranks=_ANY_RANK, spacing="moves-bytes"), "AddSqueeze"
    ),
    "TANH": Addition(
        Support(
            3,
            ranks=_ANY_RANK,
            output_scale=FixedScale(1 / 128, 0, demanded=False, zero_point_demanded=False),
        ),
        "AddTanh",
    ),
    "TRANSPOSE": Addition(
        Support(4, (_INPUT, parameter("permutation")), shapes.transpose, ranks=(1, 5), spacing="moves-bytes"),
        "AddTranspose",
        "Register_TRANSPOSE_INT8",
        "transpose.h",
    ),
}
"""By the schema's name of the operator."""

SUPPORT: Mapping[str, Forms] = {name: (addition.support,) for name, addition in ADDITIONS.items()}
