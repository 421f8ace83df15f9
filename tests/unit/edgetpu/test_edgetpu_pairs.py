"""The prediction against what the real compiler did, on the pairs beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.edgetpu import mapped_operators, predict, read_packages
from edgeq.graph import Graph, load_model

PAIRS = (
    "deeplabv3_mnv2_dm05_pascal_quant",
    "keras_lstm_mnist_ptq",
    "mobilenet_edgetpu_0.75_224_post_training_quant",
    "mobilenet_v1_0.25_128_quant",
    "mobilenet_v1_0.5_160_quant",
    "mobilenet_v2_1.0_224_quant",
    "movenet_single_pose_lightning_ptq",
    "posenet_mobilenet_v1_075_353_481_quant_decoder",
    "split_concat",
)
NEGLIGIBLE = 1024
"""Bytes of parameters below which a share says nothing: split_concat has 192."""


def pair(shared: Path, name: str) -> tuple[Graph, Graph]:
    folder = shared / "models" / "edgetpu"
    return load_model(folder / f"{name}.tflite")[1], load_model(folder / f"{name}_edgetpu.tflite")[1]


@pytest.mark.parametrize("name", PAIRS)
def test_every_operator_is_predicted(shared: Path, name: str) -> None:
    original, compiled = pair(shared, name)
    prediction = predict(original)
    assert prediction.failure is None
    assert prediction.mapped == mapped_operators(original, compiled)
    assert prediction.summary.mapped == sum(prediction.mapped)
    assert all(one.reason for one in prediction.operators)
    assert all(one.remedy for one in prediction.operators if not one.mapped)


@pytest.mark.parametrize("name", PAIRS)
def test_parameters_and_cycles_are_near_what_the_package_states(shared: Path, name: str) -> None:
    original, compiled = pair(shared, name)
    summary = predict(original).summary
    (package,) = read_packages(compiled)
    stated = package.parameter_bytes_cached + package.parameter_bytes_streamed
    predicted = summary.parameter_bytes_cached + summary.parameter_bytes_streamed
    assert abs(predicted - stated) <= max(0.1 * stated, NEGLIGIBLE)
    if package.cycles is not None:
        assert summary.cycles == pytest.approx(package.cycles, rel=0.25)


def test_what_stays_behind_waits_for_a_named_operator(shared: Path) -> None:
    original, _ = pair(shared, "deeplabv3_mnv2_dm05_pascal_quant")
    operators = predict(original).operators
    left = {one.index: one for one in operators if not one.mapped}
    assert left[63].rule == "resize-precision"
    assert left[65].blocked_by == (63,)
    assert "operator 63 (RESIZE_BILINEAR)" in left[66].reason


def test_latency_is_near_the_published(shared: Path) -> None:
    """The vendor's benchmarks: MobileNet v2 2.6 ms on desktop and Dev Board, PoseNet 353x481 5.8 ms."""
    desktop, board, *_ = predict(pair(shared, "mobilenet_v2_1.0_224_quant")[0]).summary.latencies
    assert desktop.milliseconds == pytest.approx(2.6, rel=0.2)
    assert board.milliseconds == pytest.approx(2.6, rel=0.2)
    posenet = predict(pair(shared, PAIRS[7])[0]).summary
    assert posenet.latency_ms == pytest.approx(5.8, rel=0.25)


def test_the_cpu_part_is_near_the_published(shared: Path) -> None:
    """DeepLab v3 513x513: 52 ms on a desktop, 241 on a Dev Board.

    A model of full width needs 14.6 of them on the Edge TPU; the one of half width here leaves the same
    operators to the CPU.
    """
    desktop, board, *_ = predict(pair(shared, "deeplabv3_mnv2_dm05_pascal_quant")[0]).summary.latencies
    assert desktop.cpu_milliseconds == pytest.approx(52 - 14.6, rel=0.1)
    assert board.cpu_milliseconds == pytest.approx(241 - 14.6, rel=0.1)


def test_a_compiled_model_of_another_is_refused(shared: Path) -> None:
    from edgeq.base.errors import ModelError

    original, _ = pair(shared, "split_concat")
    _, compiled = pair(shared, "movenet_single_pose_lightning_ptq")
    with pytest.raises(ModelError, match="is not in split_concat"):
        mapped_operators(original, compiled)


def test_predicting_from_a_compiled_model_is_refused(shared: Path) -> None:
    from edgeq.base.errors import ModelError

    _, compiled = pair(shared, "split_concat")
    with pytest.raises(ModelError, match="compiled for the Edge TPU already"):
        predict(compiled)
