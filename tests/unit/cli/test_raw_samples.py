"""Preprocessing declared once: calibration, data, firmware and report all start from raw samples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgeq.features.declaration import read_declaration
from edgeq.graph import DType, Graph, Operator, Tensor, load_model, write_model

from .conftest import Edgeq

SAMPLES, ROWS, BANDS = 800, 3, 5
DECLARED = """
mean = 2000.0
std = 512.0

[raw]
kind = "sound"
samples = 800
rate = 16000

[[stages]]
stage = "frames"
size = 480
hop = 160

[[stages]]
stage = "spectrum"

[[stages]]
stage = "bands"
channels = 5
low = 100.0
high = 8000.0

[[stages]]
stage = "log"
"""


def float_model() -> bytes:
    """A layer over all bands of all rows, which tells low sounds from high ones."""
    dense = {
        "fused_activation_function": "NONE",
        "weights_format": "DEFAULT",
        "keep_num_dims": False,
        "asymmetric_quantize_inputs": False,
    }
    size = ROWS * BANDS
    bands = np.tile(np.linspace(-1, 1, BANDS), ROWS)
    weights = np.stack([-bands, bands]).astype(np.float32)
    tensors = (
        Tensor("sound", (1, ROWS, BANDS, 1), DType.FLOAT32),
        Tensor("shape", (2,), DType.INT32, data=np.array([1, size], np.int32)),
        Tensor("flat", (1, size), DType.FLOAT32),
        Tensor("w", (2, size), DType.FLOAT32, data=weights),
        Tensor("y", (1, 2), DType.FLOAT32),
    )
    operators = (
        Operator("RESHAPE", (0, 1), (2,), {"new_shape": (1, size)}),
        Operator("FULLY_CONNECTED", (2, 3, -1), (4,), dense),
    )
    return write_model(Graph("heard", tensors, operators, (0,), (4,)))


@pytest.fixture
def heard(folder: Path) -> Path:
    """The float model, its preprocessing, and low and high sounds."""
    random = np.random.default_rng(1)
    y = np.arange(24) % 2
    hertz = np.where(y == 0, random.uniform(150, 400, 24), random.uniform(3000, 7000, 24))
    loud = np.exp2(random.uniform(6, 14, (24, 1)))
    x = np.sin(2 * np.pi * hertz[:, None] * np.arange(SAMPLES) / 16000) * loud
    x += random.normal(0, 5, x.shape)
    np.savez(folder / "sounds.npz", x=np.rint(x).astype(np.int16), y=y)
    (folder / "heard.tflite").write_bytes(float_model())
    (folder / "sound.toml").write_text(DECLARED)
    return folder


ROAD = ("--preprocessing", "sound.toml", "--calibration", "sounds.npz", "--data", "sounds.npz")


def test_firmware_takes_raw_samples(edgeq: Edgeq, heard: Path) -> None:
    told = edgeq("deploy", "heard.tflite", *ROAD, "--board", "host", "--out", "o", "--json")
    assert told.code == 0, told.err
    step = read_declaration(heard / "sound.toml")
    assert told.json["preprocessing"] == [{"input": "sound", **step.to_json()}]
    assert told.json["accuracy"]["device"] == 1.0
    assert told.json["exactness"]["exact"] == 48  # of 24 samples two
    assert load_model(heard / "o/model_int8.tflite")[1].preprocessing == (step,)
    manifest = json.loads((heard / "o/project/edgeq.json").read_bytes())
    (one,) = manifest["features"]
    assert one["input"] == 0 and 2000 < one["ram"] < 3000 and one["flash"] > 2000
    assert "src/features/edgeq_spectrum.c" in manifest["sources"]
    assert b"golden vector exact" in (heard / "o/serial.log").read_bytes()
    again = edgeq("run", "o", "--data", "sounds.npz", "--limit", "4", "--json")
    assert again.json["accuracy"]["device"] == 1.0
    features = np.zeros((2, ROWS, BANDS, 1), np.float32)
    np.savez(heard / "features.npz", x=features)
    refused = edgeq("run", "o", "--data", "features.npz", "--json")
    assert refused.code == 2 and "raw samples int16 [800]" in refused.json["error"]["message"]


def test_what_does_not_fit_is_told(edgeq: Edgeq, heard: Path) -> None:
    (heard / "other.toml").write_text(DECLARED.replace("channels = 5", "channels = 6"))
    road = ("--calibration", "sounds.npz", "--json")
    told = edgeq("convert", "heard.tflite", "--preprocessing", "other.toml", *road)
    assert told.code == 2 and "gives [3, 6], 18 values" in told.json["error"]["message"]
    np.savez(heard / "short.npz", x=np.zeros((3, 700), np.int16))
    road = ("--preprocessing", "sound.toml", "--calibration", "short.npz", "--json")
    told = edgeq("convert", "heard.tflite", *road)
    assert told.code == 2 and "made of raw samples int16 [800]" in told.json["error"]["message"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no table [raw]"),
        ("mean = ", "not TOML"),
        (DECLARED + "\n[more]\n", "has the key 'more'"),
        (DECLARED.replace("sound", "noise", 1), "one of image, sound, sensor"),
        (DECLARED.replace('"log"', '"logarithm"'), "no stage 'logarithm'"),
        (DECLARED.replace("low =", "lower ="), "has no 'lower'"),
        (DECLARED.replace("size = 480\n", ""), "wants size, hop"),
        (DECLARED.replace("hop = 160", "hop = 0"), "hop is a whole number from 1 to 480"),
        (DECLARED.replace("size = 480", "size = 900"), "longer than the 800"),
        (DECLARED.replace("high = 8000.0", "high = 9000.0"), "half the rate"),
        (DECLARED.replace("std = 512.0", "std = 0.0"), "std is 0"),
        (DECLARED + '[[stages]]\nstage = "frames"\nsize = 1\nhop = 1\n', "is the first"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_told(text: str, said: str, tmp_path: Path) -> None:
    from edgeq.base.errors import UsageError

    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_declaration(path)
    assert said in caught.value.message


def test_raw_samples_are_left_room_for(heard: Path) -> None:
    """A plan has what the board has less raw samples and stages; TFLM's firmware has the same files."""
    from edgeq.backends import aot
    from edgeq.backends.project.budget import Budget
    from edgeq.backends.project.features import project_features
    from edgeq.backends.tflm.arena import Arena
    from edgeq.backends.tflm.generate import generate
    from edgeq.boards import load_board
    from edgeq.checker import check
    from edgeq.converter import convert
    from edgeq.data import random_data
    from edgeq.graph import read_model

    step = read_declaration(heard / "sound.toml")
    graph = read_model(float_model()).preprocessed((step,))
    made = convert(float_model(), graph, random_data(graph.input_tensors, 10))
    assert made.graph.preprocessing == (step,)
    features = project_features(made.graph)
    left = features.leave(Budget(reserve_ram=100))
    assert left.reserve_ram == 100 + 2 * SAMPLES + features.described[0]["ram"]
    assert left.reserve_flash == features.described[0]["flash"] > 2000
    board = load_board("sim-m4")
    own = aot.generate(check(made.model, name="heard"), board)
    arena = Arena(4096, 4000, "host", "reference")
    other = generate(check(made.model, name="heard", runtime="tflm"), board, arena)
    for project in (own, other):
        assert features.files.keys() <= project.files.keys()
        assert b"edgeq_features_0(raw_0" in project.files["src/common/edgeq_source.c"]
        assert b"edgeq_features_0(raw_0" in project.files["README.md"]
