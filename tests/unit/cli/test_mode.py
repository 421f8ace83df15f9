"""``--mode`` and ``--calibrator``: on the command line, in edgeq.toml, in the API."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.converter import convert
from edgeq.data import Dataset
from edgeq.graph import load_model
from edgeq.verbs import api

from .conftest import Edgeq


@pytest.fixture
def digits(examples: Path) -> tuple[Path, Path]:
    return examples / "digits" / "digits_float.tflite", examples / "digits" / "calibration.npz"


@pytest.mark.slow
def test_each_way_gives_the_model_that_the_converter_gives(
    edgeq: Edgeq, folder: Path, digits: tuple[Path, Path]
) -> None:
    path, data = digits
    x = np.load(data)["x"].astype(np.float32)
    model, graph = load_model(path)
    x = x.reshape(-1, *graph.input_tensors[0].shape[1:])
    given = Dataset((x,), None, "x")
    assert edgeq("convert", path, "--calibration", data, "--out", "auto.tflite").code == 0
    assert (
        edgeq("convert", path, "--calibration", data, "--out", "plain.tflite", "--mode", "minmax").code == 0
    )
    flags = ("--calibrator", "percentile:99.9")
    assert edgeq("convert", path, "--calibration", data, "--out", "narrow.tflite", *flags).code == 0
    found = [(folder / f"{name}.tflite").read_bytes() for name in ("auto", "plain", "narrow")]
    assert found[0] == convert(model, graph, given).model == api.convert(path, x).model
    assert found[1] == convert(model, graph, given, mode="minmax").model
    assert found[1] == api.convert(path, x, mode="minmax").model
    assert found[2] == convert(model, graph, given, calibrator="percentile:99.9").model
    (folder / "edgeq.toml").write_text('mode = "minmax"\n')
    assert edgeq("convert", path, "--calibration", data, "--out", "told.tflite").code == 0
    assert (folder / "told.tflite").read_bytes() == found[1]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--calibrator", "median"), "there is no calibrator 'median'"),
        (("--calibrator", "percentile:300"), "not a percentage"),
        (("--mode", "minmax", "--calibrator", "mse"), "not the calibrator mse"),
        (("--mode", "exact"), "'exact' is not one of"),
    ],
)
def test_what_is_no_mode_or_calibrator_is_refused(
    edgeq: Edgeq, digits: tuple[Path, Path], flags: tuple[str, ...], told: str
) -> None:
    result = edgeq("convert", digits[0], "--calibration", digits[1], *flags)
    assert result.code == 2
    assert told in result.err
