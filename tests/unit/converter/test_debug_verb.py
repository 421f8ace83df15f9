"""`edgeq debug` as people use it: the table, the advice, the picture, pairs that others published."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import ToolMissingError, UsageError
from edgeq.cli import main
from edgeq.data import load_data
from edgeq.graph import Graph, load_model, write_model
from edgeq.judge.ladder import plot as ladder_plot
from edgeq.judge.layers import diagnose
from edgeq.judge.layers.plot import plot
from edgeq.judge.layers.structure import advice

from .debug_nets import int8, look, net, normal, with_scale
from .one import One


@pytest.fixture(scope="module")
def pair() -> tuple[Graph, Graph]:
    graph = net()
    return graph, int8(graph)


def test_what_training_could_change_is_told() -> None:
    one = One(2)
    x = one.conv(one.input(1, 6, 6, 3), 4, act="RELU")
    x = one.same("MUL", x, one.normal(4), fused_activation_function="NONE")
    x = one.same("ADD", x, one.normal(4), fused_activation_function="NONE")
    x = one.same("RELU", one.conv(x, 4))
    x = one.same("MUL", x, one.same("LOGISTIC", x), fused_activation_function="NONE")
    x = one.same("SQUARE", x)  # written as MUL unasked
    x = one.same("SIN", x)
    told = advice(one.graph(x))
    assert len(told) == 4
    assert ["batch normalization" in told[0], "not fused" in told[1]] == [True, True]
    assert "after an activation" in told[0]
    assert "HARD_SWISH" in told[2]
    assert "--rewrite" in told[3] and "a table made before" in told[3]
    assert advice(net()) == ()


def saved(folder: Path, graph: Graph, name: str) -> Path:
    path = folder / name
    path.write_bytes(write_model(graph))
    return path


def test_the_verb_names_the_layer(
    pair: tuple[Graph, Graph], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph, other = pair
    model = saved(tmp_path, graph, "float.tflite")
    quantized = saved(tmp_path, with_scale(other, 1, 30.0), "int8.tflite")
    np.savez(tmp_path / "data.npz", x=normal(graph, 30, 4).x[0])
    args = ["debug", str(model), str(quantized), "--data", str(tmp_path / "data.npz"), "--samples", "6"]
    assert main([*args, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first = found["layers"][0]
    assert (found["samples"], first["operator"], first["opcode"]) == (6, 1, "DEPTHWISE_CONV_2D")
    assert {"mean_error", "stddev", "max_abs_error", "mse", "sqnr_db"} == set(first["local"])
    assert first["scale"] > 0 and first["zero_point"] == -128
    assert main(args) == 0
    shown = capsys.readouterr().out
    assert "operator 1 (DEPTHWISE_CONV_2D)" in shown and "range too wide" in shown and "try:" in shown


def test_without_an_int8_model_one_is_made(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = examples / "digits"
    args = ["debug", str(folder / "digits_float.tflite"), "--calibration", str(folder / "calibration.npz")]
    assert main([*args, "--samples", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["quantized"]["name"] == "digits_float" and found["samples"] == 4
    assert all(layer["cause"] is None for layer in found["layers"])
    assert main([*args[:2], "--json"]) == 2
    assert "--calibration" in json.loads(capsys.readouterr().out)["error"]["hint"]


def test_published_pairs(shared: Path) -> None:
    """The float and int8 models of MLPerf Tiny: all layers are paired, whatever their names."""
    folder = shared / "models" / "mlperf_tiny"
    model, graph = load_model(folder / "ad_float.tflite")
    _, other = load_model(folder / "ad_int8.tflite")
    data = load_data(str(folder / "ad_samples_float.npz"), graph.input_tensors, limit=6)
    found = diagnose(model, graph, other, data)
    assert sum(layer.operator >= 0 for layer in found.layers) == 10
    assert found.layers[0].cause == "weights: one scale for all output channels"


def test_the_picture_shows_every_layer(pair: tuple[Graph, Graph]) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib, which draws, is not installed")
    found = look(*pair)
    drawn = plot(found, "net $x", ".svg")
    assert drawn == plot(found, "net $x", ".svg") and drawn.startswith(b"<?xml")
    assert drawn != plot(look(pair[0], with_scale(pair[1], 0, 40.0)), "net $x", ".svg")


def test_a_picture_that_cannot_be_drawn_is_refused_before_the_work(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[Graph, Graph], tmp_path: Path
) -> None:
    found = look(*pair)
    with pytest.raises(UsageError):
        plot(found, "net", ".pdf")
    monkeypatch.setattr(ladder_plot.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolMissingError, match="matplotlib"):
        plot(found, "net", ".svg")
