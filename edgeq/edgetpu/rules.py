"""The rules by which the Edge TPU compiler maps an operator or does not: this table is all of them.

Each has the status that the compiler's log would show, a reason in plain words, what to do about it, its
source, and how sure it is. They are asked in the table's order; the first that is broken decides. They speak
of compiler 16.0.384591198; there is no later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgeq.edgetpu import conditions
from edgeq.edgetpu.prediction import (
    DATA_TYPE,
    NOT_CONSTANT,
    NOT_SUPPORTED,
    RANK,
    UNSPECIFIED,
    VERSION,
    Confidence,
)
from edgeq.edgetpu.view import OperatorView

DOCS = "coral.ai/docs/edgetpu/models-intro, supported operations"
LOGS = "operation logs of compiler 16 that its users published"
PAIRS = "models before and after compiling"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: how documents and JSON call it.
        operators: the opcodes that it is asked of; empty for all.
        broken: returns what is wrong with an operator, or None.
        status: the compiler's words.
        reason: the rule in plain words.
        remedy: what to do.
    """

    name: str
    operators: tuple[str, ...]
    broken: Callable[[OperatorView], str | None]
    status: str
    reason: str
    remedy: str
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Support:
    """An operator that the chip has: the newest version that compiled models hold, and how that is known."""

    version: int
    source: str = DOCS
    confidence: Confidence = "documented"


SUPPORTED: Mapping[str, Support] = {
    "ADD": Support(2),
    "AVERAGE_POOL_2D": Support(2),
    "CONCATENATION": Support(2),
    "CONV_2D": Support(3),
    "DEPTHWISE_CONV_2D": Support(3),
    "EXPAND_DIMS": Support(1),
    "FULLY_CONNECTED": Support(4),
    "L2_NORMALIZATION": Support(2),
    "LOGISTIC": Support(2),
    "MAXIMUM": Support(2),
    "MAX_POOL_2D": Support(2),
    "MEAN": Support(2),
    "MINIMUM": Support(2),
    "MUL": Support(2),
    "PACK": Support(2),
    "PAD": Support(2),
    "PRELU": Support(1),
    "QUANTIZE": Support(2),
    "REDUCE_MAX": Support(2),
    "REDUCE_MIN": Support(2),
    "RELU": Support(2),
    "RELU6": Support(2),
    "RELU_N1_TO_1": Support(1),
    "RESHAPE": Support(1),
    "RESIZE_BILINEAR": Support(3),
    "RESIZE_NEAREST_NEIGHBOR": Support(3),
    "RSQRT": Support(2),
    "SLICE": Support(2),
    "SOFTMAX": Support(2),
    "SPACE_TO_DEPTH": Support(2),
    "SPLIT": Support(2),
    "SQUARED_DIFFERENCE": Support(2),
    "SQUEEZE": Support(1),
    "STRIDED_SLICE": Support(2),
    "SUB": Support(2),
    "SUM": Support(2),
    "TANH": Support(2),
    "TILE": Support(2, PAIRS, "seen"),
    "TRANSPOSE": Support(2),
    "TRANSPOSE_CONV": Support(3),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": Support(2),
}
"""The operators that the chip has; every other one stays on the CPU."""


def _unknown(op: OperatorView) -> str | None:
    return None if op.opcode in SUPPORTED else f"{op.opcode} is not among the operators of the Edge TPU"


def _too_new(op: OperatorView) -> str | None:
    newest = SUPPORTED[op.opcode].version
    have = op.operator.version
    return f"it is version {have}; the compiler knows up to {newest}" if have > newest else None


_REDUCTIONS = ("MEAN", "REDUCE_MAX", "REDUCE_MIN", "SUM")
_WHOLE_ON_A_TILE = (
    *("CONCATENATION", "QUANTIZE", "RESHAPE", "SLICE", "SPLIT", "STRIDED_SLICE"),
    *("ADD", "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL", "RELU", "RELU6", "RELU_N1_TO_1", "SUB", "TANH"),
)
_SMALLER = (
    "Make the tensor smaller: a smaller model input, fewer channels, or the same work in several parts."
)

