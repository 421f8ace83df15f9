"""The examples of faults beside the project, where there are any: each gets a right value or a refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgeq.cli import main

# folder/model, options of `deploy`, exit code, words of the outcome; {} is the folder of the model
CASES: tuple[tuple[str, str, int, str], ...] = (
    ("verdict/batch2", "", 0, "pass"),
    ("verdict/binary_expand_dims", "", 0, "pass"),
    ("verdict/binary_max_pool", "", 0, "pass"),
    ("verdict/binary_mean", "", 0, "pass"),
    ("verdict/binary_squeeze", "--data {}/binary_squeeze.npz", 0, '"device": 1.0'),
    ("verdict/binary_u8", "", 0, "pass"),
    ("verdict/int16x8", "", 0, "pass"),
    ("verdict/int4_hybrid", "", 2, "hybrid"),
    ("verdict/int4_strict", "", 1, "4-bit"),
    ("verdict/nan_w", "--random-calibration", 2, "NaN"),
    ("verdict/nan_b", "--random-calibration", 2, "NaN"),
    ("verdict/float_plain", "", 2, "calibration"),
    ("verdict/float_stray_scale", "--calibration {}/x8.npz", 0, "held out"),
    ("verdict/inputs_x_y", "--calibration {}/xy_int.npz --data {}/xy_int.npz", 0, "y takes 'y'"),
    ("verdict/inputs_x_y", "--calibration {}/xy_float.npz --data {}/xy_float.npz", 0, "y takes 'y'"),
    ("verdict/inputs_same_name", "--calibration {}/same.npz", 2, "input0"),
    ("verdict/inputs_same_shape_same_name", "--calibration {}/same.npz", 2, "input0"),
    ("verdict/inputs_empty_name", "--calibration {}/two.npz", 2, "input0"),
    ("verdict/sine_float", "--calibration {}/sine.npz --data {}/sine.npz", 0, '"r2": 0.9'),
    ("verdict/mean_128x128_int8", "", 0, "pass"),
    ("verdict/softmax_256", "", 0, "pass"),
    ("verdict/softmax_512", "--data {}/zeros_512.npz", 2, "512"),
    ("verdict/softmax_1000", "", 0, "pass"),
    ("verdict/with_zip_after", "", 0, "pass"),
    ("verdict/qat_cnn_float", "", 0, "pass"),
    ("verdict/qat_conv_2d_axis0", "", 0, "pass"),
    ("verdict/qat_conv_2d_axis3", "", 0, "pass"),
    ("verdict/qat_square_fully_connected_axis0", "", 0, "pass"),
    ("verdict/qat_square_fully_connected_axis1", "", 0, "pass"),
    ("models/keyword_spotting_pacman_v3", "", 0, "pass"),
    ("models/micro_speech_lstm", "", 0, "pass"),
    ("models/okay_nabu", "", 0, "pass"),
    ("models/person_detect_model", "", 0, "tflite-micro"),
    ("models/person_detect_vela", "", 1, "Ethos-U"),
    ("models/refuse_dynamic_float", "--calibration {}/refuse_dynamic_calib.npz", 2, "dynamic shape"),
    ("models/siamese_float", "--calibration {}/siamese_calib.npz", 2, "in0"),
    ("folders/digits_float", "--calibration {}/calibration.npz --data {}/x255.npz", 0, "input-saturates"),
    ("folders/digits_float", "--calibration {}/cal255.npz --data {}/test.npz", 1, "input-inside"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options", "code", "words"), CASES)
def test_shared_case(
    model: str,
    options: str,
    code: int,
    words: str,
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("ziglang", reason="builds for the host; pip install 'edgeq[sim]'")
    path = shared / "cases" / f"{model}.tflite"
    if not path.is_file():
        pytest.skip(f"no case {path}")
    monkeypatch.chdir(tmp_path)
    where = options.format(path.parent, path.parent).split()
    random = [] if "--data" in where else ["--samples", "8"]
    got = main(["deploy", str(path), "--board", "host", "--out", "out", *where, *random, "--json"])
    said = capfd.readouterr()
    assert "Traceback" not in said.err
    answer: dict[str, Any] = json.loads(said.out)
    assert (got, words in json.dumps(answer, ensure_ascii=False)) == (code, True), (got, answer)
    if "exactness" in answer:
        assert answer["exactness"]["exact"] == answer["exactness"]["outputs"]
