"""The ladder of models that training gave ranges, with rewrites, and by the automatic mode."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edgeq.cli import main
from edgeq.converter.calibrate import calibrate
from edgeq.converter.forms import mixed
from edgeq.converter.numbers import INT16
from edgeq.converter.quantize import quantize
from edgeq.data import Dataset
from edgeq.graph import Graph, read_model, write_model
from edgeq.interpreter import run
from edgeq.judge.ladder import FORMS, MeasuredForm, climb
from edgeq.judge.ladder.quality import integers, judge, sqnr, watched_names

from .one import One
from .trained_nets import Trained, quant_of


def data(graph: Graph, count: int, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    shapes = [tensor.shape[1:] for tensor in graph.input_tensors]
    return Dataset(tuple(rng.uniform(-1, 1, (count, *s)).astype(np.float32) for s in shapes), None, "x")


def compare(folder: Path, graph: Graph, *flags: str, given: bool = True) -> int:
    (folder / "net.tflite").write_bytes(write_model(graph))
    np.save(folder / "data.npy", data(graph, 20, 1).x[0])
    shown = ["--data", str(folder / "data.npy")] if given else []
    return main(["compare", str(folder / "net.tflite"), *shown, *flags])


@pytest.mark.sample(1)
@pytest.mark.parametrize("how", ["FAKE_QUANT", "UINT8"])
def test_ranges_of_training_need_no_calibration_and_are_on_every_integer_rung(how: str) -> None:
    graph = Trained(how).network()
    rungs = {rung.form: rung for rung in climb(write_model(graph), graph, None, data(graph, 20, 0))}
    assert set(rungs) == set(FORMS)
    for name, rung in rungs.items():
        assert not rung.refused, name
        assert rung.sqnr is not None and rung.sqnr > 15, name  # some values are beyond the ranges
    graphs = {name: form(list(rungs.values()), name) for name in rungs}
    assert quant_of(graphs["int8"].input_tensors[0]) == (pytest.approx(2 / 255), 0)
    assert quant_of(graphs["int16x8"].input_tensors[0]) == (pytest.approx(2 * 128 / 255 / 32767, rel=0.01), 0)
    first = graphs["fallback"].operators[0]
    assert first.opcode == "QUANTIZE"
    assert quant_of(graphs["fallback"][first.outputs[0]]) == (pytest.approx(2 / 255), 0)


def test_a_range_that_training_left_out_is_named_on_the_rungs_that_need_it() -> None:
    graph = Trained("FAKE_QUANT").network(middle=False)
    for rung in climb(write_model(graph), graph, None, data(graph, 20, 0)):
        needs = rung.form in ("int16x8", "fallback", "int8", "uint8")
        assert ("has no min and max" in rung.refused) == needs


@pytest.mark.slow
def test_compare_of_a_trained_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = Trained("UINT8").network()
    assert compare(tmp_path, graph, "--json") == 0
    assert [told["refused"] for told in json.loads(capsys.readouterr().out)["forms"]] == [None] * len(FORMS)
    assert compare(tmp_path, graph, given=False) == 2
    assert "--data" in capsys.readouterr().err
    assert compare(tmp_path, graph, "--random-calibration", given=False) == 0


def form(rungs: Sequence[MeasuredForm], name: str) -> Graph:
    (model,) = (rung.model for rung in rungs if rung.form == name)
    assert model is not None
    return read_model(model)


def with_sine() -> Graph:
    one = One(2)
    x = one.same("SIN", one.conv(one.input(1, 6, 6, 4), 4))
    return one.graph(one.conv(x, 3))


@pytest.mark.slow
def test_rewrites_make_the_strict_rungs_of_a_model_that_has_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calibrated = ("--calibration", str(tmp_path / "data.npy"), "--json")
    assert compare(tmp_path, with_sine(), *calibrated) == 0
    forms = {told["form"]: told for told in json.loads(capsys.readouterr().out)["forms"]}
    assert "SIN" in forms["int8"]["refused"] and "--rewrite" not in forms["int8"]["refused"]
    assert compare(tmp_path, with_sine(), *calibrated, "--rewrite") == 0
    forms = {told["form"]: told for told in json.loads(capsys.readouterr().out)["forms"]}
    assert forms["int8"]["refused"] is None and forms["int8"]["sqnr_db"] > 20
    assert forms["fallback"]["notes"] == [], "a table stands there too, and nothing stays float"
    assert "SIN" in forms["int16x8"]["notes"][0], "which has no table for int16"


@pytest.mark.slow
def test_statistics_fix_the_inputs_on_every_integer_rung(tmp_path: Path) -> None:
    one = One(5)
    graph = one.graph(one.conv(one.input(1, 4, 4, 2), 3))
    samples = data(graph, 30, 0)
    rungs = climb(write_model(graph), graph, samples, samples, input_stats=(127.5, 32.0))
    made = form(rungs, "int8")
    assert quant_of(made.input_tensors[0])[0] == pytest.approx(1 / 32)
    wide = form(rungs, "int16x8")
    assert quant_of(wide.input_tensors[0])[0] == pytest.approx(4 / 32767, rel=0.01)
    assert compare(tmp_path, graph, "--random-calibration", "--input-stats", "nobody=1,2") == 2


def test_int16_activations_gain_by_the_automatic_mode() -> None:
    """What is left of the noise are the weights' roundings, which it is good at."""
    one = One(9)
    x = one.conv(one.input(1, 8, 8, 3), 16, act="RELU")
    graph = one.graph(one.dense(one.flatten(one.conv(x, 8, act="RELU")), 6))
    shown, held = data(graph, 100, 0), data(graph, 60, 1)
    ranges, _ = calibrate(write_model(graph), graph, shown)
    plain, _ = quantize(graph, ranges, numbers=INT16)
    better, _ = mixed(graph, shown, numbers=INT16)
    real = run(write_model(graph), held.x)
    levels = []
    for made in (plain, better):
        found = judge(made, held.x, watched_names(graph), "reference").watched
        assert integers(made, held.x)[0].dtype == np.int16
        levels.append(sqnr(real, found) or 0)
    assert levels[1] > levels[0] + 1