RULES: tuple[Rule, ...] = (
    Rule(
        "float-quantize", ("QUANTIZE",), conditions.float_to_bytes, UNSPECIFIED,
        "Turning floating-point values into 8-bit ones is left to the CPU.",
        "Give the model integer inputs: `edgeq convert --io uint8`, or inference_input_type when exporting.",
        LOGS, "seen",
    ),
    Rule(
        "data-type", (), conditions.other_types, DATA_TYPE,
        "The Edge TPU computes with quantized 8-bit integers only.",
        "Quantize the model in full, its inputs and outputs too; what must stay as it is belongs at the end.",
        DOCS, "documented",
    ),
    Rule(
        "not-supported", (), _unknown, NOT_SUPPORTED,
        "The Edge TPU has no such operator.",
        "Use another operator (RELU in place of HARD_SWISH or LEAKY_RELU), or cut the model before this one.",
        DOCS, "documented",
    ),
    Rule(
        "version", (), _too_new, VERSION,
        "The converter wrote a newer version of the operator than the frozen compiler takes.",
        "Export with TensorFlow 2.5 to 2.8; one operator of five dimensions makes all of its kind newer.",
        f"{LOGS}; {PAIRS}", "seen",
    ),
    Rule(
        "nothing-to-do", (), conditions.nothing_to_do, UNSPECIFIED,
        "An operator that computes nothing from what the chip is given is not for the chip.",
        "Fold constants before exporting.",
        "by reasoning: nothing would be sent to the chip", "guess",
    ),
    Rule(
        "batch-padding", ("PAD",), conditions.padded_batch, UNSPECIFIED,
        "The batch dimension cannot be padded.",
        "Pad height, width or depth.",
        DOCS, "documented",
    ),
    Rule(
        "rank", (), conditions.too_many_dimensions, RANK,
        "Only the three innermost dimensions of a tensor may be larger than 1.",
        "Use batch size 1, and fold further dimensions into height, width or depth.",
        DOCS, "documented",
    ),
    Rule(
        "constant-parameters", (), conditions.variable_parameters, NOT_CONSTANT,
        "Weights, biases, axes and sizes must be constants in the file.",
        "Fix the input's shape when exporting, so that the converter can work sizes out.",
        DOCS, "documented",
    ),
    Rule(
        "fused-activation", ("AVERAGE_POOL_2D", "CONCATENATION", "MAX_POOL_2D"), conditions.fused_activation,
        UNSPECIFIED,
        "This operator is mapped only without a fused activation.",
        "Put the activation into an operator of its own.",
        DOCS, "documented",
    ),
    Rule(
        "concatenated-constant", ("CONCATENATION",), conditions.concatenated_constant, UNSPECIFIED,
        "A constant may be joined to a tensor only to pad it: two inputs, the constant all zero.",
        "Pad with PAD, or add the constant in another way.",
        DOCS, "documented",
    ),
    Rule(
        "dilation", ("CONV_2D", "DEPTHWISE_CONV_2D"), conditions.unequal_dilation, UNSPECIFIED,
        "A convolution must dilate both axes alike, except along an axis where its kernel is 1.",
        "Use the same dilation for height and width.",
        f"{DOCS}; {PAIRS} for kernels of 1", "documented",
    ),
    Rule(
        "weights-format", ("FULLY_CONNECTED",), conditions.shuffled_weights, UNSPECIFIED,
        "Fully connected weights must be stored in the default format.",
        "Export without shuffled weights.",
        DOCS, "documented",
    ),
    Rule(
        "one-vector", ("FULLY_CONNECTED",), conditions.several_rows, UNSPECIFIED,
        "A fully connected layer's output must be one-dimensional.",
        "Use a 1x1 convolution for several vectors.",
        DOCS, "documented",
    ),
    Rule(
        "batch-reduction", _REDUCTIONS, conditions.reduced_batch, UNSPECIFIED,
        "The batch dimension cannot be reduced.",
        "Reduce height, width or depth.",
        DOCS, "documented",
    ),
    Rule(
        "mean-depth", ("MEAN",), conditions.odd_depth, UNSPECIFIED,
        "A mean over the depth needs a depth that is a multiple of 4.",
        "Choose such a number of channels.",
        DOCS, "documented",
    ),
    Rule(
        "mean-size", ("MEAN",), conditions.large_mean, UNSPECIFIED,
        "A mean over very many values does not map: 32,768 were reported not to, 8,192 to.",
        "Take the mean of means over parts of the tensor.",
        "github.com/google-coral/edgetpu issue 461", "guess",
    ),
    Rule(
        "batch-axis", ("PACK", "SPLIT"), conditions.batch_axis, UNSPECIFIED,
        "The batch dimension can be neither packed nor split; a SPLIT into one part is an identity and maps.",
        "Pack or split along another dimension.",
        f"{DOCS}; {PAIRS} for one part", "documented",
    ),
    Rule(
        "prelu-slopes", ("PRELU",), conditions.wide_alpha, UNSPECIFIED,
        "The slopes of a PRELU may differ along the depth only.",
        "Keras: PReLU(shared_axes=[1, 2]).",
        DOCS, "documented",
    ),
    Rule(
        "squeeze", ("SQUEEZE",), conditions.squeezed_inside, UNSPECIFIED,
        "Only leading dimensions of 1 can be taken out, since others would mean another layout.",
        "Use RESHAPE.",
        DOCS, "documented",
    ),
    Rule(
        "slice", ("STRIDED_SLICE",), conditions.sliced_strangely, UNSPECIFIED,
        "A slice must have strides of 1, no ellipsis and no new dimension.",
        "Slice plainly, and reshape afterwards.",
        DOCS, "documented",
    ),
    Rule(
        "softmax-size", ("SOFTMAX",), conditions.long_softmax, UNSPECIFIED,
        "A softmax is limited: 16,000 elements by the documents, 16,384 were seen to map.",
        "Take the softmax on the CPU, or of fewer elements.",
        f"{DOCS}; {PAIRS}", "seen",
    ),
    Rule(
        "resize-precision", ("RESIZE_BILINEAR",), conditions.imprecise_resize, UNSPECIFIED,
        "A bilinear resize stays on the CPU where the Edge TPU would lose precision: 2x was seen to map, "
        "15.5x and 33x not. A resize by s has weights in steps of 1/(4*s*s), which 8 bits hold up to 8x.",
        "Resize in steps of 2, or after the model.",
        f"{DOCS} (loss in precision); {PAIRS}; the limit of 8 is reasoned", "guess",
    ),
    Rule(
        "resize-size", ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), conditions.large_resize, UNSPECIFIED,
        "Input and output of a resize must fit the chip's activation memory together: 16 tiles of 192 KiB.",
        _SMALLER,
        "github.com/google-coral/edgetpu issues 31, 187, 597 (large ones do not map)", "guess",
    ),
    Rule(
        "prelu-size", ("PRELU",), conditions.large_prelu, UNSPECIFIED,
        "A PRELU is computed by parts, positive and negative: both, input and output must fit the chip's "
        "activation memory together.",
        _SMALLER,
        "by reasoning; github.com/google-coral/edgetpu issues 508 and 597 (large ones fail or do not map)",
        "guess",
    ),
    Rule(
        "transpose-size", ("TRANSPOSE",), conditions.large_transpose, UNSPECIFIED,
        "A transposition happens on one tile: input and output must fit its 192 KiB.",
        _SMALLER,
        PAIRS, "seen",
    ),
    Rule(
        "flat-size", _WHOLE_ON_A_TILE, conditions.large_flat, UNSPECIFIED,
        "A tensor without rows (one or two dimensions larger than 1) lies on one tile, which has 192 KiB.",
        _SMALLER,
        f"{DOCS} (large reshapes); {LOGS}; {PAIRS}; issue 219 for MUL and SPLIT", "seen",
    ),
    Rule(
        "lstm-time", ("UNIDIRECTIONAL_SEQUENCE_LSTM",), conditions.time_major_lstm, UNSPECIFIED,
        "An LSTM must take the batch before the time.",
        "Keras: LSTM(time_major=False).",
        "by reasoning: the batch must be the outermost dimension", "guess",
    ),
)  # fmt: skip
