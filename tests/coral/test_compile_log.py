"""Every line, status and failure that the compiler is known to print."""

from __future__ import annotations

import pytest

from edgeq.edgetpu import prediction
from edgeq.edgetpu.compile_log import MAPPED, STATUSES, find_failure, parse_log, parse_size, parse_table

LOG = """\
Edge TPU Compiler version 16.0.384591198
Started a compilation timeout timer of 180 seconds.

Model compiled successfully in 1056 ms.

Input model: kws.tflite
Input size: 3.42MiB
Output model: kws_edgetpu.tflite
Output size: 3.56MiB
On-chip memory used for caching model parameters: 3.50MiB
On-chip memory {word} for caching model parameters: 4.25MiB
Off-chip memory used for streaming uncached model parameters: 512.00B
Number of Edge TPU subgraphs: 1
Total number of operations: 66
Operation log: kws_edgetpu.log

Model successfully compiled but not all operations are supported by the Edge TPU.
Number of operations that will run on Edge TPU: 64
Number of operations that will run on CPU: 2

Operator                       Count      Status

CONV_2D                        35         Mapped to Edge TPU
DEPTHWISE_CONV_2D              29         Mapped to Edge TPU
SOFTMAX                        1          More than one subgraph is not supported
DEQUANTIZE                     1          Operation is working on an unsupported data type
Compilation child process completed within timeout period.
Compilation succeeded!
"""


@pytest.mark.parametrize("word", ["remaining", "available"])
def test_a_whole_log(word: str) -> None:
    log = parse_log(LOG.format(word=word))
    assert (log.version, log.successful, log.milliseconds) == ("16.0.384591198", True, 1056)
    assert log.failure is None
    (model,) = log.models
    assert (model.input_model, model.output_model) == ("kws.tflite", "kws_edgetpu.tflite")
    assert (model.input_bytes, model.output_bytes) == (round(3.42 * 2**20), round(3.56 * 2**20))
    assert (model.cached_bytes, model.remaining_bytes) == (3670016, 4456448)
    assert model.streamed_bytes == 512
    assert (model.subgraphs, model.operations, model.on_tpu, model.on_cpu) == (1, 66, 64, 2)
    assert model.operation_log == "kws_edgetpu.log"
    assert (model.mapped, model.total) == (64, 66)
    assert [(row.operator, row.count, row.mapped) for row in model.rows] == [
        ("CONV_2D", 35, True),
        ("DEPTHWISE_CONV_2D", 29, True),
        ("SOFTMAX", 1, False),
        ("DEQUANTIZE", 1, False),
    ]
    assert model.counts()["CONV_2D", True] == 35


def test_models_compiled_together() -> None:
    one, two = LOG.format(word="remaining"), LOG.format(word="remaining").replace("kws", "vww")
    log = parse_log(one.replace("Model compiled", "Models compiled") + two)
    assert log.successful
    assert [model.input_model for model in log.models] == ["kws.tflite", "vww.tflite"]
    assert [len(model.rows) for model in log.models] == [4, 4]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status(status: str) -> None:
    (row,) = parse_table(f"Operator   Count   Status\n\nTFLite_Detection_PostProcess   3   {status}\n")
    assert (row.operator, row.count, row.status) == ("TFLite_Detection_PostProcess", 3, status)
    assert row.mapped == (status == MAPPED)
    assert row.meaning


def test_the_prediction_speaks_the_same_words() -> None:
    assert set(prediction.STATUSES) == set(STATUSES)


def test_a_status_that_nobody_knows_is_kept() -> None:
    (row,) = parse_table("Operator  Count  Status\nADD  1  A new status\n")
    assert (row.status, row.mapped, row.meaning) == ("A new status", False, "")


@pytest.mark.parametrize(
    ("text", "kind", "opaque", "again", "words"),
    [
        ("Invalid model: m.tflite\nModel not quantized", "not-quantized", False, False, "float tensors"),
        ("Invalid model: m.tflite\nModel could not be parsed", "unreadable", False, False, "cannot read"),
        ("Invalid model: m.tflite\nSomething new", "invalid", False, False, "does not take"),
        (
            "ERROR: Didn't find op for builtin opcode 'RESIZE_BILINEAR' version '4'",
            "operator-version", False, False, "RESIZE_BILINEAR in version 4",
        ),
        ("Internal compiler error. Aborting!", "internal", True, True, "fault of its own"),
        (
            "Compilation failed: Model failed in Tflite interpreter. Please ensure model can be loaded/run "
            "in Tflite interpreter.", "interpreter", True, False, "dynamic shapes",
        ),
        (
            "Compilation failed due to large activation tensors in model.",
            "large-activations", True, False, "too large",
        ),
        (
            "Compilation timeout. This is usually caused by large activations.",
            "timeout", True, False, "time-out",
        ),
        (
            "Compilation child process completed within timeout period.\nCompilation failed!",
            "unexplained", True, True, "without saying why",
        ),
    ],
)  # fmt: skip
def test_every_failure(text: str, kind: str, opaque: bool, again: bool, words: str) -> None:
    banner = "Edge TPU Compiler version 16.0.384591198\nStarted a compilation timeout timer of 180 seconds.\n"
    failure = find_failure(banner + text)
    assert failure is not None
    assert (failure.kind, failure.opaque, failure.again) == (kind, opaque, again)
    assert words in failure.cause
    assert failure.remedy and "{" not in failure.remedy + failure.cause
    assert not parse_log(banner + text).successful


def test_the_telling_cause_wins_over_the_closing_line() -> None:
    text = "ERROR: Didn't find op for builtin opcode 'ADD' version '3'\nInternal compiler error. Aborting!\n"
    failure = find_failure(text + "Compilation failed!")
    assert failure is not None and failure.kind == "operator-version"


@pytest.mark.parametrize(
    ("text", "count"),
    [("0.00B", 0), ("1.50KiB", 1536), ("7.68MiB", 8053064), ("1GiB", 1 << 30), ("much", None), ("", None)],
)
def test_sizes(text: str, count: int | None) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize("text", ["", "Edge TPU Compiler version 16.0", "\x00" * 50, "Input model:\n" * 9])
def test_any_text_is_taken(text: str) -> None:
    assert not parse_log(text).successful
