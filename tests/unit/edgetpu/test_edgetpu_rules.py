"""Every rule of the table: a model that breaks it, and its sibling that keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.edgetpu import predict
from edgeq.edgetpu.prediction import STATUSES, OperatorPrediction
from edgeq.edgetpu.rules import RULES, SUPPORTED
from edgeq.graph import DType, Graph, OptionValue, QuantParams, Tensor, read_model, write_model

from .edgetpu_models import CONVOLUTION, activation, bias, conv, numbers, single, weights

IN = activation("in", 1, 8, 8, 8)
OUT = activation("out", 1, 8, 8, 8)
FLOAT = activation("f", 1, 8, 8, 8, dtype=DType.FLOAT32)
ZEROS = Tensor(
    "zeros", (1, 8, 8, 8), DType.INT8, QuantParams.per_tensor(0.05, -3), np.full((1, 8, 8, 8), -3, np.int8)
)
ONES = Tensor(
    "ones", (1, 8, 8, 8), DType.INT8, QuantParams.per_tensor(0.05, -3), np.ones((1, 8, 8, 8), np.int8)
)
FUSED: dict[str, OptionValue] = {**CONVOLUTION, "fused_activation_function": "RELU6"}
JOINED = activation("joined", 1, 8, 8, 16)


def reduce(opcode: str, shape: tuple[int, ...], *axes: int) -> Graph:
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return single(opcode, [activation("in", *shape), numbers("axes", *axes)], [activation("out", *kept)])


def pad(first: int) -> Graph:
    amounts = Tensor("p", (4, 2), DType.INT32, None, np.array([[first, 0], [1, 1], [1, 1], [0, 0]], np.int32))
    return single("PAD", [IN, amounts], [activation("out", 1 + first, 10, 10, 8)])


def pool(activation_name: str) -> Graph:
    return single("MAX_POOL_2D", [IN], [OUT], {"fused_activation_function": activation_name})


def resize(opcode: str, depth: int, size: int, to: int) -> Graph:
    return single(
        opcode,
        [activation("in", 1, size, size, depth), numbers("to", to, to)],
        [activation("out", 1, to, to, depth)],
    )


def strided(**masks: OptionValue) -> Graph:
    step = int(masks.pop("step", 1))  # type: ignore[call-overload]
    inputs = [IN, numbers("b", 0, 0, 0, 0), numbers("e", 1, 4, 8, 8), numbers("s", 1, step, 1, 1)]
    return single("STRIDED_SLICE", inputs, [activation("out", 1, 4 // step, 8, 8)], masks)


def reshape(*to: int, given: tuple[int, ...] = (1, 40, 40, 144), shape: Tensor | None = None) -> Graph:
    return single(
        "RESHAPE", [activation("in", *given), shape or numbers("to", *to)], [activation("out", *to)]
    )


def dense(rows: int, form: str = "DEFAULT", inputs: int = 8) -> Graph:
    return single(
        "FULLY_CONNECTED",
        [activation("in", rows, inputs), weights("w", 4, inputs), bias("b", 4)],
        [activation("out", rows, 4)],
        {"weights_format": form},
    )


def softmax(*shape: int) -> Graph:
    return single("SOFTMAX", [activation("in", *shape)], [activation("out", *shape)])


def transpose(size: int) -> Graph:
    tensors = [activation("in", 1, size, size, 144), numbers("order", 0, 3, 1, 2)]
    return single("TRANSPOSE", tensors, [activation("out", 1, 144, size, size)])


def squeeze(before: tuple[int, ...], after: tuple[int, ...]) -> Graph:
    return single("SQUEEZE", [activation("in", *before)], [activation("out", *after)])


def prelu(*alpha: int, side: int = 8) -> Graph:
    ends = (activation(name, 1, side, side, 8) for name in ("in", "out"))
    return single("PRELU", [next(ends), weights("alpha", *alpha)], [*ends])


def split(axis: int, shape: tuple[int, ...]) -> Graph:
    half = tuple(n // 2 if i == axis else n for i, n in enumerate(shape))
    inputs = [numbers("axis", axis), activation("in", *shape)]
    return single("SPLIT", inputs, [activation("a", *half), activation("b", *half)])


def into_one(axis: int, shape: tuple[int, ...]) -> Graph:
    inputs = [numbers("axis", axis), activation("in", *shape)]
    return single("SPLIT", inputs, [activation("out", *shape)], {"num_splits": 1})


def lstm(time_major: bool, size: int = 8) -> Graph:
    inputs = [activation("in", 1, 5, size), *(weights(f"w{i}", 4, size) for i in range(4))]
    return single(
        "UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [activation("out", 1, 5, 4)], {"time_major": time_major}
    )


def computed_weights() -> Graph:
    inputs = [IN, activation("w", 16, 3, 3, 8), bias("b", 16)]
    return single("CONV_2D", inputs, [activation("out", 1, 8, 8, 16)])


def quantize(given: Tensor) -> Graph:
    return single("QUANTIZE", [given], [OUT])


CASES: list[tuple[str, Graph, Graph]] = [
    ("float-quantize", quantize(FLOAT), quantize(IN)),
    ("data-type", single("DEQUANTIZE", [IN], [FLOAT]), quantize(IN)),
    ("data-type", single("CUSTOM", [IN], [OUT], custom="Decoder"), quantize(IN)),
    (
        "data-type",
        single("ARG_MAX", [IN, numbers("axis", 3)], [activation("out", 1, 8, 8, dtype=DType.INT64)]),
        quantize(IN),
    ),
    ("not-supported", single("HARD_SWISH", [IN], [OUT]), single("RELU6", [IN], [OUT])),
    ("version", conv(version=4), conv(version=3)),
    ("version", single("ADD", [IN, IN], [OUT], version=4), single("ADD", [IN, IN], [OUT], version=2)),
    (
        "rank",
        single("RELU", [activation("in", 2, 8, 8, 8)], [activation("out", 2, 8, 8, 8)]),
        single("RELU", [IN], [OUT]),
    ),
    ("constant-parameters", computed_weights(), conv()),
    ("nothing-to-do", single("ADD", [ONES, ONES], [OUT]), single("ADD", [IN, ONES], [OUT])),
    ("fused-activation", pool("RELU"), pool("NONE")),
    (
        "concatenated-constant",
        single("CONCATENATION", [IN, ONES], [JOINED]),
        single("CONCATENATION", [IN, ZEROS], [JOINED]),
    ),
    (
        "concatenated-constant",
        single("CONCATENATION", [IN, IN, ZEROS], [activation("o", 1, 8, 8, 24)]),
        single("CONCATENATION", [IN, IN], [JOINED]),
    ),
    (
        "dilation",
        conv(dilation_w_factor=1, dilation_h_factor=2),
        conv(dilation_w_factor=2, dilation_h_factor=2),
    ),
    (
        "dilation",
        conv(dilation_h_factor=2, dilation_w_factor=4),
        conv(kernel=(3, 1), dilation_h_factor=2, dilation_w_factor=1),
    ),
    ("weights-format", dense(1, "SHUFFLED4x16INT8"), dense(1)),
    ("one-vector", dense(5), dense(1)),
    ("batch-reduction", reduce("SUM", (4, 8), 0), reduce("SUM", (4, 8), 1)),
    ("mean-depth", reduce("MEAN", (1, 8, 8, 6), 3), reduce("MEAN", (1, 8, 8, 8), 3)),
    ("mean-size", reduce("MEAN", (1, 256, 128, 3), 1, 2), reduce("MEAN", (1, 64, 128, 3), 1, 2)),
    ("batch-axis", split(0, (4, 8)), split(3, (1, 8, 8, 8))),
    ("batch-axis", split(0, (2, 8, 8)), into_one(0, (1, 96, 64, 1))),
    ("batch-axis", split(0, (4, 8, 8)), into_one(0, (4, 8, 8))),
    (
        "batch-axis",
        single("PACK", [activation("in", 8, 8)], [activation("out", 1, 8, 8)], {"axis": 0}),
        single("PACK", [activation("in", 8, 8)], [activation("out", 8, 1, 8)], {"axis": 1}),
    ),
    ("batch-padding", pad(1), pad(0)),
    ("prelu-slopes", prelu(8, 8, 8), prelu(1, 1, 8)),
    ("squeeze", squeeze((1, 5, 1, 10), (1, 5, 10)), squeeze((1, 1, 5, 10), (1, 5, 10))),
    ("slice", strided(step=2), strided()),
    ("slice", strided(new_axis_mask=1), strided(begin_mask=3, end_mask=3)),
    ("softmax-size", softmax(1, 16_385), softmax(1, 16_384)),
    ("resize-precision", resize("RESIZE_BILINEAR", 8, 1, 33), resize("RESIZE_BILINEAR", 8, 24, 48)),
    ("prelu-size", prelu(1, 1, 8, side=512), prelu(1, 1, 8, side=256)),
    ("resize-size", resize("RESIZE_BILINEAR", 32, 256, 512), resize("RESIZE_BILINEAR", 32, 64, 128)),
    (
        "resize-size",
        resize("RESIZE_NEAREST_NEIGHBOR", 64, 128, 256),
        resize("RESIZE_NEAREST_NEIGHBOR", 8, 4, 128),
    ),
    ("transpose-size", transpose(28), transpose(22)),
    ("flat-size", reshape(1, 144, 1600), reshape(1, 144, 400, given=(1, 20, 20, 144))),
    (
        "flat-size",
        reshape(1, 1444, 273, given=(1, 38, 38, 273)),
        reshape(1, 1083, 91, given=(1, 19, 19, 273)),
    ),
    (
        "flat-size",
        single("MUL", [activation("in", 1, 1024, 1024)] * 2, [activation("out", 1, 1024, 1024)]),
        single("MUL", [activation("in", 4, 256, 1024)] * 2, [activation("out", 4, 256, 1024)]),
    ),
    ("lstm-time", lstm(True), lstm(False)),
]


@pytest.mark.parametrize(("rule", "broken", "kept"), CASES)
def test_a_model_that_breaks_the_rule_and_one_that_keeps_it(rule: str, broken: Graph, kept: Graph) -> None:
    one = alone(broken)
    wanted = next(entry for entry in RULES if entry.name == rule)
    assert (one.rule, one.mapped, one.status) == (rule, False, wanted.status)
    assert one.confidence == wanted.confidence
    assert one.reason.startswith(wanted.reason)
    assert " Here, " in one.reason
    good = alone(kept)
    assert (good.mapped, good.rule, good.status) == (True, "", "Mapped to Edge TPU")


def alone(graph: Graph) -> OperatorPrediction:
    """The operator by the rules alone: as a model, some of these would fail whole."""
    from edgeq.edgetpu.predict import OperatorView, _predicted, broken_rule

    op = OperatorView(graph, 0)
    finding = broken_rule(op)
    return _predicted(graph, op, finding, finding is None, ())


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, _, _ in CASES} == {rule.name for rule in RULES}


def test_the_table_is_complete() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.status in STATUSES
        assert rule.reason.endswith(".")
        assert rule.remedy.endswith(".")
        assert rule.source
        assert set(rule.operators) <= set(SUPPORTED)


def test_every_rule_and_operator_is_in_the_documents() -> None:
    from pathlib import Path

    text = (Path(__file__).resolve().parents[3] / "docs" / "edgetpu-prediction.md").read_text()
    for rule in RULES:
        assert f"| `{rule.name}` |" in text
    for opcode in SUPPORTED:
        assert opcode in text


def test_a_guess_is_said_to_be_one() -> None:
    (one,) = predict(resize("RESIZE_BILINEAR", 8, 24, 48)).operators
    assert (one.mapped, one.confidence) == (True, "guess")
    (tile,) = predict(single("TILE", [IN, numbers("n", 1, 1, 1, 2)], [JOINED])).operators
    assert (tile.mapped, tile.confidence) == (True, "seen")
    (conv_one,) = predict(conv()).operators
    assert (conv_one.mapped, conv_one.confidence) == (True, "documented")


def test_uint8_models_map_as_int8_ones_do() -> None:
    legacy = single(
        "RELU6",
        [activation("in", 1, 8, 8, 8, dtype=DType.UINT8)],
        [activation("out", 1, 8, 8, 8, dtype=DType.UINT8)],
    )
    assert predict(legacy).mapped == (True,)


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (single("RELU", [FLOAT], [FLOAT]), "Model not quantized"),
        (
            single(
                "FULLY_CONNECTED",
                [activation("in", 1, 8, dtype=DType.FLOAT32), weights("w", 4, 8)],
                [activation("out", 1, 4, dtype=DType.FLOAT32)],
            ),
            "Model not quantized",
        ),
        (conv(version=6), "Didn't find op for builtin opcode 'CONV_2D' version '6'"),
        (
            single("QUANTIZE", [IN], [OUT], version=3),
            "Didn't find op for builtin opcode 'QUANTIZE' version '3'",
        ),
        (single("EXP", [IN], [OUT], version=2), "Didn't find op for builtin opcode 'EXP' version '2'"),
        (single("HARD_SWISH", [IN], [OUT], version=2), "builtin opcode 'HARD_SWISH' version '2'"),
        (lstm(False, 1280), "Compilation failed!"),
        (conv(height=1080, width=1920, outputs=32), "large activation tensors"),
        (single("GELU", [IN], [OUT]), "Didn't find op for builtin opcode 'GELU' version '1'"),
        (
            reshape(1, 64, given=(1, 8, 8), shape=activation("to", 2, dtype=DType.INT32)),
            "Model failed in Tflite interpreter",
        ),
        (single("WHERE", [IN], [OUT]), "Model failed in Tflite interpreter"),
        (
            single(
                "RELU",
                [Tensor("in", (1, 1, 1, 3), DType.INT8, IN.quant, shape_signature=(-1, -1, -1, 3))],
                [OUT],
            ),
            "Model failed in Tflite interpreter",
        ),
    ],
)
def test_models_that_fail_as_a_whole(graph: Graph, words: str) -> None:
    prediction = predict(graph)
    assert prediction.failure is not None
    assert words in prediction.failure.status
    assert prediction.failure.reason
    assert prediction.failure.remedy
    assert prediction.mapped == (False,)
    assert prediction.summary.mapped == 0
    assert prediction.summary.latency_ms is None
    assert prediction.to_dict()["failure"]["status"] == prediction.failure.status


@pytest.mark.parametrize(
    "graph",
    [
        conv(version=5),
        single("FILL", [IN], [OUT], version=3),
        single("CUSTOM", [IN], [OUT], version=9, custom="Decoder"),
        lstm(False, 900),
        conv(height=512, width=512, depth=3, outputs=32),
        single("HARD_SWISH", [activation("in", 1, 2048, 2048, 8)], [activation("out", 1, 2048, 2048, 8)]),
    ],
    ids=("conv 5", "fill 3", "custom", "lstm 900", "8 MiB", "large and on the CPU"),
)
def test_models_that_only_look_like_those(graph: Graph) -> None:
    assert predict(graph).failure is None


def test_a_model_that_the_interpreter_refuses() -> None:
    tiny = Tensor("out", (1, 8, 8, 16), DType.INT8, QuantParams.per_tensor(1e-10, 0))
    wide_file = write_model(single("CONV_2D", conv().tensors[:3], [tiny], FUSED))
    failure = predict(read_model(wide_file), wide_file).failure
    assert failure is not None
    assert "Model failed in Tflite interpreter" in failure.status
    assert "overflow" in failure.reason
    fine = write_model(conv())
    assert predict(read_model(fine), fine).failure is None


def test_the_interpreter_need_not_know_a_custom_operator() -> None:
    file = write_model(single("CUSTOM", [IN], [OUT], custom="Decoder"))
    assert predict(read_model(file), file).failure is None


def test_hybrid_models_are_told_from_float_ones() -> None:
    hybrid = single(
        "FULLY_CONNECTED",
        [activation("in", 1, 8, dtype=DType.FLOAT32), weights("w", 4, 8)],
        [activation("out", 1, 4, dtype=DType.FLOAT32)],
    )
    failure = predict(hybrid).failure
    assert failure is not None
    assert "dynamic-range" in failure.reason


def test_an_open_batch_is_no_failure() -> None:
    open_batch = Tensor("in", (1, 8, 8, 8), DType.INT8, IN.quant, shape_signature=(-1, 8, 8, 8))
    assert predict(single("RELU", [open_batch], [OUT])).failure is None
