"""TensorFlow Lite Micro's operators as data: how a resolver adds each, and in which form for int8."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Addition:
    """How MicroMutableOpResolver learns of an operator.

    Attributes:
        method: its method.
        int8: the registration that holds int8 kernels alone, which saves flash where TFLM has optimized ones;
            None where there is only the general one.
        header: that declares ``int8``, under ``tensorflow/lite/micro/kernels``.
    """

    method: str
    int8: str | None = None
    header: str | None = None


ADDITIONS: dict[str, Addition] = {
    "ADD": Addition("AddAdd", "Register_ADD_INT8", "add.h"),
    "AVERAGE_POOL_2D": Addition("AddAveragePool2D", "Register_AVERAGE_POOL_2D_INT8", "pooling.h"),
    "CONCATENATION": Addition("AddConcatenation"),
    "CONV_2D": Addition("AddConv2D", "Register_CONV_2D_INT8", "conv.h"),
    "DEPTHWISE_CONV_2D": Addition(
        "AddDepthwiseConv2D", "Register_DEPTHWISE_CONV_2D_INT8", "depthwise_conv.h"
    ),
    "EXPAND_DIMS": Addition("AddExpandDims"),
    "FULLY_CONNECTED": Addition("AddFullyConnected", "Register_FULLY_CONNECTED_INT8", "fully_connected.h"),
    "HARD_SWISH": Addition("AddHardSwish"),
    "LEAKY_RELU": Addition("AddLeakyRelu"),
    "LOGISTIC": Addition("AddLogistic"),
    "MAX_POOL_2D": Addition("AddMaxPool2D", "Register_MAX_POOL_2D_INT8", "pooling.h"),
    "MEAN": Addition("AddMean"),
    "MUL": Addition("AddMul", "Register_MUL_INT8", "mul.h"),
    "PAD": Addition("AddPad", "Register_PAD_INT8", "pad.h"),
    "PADV2": Addition("AddPadV2"),
    "QUANTIZE": Addition("AddQuantize"),
    "RELU": Addition("AddRelu"),
    "RELU6": Addition("AddRelu6"),
    "RESHAPE": Addition("AddReshape"),
    "SOFTMAX": Addition("AddSoftmax", "Register_SOFTMAX_INT8", "softmax.h"),
    "SQUEEZE": Addition("AddSqueeze"),
    "TANH": Addition("AddTanh"),
    "TRANSPOSE": Addition("AddTranspose", "Register_TRANSPOSE_INT8", "transpose.h"),
}
"""By the schema's name of the operator. The newest version of each is the checker's table."""
