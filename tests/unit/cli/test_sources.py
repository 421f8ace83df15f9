"""Sources other than .tflite on the command line: convert, deploy, doctor, settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Edgeq
from .models import float_dense

VARIABLES = ("EDGEQ_TF_PYTHON", "EDGEQ_ONNX_PYTHON", "EDGEQ_TORCH_PYTHON")


@pytest.fixture
def standin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model m.keras, and a Python that edgeq.toml names and that makes the same float model of anything."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    (folder / "made.tflite").write_bytes(float_dense())
    (folder / "m.keras").write_bytes(b"?")
    python = folder / "python"
    python.write_text(
        f'#!/bin/sh\ncp {folder}/made.tflite "$4/model.tflite"\n'
        'echo \'{"tool": "stand-in 1", "notes": []}\' > "$4/answer.json"\n'
    )
    python.chmod(0o755)
    (folder / "edgeq.toml").write_text('[sources]\ntensorflow = "./python"\ntimeout = 60.0\n')
    return folder


def test_convert_takes_what_a_framework_makes(edgeq: Edgeq, standin: Path) -> None:
    done = edgeq("convert", "m.keras", "--random-calibration", "--json")
    assert done.code == 0, done.err
    assert done.json["converted"]["path"] == "m_int8.tflite"
    assert done.json["notes"][0].endswith("m.keras was converted by stand-in 1.")
    assert edgeq("check", "m_int8.tflite").code == 0


@pytest.mark.slow
def test_deploy_takes_it_too(edgeq: Edgeq, standin: Path) -> None:
    done = edgeq("deploy", "m.keras", "--random-calibration", "--board", "host", "--json")
    assert done.code == 0, done.err
    assert (standin / "m-host" / "model_int8.tflite").is_file()


def test_a_variable_wins_over_the_file(edgeq: Edgeq, standin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEQ_TF_PYTHON", "/nowhere/python")
    done = edgeq("convert", "m.keras", "--random-calibration", "--json")
    assert (done.code, done.error["kind"]) == (3, "ToolMissingError")
    assert "/nowhere/python does not start" in done.error["message"]


def test_doctor_shows_each_source_and_the_command(edgeq: Edgeq, standin: Path) -> None:
    needs = {need["name"]: need for need in edgeq("doctor", "--json").json["needs"]}
    for name, variable in zip(("Keras, SavedModel", "ONNX", "PyTorch"), VARIABLES, strict=True):
        need = needs[name]
        assert not need["required"]
        assert (need["status"] == "ok") != (variable in need["command"])
    assert "does not start, or is no Python" in needs["Keras, SavedModel"]["found"]


def test_a_wrong_key_in_the_table_is_told(edgeq: Edgeq, standin: Path) -> None:
    (standin / "edgeq.toml").write_text('[sources]\ntensorflo = "x"\n')
    done = edgeq("convert", "m.keras", "--random-calibration", "--json")
    assert done.code == 2
    assert "did you mean 'tensorflow'" in done.error["hint"]
