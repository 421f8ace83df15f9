"""`edgeq compile`: what it makes, what it says of failures, and that its folders run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeq.graph import load_model

from .conftest import Beside, Edgeq, StandIn, settings


def test_compile_then_run(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    beside.plug_in()
    settings(here, python=str(beside.python))
    result = edgeq("compile", "net.tflite", "--json")
    assert result.code == 0, result.err
    told = result.json
    assert told["verdict"] == "pass" and told["compiler"]["version"] == "16.0.384591198"
    assert told["models"][0]["parameter_bytes_cached"] == 12800
    assert told["predictions"][0]["total"] == 5
    (file,) = told["files"]
    assert load_model(here / file)[1].operators[0].custom_code == "edgetpu-custom-op"
    assert json.loads((here / "net-edgetpu" / "compile.json").read_text()) == told
    beside.does("rounds-otherwise")
    run = edgeq("run", file, "--board", "coral", "--json")
    assert run.code == 0 and run.json["coral"]["processor"] == "edgetpu"
    assert edgeq("run", "net-edgetpu", "--board", "coral").code == 0
    exact = edgeq("run", "net-edgetpu", "--board", "coral", "--require-exact", "--json")
    (missed,) = [one for one in exact.json["findings"] if one["rule"] == "require-exact"]
    assert exact.code == 1 and "rounds in its own way" in missed["hint"]
    text = edgeq("compile", "net.tflite", "--force").out
    assert "Mapped to Edge TPU" in text and "CONV_2D" in text and "cached 12.5 KB" in text


def test_compile_several_and_segments(standin: StandIn, here: Path, edgeq: Edgeq, model: bytes) -> None:
    (here / "other.tflite").write_bytes(model)
    both = edgeq("compile", "net.tflite", "other.tflite", "--out", "both", "--json")
    assert both.code == 0 and len(both.json["files"]) == len(both.json["models"]) == 2
    parts = edgeq("compile", "net.tflite", "--segments", 2, "--out", "parts", "--json")
    assert parts.code == 0 and len(parts.json["files"]) == 2


def test_a_culprit_is_named(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    standin.does("chokes-on:FULLY_CONNECTED")
    result = edgeq("compile", "net.tflite", "--find-culprit", "--retries", 0, "--json")
    assert result.code == 4
    error = result.json["error"]
    assert error["kind"] == "CompileFailed" and "Internal compiler error" in error["message"]
    assert error["hint"].startswith("operator 3 (FULLY_CONNECTED) with output 'logits' does not compile")
    assert "with --intermediate-tensors flat it compiles, with 3 of 5 operators" in error["hint"]
    assert "Internal compiler error" in (here / "net-edgetpu.log").read_text()
    helped = edgeq("compile", "net.tflite", "--intermediate-tensors", "flat", "--json")
    assert helped.code == 0 and helped.json["compiler"]["command"][-3:-1] == ["-i", "flat"]


def test_a_success_that_maps_nothing(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    standin.does("maps-nothing")
    result = edgeq("compile", "net.tflite", "--json")
    assert result.code == 1
    rules = {finding["rule"]: finding["severity"] for finding in result.json["findings"]}
    assert rules["nothing-mapped"] == "error" and rules["prediction-missed"] == "info"


@pytest.mark.usefixtures("without_compiler")
def test_compile_without_compiler(here: Path, edgeq: Edgeq) -> None:
    result = edgeq("compile", "net.tflite", "--json")
    assert result.code == 3
    assert "predicted on the Edge TPU: 5 of 5 operators" in result.json["error"]["message"]


def test_float_models_are_sent_to_convert(
    standin: StandIn, folder: Path, edgeq: Edgeq, examples: Path
) -> None:
    result = edgeq("compile", examples / "digits" / "digits_float.tflite")
    assert result.code == 2 and "edgeq convert" in result.err
