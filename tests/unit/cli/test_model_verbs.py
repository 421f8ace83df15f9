"""convert, check and inspect: what they write and print, and every mistake on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.graph import load_model
from edgeq.graph.macs import operator_macs

from .conftest import Edgeq
from .models import float_dense, int8_dense, samples


@pytest.fixture
def files(folder: Path) -> Path:
    """The working folder with a float model, an int8 model and calibration data."""
    (folder / "m_float.tflite").write_bytes(float_dense())
    (folder / "q.tflite").write_bytes(int8_dense())
    np.savez(folder / "cal.npz", x=samples()[0])
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_convert_writes_the_int8_model(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("convert", "m_float.tflite", "--calibration", "cal.npz")
    assert result.code == 0
    assert result.out.startswith("m_int8.tflite ")
    assert "edgeq: convert: calibrating with 40 samples of cal.npz" in result.err
    assert names(files) == {"m_float.tflite", "q.tflite", "cal.npz", "m_int8.tflite"}
    assert edgeq("check", "m_int8.tflite").code == 0


def test_convert_json_and_io(edgeq: Edgeq, files: Path) -> None:
    result = edgeq(
        "convert", "m_float.tflite", "--calibration", "cal.npz", "--io", "uint8", "-o", "a/b.tflite", "--json"
    )
    assert result.json["converted"]["path"] == "a/b.tflite"
    assert result.json["converted"]["bytes"] == (files / "a" / "b.tflite").stat().st_size
    inputs = edgeq("inspect", "a/b.tflite", "--json").json["inputs"]
    assert inputs[0]["dtype"] == "UINT8"


def test_quiet_says_only_the_result(edgeq: Edgeq, files: Path) -> None:
    for where in (("-q", "convert"), ("convert", "-q")):
        result = edgeq(*where, "m_float.tflite", "--calibration", "cal.npz", "--force")
        assert (result.code, result.err) == (0, "")
        assert result.out


def test_calibration_from_the_settings_and_from_an_array(edgeq: Edgeq, files: Path) -> None:
    np.save(files / "cal.npy", samples()[0])
    (files / "edgeq.toml").write_text('calibration = "cal.npy"\nio = "uint8"\n')
    assert edgeq("convert", "m_float.tflite").code == 0
    assert edgeq("inspect", "m_int8.tflite", "--json").json["inputs"][0]["dtype"] == "UINT8"


def test_random_calibration_is_loud(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("convert", "m_float.tflite", "--random-calibration")
    assert result.code == 0
    assert "the accuracy says nothing" in result.err
    both = edgeq("convert", "m_float.tflite", "--random-calibration", "--calibration", "cal.npz", "--force")
    assert both.code == 2
    assert "leave one of them out" in both.err


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["m_float.tflite"], "no calibration data", "--calibration"),
        (["nothing.tflite", "--calibration", "cal.npz"], "does not exist", ".tflite"),
        ([".", "--calibration", "cal.npz"], "is a folder", ".tflite"),
        (["cal.npz", "--calibration", "cal.npz"], "cal.npz", ""),
        (["q.tflite", "--calibration", "cal.npz"], "already", ""),
        (["m_float.tflite", "--calibration", "none.npz"], "none.npz", ".npz"),
        (["m_float.tflite", "--calibration", "empty.npz"], "no samples", ""),
        (["m_float.tflite", "--calibration", "wrong.npz"], "shape", "[n, 4]"),
        (["m_float.tflite", "--calibration", "nan.npz"], "not finite", ""),
        (["m_float.tflite", "--calibration", "text.npz"], "type", ""),
        (["m_float.tflite", "--calibration", "cal.npz", "--normalize", "x"], "--normalize", "127.5"),
        (["m_float.tflite", "--calibration", "cal.npz", "-o", "cal.npz"], "cal.npz exists", "--force"),
        (["m_float.tflite", "--calibration", "cal.npz", "-o", "."], "is a folder", "a file's name"),
        (["m_float.tflite", "--calibration", "cal.npz", "-o", "cal.npz/x"], "cannot write", ""),
    ],
)
def test_convert_mistakes(edgeq: Edgeq, files: Path, args: list[str], message: str, hint: str) -> None:
    np.savez(files / "empty.npz", x=np.zeros((0, 4), np.float32))
    np.savez(files / "wrong.npz", x=np.zeros((3, 5), np.float32))
    np.savez(files / "nan.npz", x=np.full((3, 4), np.nan, np.float32))
    np.savez(files / "text.npz", x=np.array([["a"] * 4]))
    before = {path: path.read_bytes() for path in files.iterdir()}
    error = edgeq("convert", *args, "--json").error
    assert error["exit_code"] == 2
    assert message in error["message"]
    assert hint in error["hint"]
    assert {path: path.read_bytes() for path in files.iterdir()} == before


def test_check_passes_an_int8_model(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("check", "q.tflite")
    assert (result.code, result.err) == (0, "")
    assert "PASS" in result.out
    assert edgeq("check", "q.tflite", "--json").json["verdict"] == "pass"


def test_check_fails_a_float_model_and_says_where(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("check", "m_float.tflite")
    assert result.code == 1
    assert "FAIL" in result.out
    assert "FLOAT32" in result.out.upper()
    found = edgeq("check", "m_float.tflite", "--json")
    assert found.code == 1
    assert found.json["verdict"] == "fail"
    assert found.json["findings"][0]["hint"]


def test_generate_refuses_a_float_model(edgeq: Edgeq, files: Path) -> None:
    before = names(files)
    result = edgeq("generate", "m_float.tflite", "--board", "sim-m4")
    assert (result.code, result.out) == (1, "")
    assert "error:" in result.err
    error = edgeq("generate", "m_float.tflite", "--board", "sim-m4", "--json").error
    assert error["kind"] == "CheckFailed"
    assert error["findings"]
    assert names(files) == before


def test_a_board_has_to_be_named(edgeq: Edgeq, files: Path) -> None:
    error = edgeq("generate", "q.tflite", "--json").error
    assert "no board" in error["message"]
    assert "sim-m4" in error["hint"]
    assert edgeq("generate", "q.tflite", "--board", "sim-m5", "--json").error["kind"] == "BoardError"


def test_inspect_shows_operators_tensors_and_code(edgeq: Edgeq, files: Path) -> None:
    out = edgeq("inspect", "q.tflite").out
    for text in (
        "FULLY_CONNECTED",
        "8 MACs",
        "int8 [1, 4]",
        "q = (int8_t)",
        "x = 0.03125f * (float)(q + 3);",
    ):
        assert text in out
    assert "int32 const" not in out
    assert "int32 const" in edgeq("inspect", "q.tflite", "-v").out


def test_inspect_json(edgeq: Edgeq, files: Path) -> None:
    found = edgeq("inspect", "q.tflite", "--json").json
    assert found["model"]["macs"] == 8
    assert found["model"]["constants"] == 8 + 8
    assert found["operators"][0]["outputs"] == [3]
    assert [tensor["name"] for tensor in found["tensors"]] == ["x", "w", "b", "y"]
    assert found["inputs"][0]["quantize"] == "(int8_t)fminf(fmaxf(roundf(x / 0.0078125f), -128), 127)"
    assert edgeq("inspect", "m_float.tflite", "--json").json["inputs"][0]["quantize"] is None


@pytest.mark.parametrize(
    ("name", "macs"), [("kws", 2_656_768), ("vww", 7_489_664), ("ic", 12_501_632), ("ad", 264_192)]
)
def test_macs_of_the_published_models(shared: Path, name: str, macs: int) -> None:
    for form in ("int8", "float"):
        _, graph = load_model(shared / "models" / "mlperf_tiny" / f"{name}_{form}.tflite")
        assert sum(operator_macs(graph, operator) for operator in graph.operators) == macs
