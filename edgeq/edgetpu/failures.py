"""Models that the compiler refuses as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from edgeq.edgetpu.prediction import Failure
from edgeq.edgetpu.view import BYTES, OperatorView, quantized
from edgeq.graph import Graph
from edgeq.graph.schema import BUILTIN_CODES

REGISTERED: Mapping[str, int] = {
    "ADD": 4, "AVERAGE_POOL_2D": 3, "BATCH_MATMUL": 4, "CAST": 4, "CONCATENATION": 3, "CONV_2D": 6,
    "DEPTHWISE_CONV_2D": 6, "DEQUANTIZE": 5, "DIV": 2, "FULLY_CONNECTED": 9, "GATHER": 5, "GATHER_ND": 3,
    "L2_NORMALIZATION": 2, "LOGISTIC": 3, "LSTM": 4, "MAX_POOL_2D": 3, "MAXIMUM": 4, "MEAN": 3, "MINIMUM": 4,
    "MUL": 5, "PACK": 3, "PAD": 4, "PADV2": 4, "PRELU": 1, "QUANTIZE": 3, "REDUCE_MAX": 3, "REDUCE_MIN": 3,
    "RELU": 3, "RELU6": 3, "RESHAPE": 1, "RESIZE_BILINEAR": 4, "RESIZE_NEAREST_NEIGHBOR": 4, "RSQRT": 2,
    "SLICE": 5, "SOFTMAX": 3, "SPACE_TO_DEPTH": 2, "SPLIT": 4, "SPLIT_V": 2, "SQUARED_DIFFERENCE": 2,
    "SQUEEZE": 2, "STRIDED_SLICE": 6, "SUB": 5, "SUM": 2, "TANH": 3, "TILE": 3, "TRANSPOSE": 5,
    "TRANSPOSE_CONV": 3, "UNIDIRECTIONAL_SEQUENCE_LSTM": 3, "UNPACK": 4,
}  # fmt: skip
"""The newest version of an operator that TensorFlow Lite's interpreter had within half a year of the compiler
(tensorflow/lite/kernels/register.cc of early 2022); a newer one it cannot load for certain."""

_FIRST_UNKNOWN = BUILTIN_CODES["RANDOM_STANDARD_NORMAL"]
_DYNAMIC_RESULTS = frozenset({"UNIQUE", "WHERE"})
_SHAPING = frozenset(
    {"EXPAND_DIMS", "PAD", "RESHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "SLICE", "STRIDED_SLICE"}
    | {"MEAN", "SUM", "TILE", "TRANSPOSE", "TRANSPOSE_CONV"}
)
"""Operators whose output's shape depends on the values of a parameter."""

_CONVERT = "`edgeq convert MODEL --calibration DATA --io uint8` quantizes it in full."


def whole_model_failure(graph: Graph) -> Failure | None:
    """Why the compiler would refuse the model; None where it would not, as far as rules can tell."""
    views = [OperatorView(graph, index) for index in range(len(graph.operators))]
    return _not_quantized(graph, views) or _unknown_operator(graph, views) or _dynamic(graph, views)


def _not_quantized(graph: Graph, views: list[OperatorView]) -> Failure | None:
    if any(quantized(tensor) for op in views for tensor in (*op.activations, *op.outputs)):
        return None
    if any(tensor.dtype in BYTES for op in views for tensor in op.parameters):
        what = "only its weights are 8-bit integers (dynamic-range quantization); its activations are not"
    elif any(tensor.dtype.value == "FLOAT16" for tensor in graph.tensors):
        what = "its weights are FLOAT16 and it computes in floating point"
    elif not views:
        what = "it has no operators"
    else:
        what = "it computes in floating point"
    return Failure(
        f"Invalid model: {graph.name}\nModel not quantized",
        "documented",
        f"The compiler takes models whose activations are quantized 8-bit integers: of this one, {what}.",
        _CONVERT,
    )


def _unknown_operator(graph: Graph, views: list[OperatorView]) -> Failure | None:
    for op in views:
        newest = REGISTERED.get(op.opcode)
        version = op.operator.version
        known = BUILTIN_CODES.get(op.opcode, 0) < _FIRST_UNKNOWN
        if known and (newest is None or version <= newest):
            continue
        why = (
            f"its TensorFlow Lite of 2021 has {op.opcode} up to version {newest}"
            if known
            else f"its TensorFlow Lite of 2021 has no {op.opcode}"
        )
        return Failure(
            f"ERROR: Didn't find op for builtin opcode '{op.opcode}' version '{version}'",
            "documented",
            f"The compiler cannot load {graph.describe(op.index)}, version {version}: {why}.",
            "Export the model with TensorFlow 2.5 to 2.8, whose converter writes versions that it knows.",
        )
    return None


def _dynamic(graph: Graph, views: list[OperatorView]) -> Failure | None:
    for tensor in graph.input_tensors:
        if any(size < 0 for size in tensor.shape_signature[1:]):
            return _static_only(f"The size of the input {tensor.label} is left open")
    for op in views:
        shaping = op.opcode in _SHAPING and any(not tensor.is_constant for tensor in op.parameters)
        if shaping or op.opcode in _DYNAMIC_RESULTS:
            return _static_only(f"The size of what {graph.describe(op.index)} computes depends on values")
    return None


def _static_only(what: str) -> Failure:
    return Failure(
        "Compilation failed: Model failed in Tflite interpreter. Please ensure model can be loaded/run "
        "in Tflite interpreter.",
        "guess",
        f"{what}, and a delegate takes only models of static sizes.",
        "Fix the input's shape when exporting (Keras: model.input.set_shape, batch size 1), so that the "
        "converter can work sizes out.",
    )
