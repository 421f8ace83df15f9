"""The example is what its README says: real halves, a float model of the stated accuracy, small files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.graph import DType, load_model
from edgeq.interpreter import run

STATED_ACCURACY = 0.9933
WANTED_OPERATORS = {
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "MAX_POOL_2D",
    "AVERAGE_POOL_2D",
    "FULLY_CONNECTED",
    "SOFTMAX",
}


@pytest.fixture(scope="module")
def digits(examples: Path) -> Path:
    return examples / "digits"


def test_the_float_model_reaches_the_stated_accuracy_on_the_test_half(digits: Path) -> None:
    model = (digits / "digits_float.tflite").read_bytes()
    with np.load(digits / "test.npz") as test:
        x, y = test["x"], test["y"]
    (scores,) = run(model, [x])
    accuracy = np.mean(np.argmax(scores, axis=1) == y)
    assert accuracy >= 0.98
    assert accuracy == pytest.approx(STATED_ACCURACY, abs=5e-5)


def test_the_readme_states_that_accuracy(digits: Path) -> None:
    assert f"test half 899: {STATED_ACCURACY}" in (digits / "README.md").read_text()


def test_the_model_is_a_plain_float_one_with_fixed_shapes(digits: Path) -> None:
    _, graph = load_model(digits / "digits_float.tflite")
    assert {operator.opcode for operator in graph.operators} >= WANTED_OPERATORS
    assert not any(tensor.is_dynamic for tensor in graph.tensors)
    assert {tensor.dtype for tensor in graph.tensors} == {DType.FLOAT32, DType.INT32}
    assert graph.input_tensors[0].shape == (1, 8, 8, 1)


def test_the_test_half_is_half_of_the_set_with_every_digit_evenly(digits: Path) -> None:
    with np.load(digits / "test.npz") as test:
        x, y = test["x"], test["y"]
    assert x.shape == (899, 8, 8, 1)
    assert x.dtype == np.float32
    assert (x.min(), x.max()) == (0.0, 1.0)
    counts = np.bincount(y, minlength=10)
    assert counts.min() >= 87
    assert counts.max() <= 92


def test_no_calibration_image_is_a_test_image(digits: Path) -> None:
    with np.load(digits / "calibration.npz") as calibration, np.load(digits / "test.npz") as test:
        assert calibration.files == ["x"]
        seen = {image.tobytes() for image in calibration["x"]}
        held = {image.tobytes() for image in test["x"]}
    assert len(seen) == 200
    assert not seen & held


def test_the_files_are_small_and_as_listed(digits: Path) -> None:
    readme = (digits / "README.md").read_text()
    files = ("digits_float.tflite", "calibration.npz", "test.npz")
    for name in files:
        size = (digits / name).stat().st_size
        assert f"| `{name}` |" in readme
        assert f"| {size:,} |" in readme, f"{name} is {size:,} bytes"
    assert sum((digits / name).stat().st_size for name in files) < 500_000
