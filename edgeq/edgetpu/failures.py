"""Models that the compiler refuses as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edgeq.base.errors import ToolMissingError
from edgeq.edgetpu.prediction import Failure
from edgeq.edgetpu.view import BYTES, OperatorView, quantized, size
from edgeq.graph import Graph
from edgeq.graph.schema import BUILTIN_CODES

REGISTERED: Mapping[str, int] = {
    "ABS": 4, "ADD": 4, "ARG_MAX": 2, "ARG_MIN": 2, "AVERAGE_POOL_2D": 3, "BATCH_MATMUL": 4,
    "BATCH_TO_SPACE_ND": 3, "BIDIRECTIONAL_SEQUENCE_LSTM": 3, "BIDIRECTIONAL_SEQUENCE_RNN": 3,
    "BROADCAST_TO": 3, "CONCATENATION": 3, "CONV_2D": 5, "DEPTHWISE_CONV_2D": 6, "DEPTH_TO_SPACE": 2,
    "DEQUANTIZE": 4, "DIV": 2, "EMBEDDING_LOOKUP": 3, "EQUAL": 3, "FAKE_QUANT": 2, "FILL": 3,
    "FLOOR_DIV": 2, "FULLY_CONNECTED": 9, "GATHER": 5, "GATHER_ND": 3, "GREATER": 2, "GREATER_EQUAL": 2,
    "L2_NORMALIZATION": 2, "LEAKY_RELU": 2, "LESS": 2, "LESS_EQUAL": 2, "LOGISTIC": 3, "LOG_SOFTMAX": 2,
    "LSTM": 4, "MAXIMUM": 4, "MAX_POOL_2D": 3, "MEAN": 3, "MINIMUM": 4, "MIRROR_PAD": 2, "MUL": 5,
    "NOT_EQUAL": 3, "PACK": 3, "PAD": 4, "PADV2": 4, "QUANTIZE": 2, "REDUCE_MAX": 3, "REDUCE_MIN": 3,
    "REDUCE_PROD": 2, "RELU": 3, "RELU6": 3, "RESIZE_BILINEAR": 4, "RESIZE_NEAREST_NEIGHBOR": 4,
    "REVERSE_V2": 3, "RNN": 3, "RSQRT": 2, "SELECT": 2, "SLICE": 5, "SOFTMAX": 3, "SPACE_TO_BATCH_ND": 3,
    "SPACE_TO_DEPTH": 2, "SPARSE_TO_DENSE": 3, "SPLIT": 4, "SPLIT_V": 2, "SQUARED_DIFFERENCE": 2,
    "SQUEEZE": 2, "STRIDED_SLICE": 6, "SUB": 5, "SUM": 2, "SVDF": 4, "TANH": 3, "TILE": 2, "TOPK_V2": 2,
    "TRANSPOSE": 5, "TRANSPOSE_CONV": 3, "UNIDIRECTIONAL_SEQUENCE_LSTM": 3,
    "UNIDIRECTIONAL_SEQUENCE_RNN": 3, "UNPACK": 4,
}  # fmt: skip
"""The newest version of an operator that TensorFlow Lite 2.6 has, which is as old as the compiler (summer of
2021); 1 for those that are not here. TensorFlow's own list of which release brought which version is
tensorflow/lite/tools/versioning/runtime_version.cc. Logs of compiler 16 agree: CONV_2D 6 (2.9), EXP 2,
QUANTIZE 3 (2.7) and TRANSPOSE_CONV 4 (2.13) are refused, FILL 3 (2.5) is taken."""

_FIRST_UNKNOWN = BUILTIN_CODES["RANDOM_STANDARD_NORMAL"]
_DYNAMIC_RESULTS = frozenset({"UNIQUE", "WHERE"})
_SHAPING = frozenset(
    {"EXPAND_DIMS", "PAD", "RESHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "SLICE", "STRIDED_SLICE"}
    | {"MEAN", "SUM", "TILE", "TRANSPOSE", "TRANSPOSE_CONV"}
)
"""Operators whose output's shape depends on the values of a parameter."""

CHIP_MEMORY = 8 * 1024 * 1024
"""Bytes of memory of the whole chip."""

