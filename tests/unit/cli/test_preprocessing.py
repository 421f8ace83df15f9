"""What --normalize, size and colour did stands in every artefact, by whichever road; and nowhere without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.graph import DType, Graph, Operator, Tensor, load_model, write_model

from .conftest import Edgeq

HEIGHT, WIDTH, PIXELS = 2, 3, 18
NORMALIZE = "127.5,64"
TOLD = {
    "mean": 127.5,
    "std": 64.0,
    "raw": {"kind": "image", "width": WIDTH, "height": HEIGHT, "colour": "RGB", "resize": "bilinear"},
    "stages": [],
}


def float_model() -> bytes:
    """The mean of an image's halves."""
    dense = {
        "fused_activation_function": "NONE",
        "weights_format": "DEFAULT",
        "keep_num_dims": False,
        "asymmetric_quantize_inputs": False,
    }
    weights = np.random.default_rng(3).normal(size=(2, PIXELS)).astype(np.float32)
    tensors = (
        Tensor("image", (1, HEIGHT, WIDTH, 3), DType.FLOAT32),
        Tensor("shape", (2,), DType.INT32, data=np.array([1, PIXELS], np.int32)),
        Tensor("flat", (1, PIXELS), DType.FLOAT32),
        Tensor("w", (2, PIXELS), DType.FLOAT32, data=weights),
        Tensor("y", (1, 2), DType.FLOAT32),
    )
    operators = (
        Operator("RESHAPE", (0, 1), (2,), {"new_shape": (1, PIXELS)}),
        Operator("FULLY_CONNECTED", (2, 3, -1), (4,), dense),
    )
    return write_model(Graph("seen", tensors, operators, (0,), (4,)))


@pytest.fixture
def seen(folder: Path) -> Path:
    """A float model, images of another size for it, and raw pixels in a file."""
    pillow = pytest.importorskip("PIL.Image")
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (12, HEIGHT, WIDTH, 3), dtype=np.uint8)
    for number, one in enumerate(pixels):
        place = folder / "images" / str(number % 2) / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        pillow.fromarray(one).resize((2 * WIDTH, HEIGHT)).save(place)
    np.savez(folder / "raw.npz", x=pixels)
    (folder / "seen.tflite").write_bytes(float_model())
    return folder


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "edgeq.json").read_bytes()))


def header(project: Path) -> str:
    return (project / "src/network/edgeq_network.h").read_text()


def test_the_whole_road_with_images(edgeq: Edgeq, seen: Path) -> None:
    road = ("--calibration", "images", "--data", "images", "--normalize", NORMALIZE, "--board", "host")
    told = edgeq("deploy", "seen.tflite", *road, "--out", "o", "--json")
    assert told.json["preprocessing"] == [{"input": "image", **TOLD}]
    assert manifest(seen / "o")["preprocessing"] == manifest(seen / "o/project")["preprocessing"] == [TOLD]
    assert "edgeq_input_0_preprocess(float raw)" in header(seen / "o/project")
    assert "(pixel - 127.5) / 64.0" in (seen / "o/project/README.md").read_text()
    assert "RGB 3x2, (pixel - 127.5) / 64" in edgeq("run", "o").out
    other = edgeq("run", "o", "--data", "images", "--normalize", "0,255", "--json")
    found = [one["message"] for one in other.json["findings"] if one["rule"] == "preprocessing"]
    assert len(found) == 1 and "(pixel - 0) / 255" in found[0] and "(pixel - 127.5) / 64" in found[0]


def test_stage_by_stage(edgeq: Edgeq, seen: Path) -> None:
    assert edgeq("convert", "seen.tflite", "--calibration", "raw.npz", "--normalize", NORMALIZE).code == 0
    (step,) = load_model(seen / "seen_int8.tflite")[1].preprocessing
    assert step is not None and (step.mean, step.std, step.image) == (127.5, 64.0, None)
    assert edgeq("generate", "seen_int8.tflite", "--board", "sim-m4", "--out", "p").code == 0
    assert "#define EDGEQ_INPUT_0_STD 64.0f" in header(seen / "p")
    assert edgeq("generate", "seen_int8.tflite", "--format", "carray", "--out", "a").code == 0
    assert "seen_int8_input_0_preprocess" in (seen / "a/seen_int8_model.h").read_text()
    assert manifest(seen / "a")["preprocessing"] == [{**TOLD, "raw": None}]


@pytest.mark.slow
def test_an_integer_model_that_others_made(edgeq: Edgeq, seen: Path) -> None:
    """Its file stays as it is; what its test data underwent is known all the same."""
    edgeq("convert", "seen.tflite", "--random-calibration", "--out", "plain.tflite")
    before = (seen / "plain.tflite").read_bytes()
    road = ("--data", "images", "--normalize", NORMALIZE, "--board", "host", "--out", "o", "--json")
    assert edgeq("deploy", "plain.tflite", *road).json["preprocessing"] == [{"input": "image", **TOLD}]
    assert (seen / "o/project/model.tflite").read_bytes() == before
    assert "edgeq_input_0_preprocess(float raw)" in header(seen / "o/project")
    assert edgeq("run", "o", "--json").json["preprocessing"] == [{"input": "image", **TOLD}]


@pytest.mark.slow
def test_real_values_need_nothing(edgeq: Edgeq, seen: Path) -> None:
    real = np.random.default_rng(2).normal(size=(12, HEIGHT, WIDTH, 3)).astype(np.float32)
    np.savez(seen / "real.npz", x=real)
    road = ("--calibration", "real.npz", "--normalize", NORMALIZE, "--board", "host", "--out", "o", "--json")
    assert "preprocessing" not in edgeq("deploy", "seen.tflite", *road).json
    for place in (seen / "o", seen / "o/project"):
        assert "preprocessing" not in manifest(place)
    assert "preprocess" not in header(seen / "o/project")