LSTM_INPUTS = 1000
"""Values that a step of an LSTM may read (github.com/google-coral/edgetpu issue 598)."""

_INTERPRETER = (
    "Compilation failed: Model failed in Tflite interpreter. Please ensure model can be loaded/run in Tflite "
    "interpreter."
)
_CONVERT = "`edgeq convert MODEL --calibration DATA --io uint8` quantizes it in full."


def whole_model_failure(graph: Graph) -> Failure | None:
    """Why the compiler would refuse the model; None where it would not, as far as rules can tell."""
    views = [OperatorView(graph, index) for index in range(len(graph.operators))]
    return (
        _not_quantized(graph, views)
        or _unknown_operator(graph, views)
        or _dynamic(graph, views)
        or _wide_lstm(views)
    )


def refused_by_interpreter(model: bytes) -> Failure | None:
    """Why TensorFlow Lite's own interpreter cannot prepare a model, as the compiler has it do first.

    None where it can, where it only lacks a custom operator, which the compiler leaves to the CPU unseen, and
    where no interpreter is installed.

    Args:
        model: the .tflite file.
    """
    from edgeq.interpreter import InterpreterError, prepare

    try:
        prepare(model)
    except InterpreterError as error:
        if "unresolved custom op" in error.message:
            return None
        return Failure(
            _INTERPRETER,
            "seen",
            f"The compiler has TensorFlow Lite prepare a model first, and {error.message}",
            "Calibrate with data like the real one: scales that lie too far apart are the usual cause.",
        )
    except ToolMissingError:
        return None
    return None


def large_activations(mapped: Sequence[OperatorView]) -> Failure | None:
    """Why the compiler would find no room for what the mapped operators read and write; None where it may.

    Args:
        mapped: the operators that keep every rule, in one set.
    """
    tensors = [tensor for op in mapped for tensor in (*op.activations, *op.outputs)]
    largest = max(tensors, key=size, default=None)
    if largest is None or size(largest) <= CHIP_MEMORY:
        return None
    return Failure(
        "Compilation failed: Compilation failed due to large activation tensors in model.",
        "guess",
        f"{largest.label} takes {size(largest):,} bytes, more than all memory of the chip ({CHIP_MEMORY:,}). "
        "Tensors of 8,388,608 bytes were reported to compile, of 12,582,912 and 16,777,216 not.",
        "Make the model's input smaller, or take a larger stride in the first convolution.",
    )


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
        newest = REGISTERED.get(op.opcode, 1)
        version = op.operator.version
        known = BUILTIN_CODES.get(op.opcode, 0) < _FIRST_UNKNOWN
        if op.opcode == "CUSTOM" or (known and version <= newest):
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
        if any(n < 0 for n in tensor.shape_signature[1:]):
            return _static_only(f"The size of the input {tensor.label} is left open")
    for op in views:
        shaping = op.opcode in _SHAPING and any(not tensor.is_constant for tensor in op.parameters)
        if shaping or op.opcode in _DYNAMIC_RESULTS:
            return _static_only(f"The size of what {graph.describe(op.index)} computes depends on values")
    return None


def _wide_lstm(views: list[OperatorView]) -> Failure | None:
    for op in views:
        shape = op.activations[0].shape if op.activations else ()
        if op.opcode == "UNIDIRECTIONAL_SEQUENCE_LSTM" and shape and shape[-1] > LSTM_INPUTS:
            return Failure(
                "Compilation child process completed within timeout period.\nCompilation failed!",
                "seen",
                f"Each step of {op.graph.describe(op.index)} reads {shape[-1]:,} values. With 5 steps, up to "
                f"about 900 were reported to compile, and none of more than {LSTM_INPUTS:,}.",
                "Put a dense layer or a pooling before the LSTM that makes its input smaller.",
            )
    return None


def _static_only(what: str) -> Failure:
    return Failure(
        _INTERPRETER,
        "guess",
        f"{what}, and a delegate takes only models of static sizes.",
        "Fix the input's shape when exporting (Keras: model.input.set_shape, batch size 1), so that the "
        "converter can work sizes out.",
    )
