"""Every form of a model is made by our own writer, runs in LiteRT, and is near to the float model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import ModelError, ToolMissingError, UsageError
from edgeq.cli import main
from edgeq.converter.boundary import float_io
from edgeq.converter.forms import dynamic_range, float16_weights, mixed
from edgeq.converter.numbers import INT16
from edgeq.data import Dataset, load_data
from edgeq.graph import DType, Graph, load_model, read_model, write_model
from edgeq.interpreter import run, run_all_tensors
from edgeq.judge.ladder import FORMS, MeasuredForm, climb
from edgeq.judge.ladder import plot as plots
from edgeq.judge.ladder import runtimes as runtimes_module
from edgeq.judge.ladder.quality import judge, sqnr, watched_names, worst_layer

from .catalogue import CASES
from .one import One

LEAST_DB = {"float32": np.inf, "float16": 55, "dynamic": 25, "int16x8": 25, "fallback": 20, "int8": 20}


@pytest.fixture(scope="module")
def digits() -> tuple[MeasuredForm, ...]:
    folder = Path(__file__).resolve().parents[3] / "examples" / "digits"
    model, graph = load_model(folder / "digits_float.tflite")
    calibration = load_data(str(folder / "calibration.npz"), graph.input_tensors, limit=60)
    test = load_data(str(folder / "test.npz"), graph.input_tensors, limit=200)
    return climb(model, graph, calibration, test)


def net() -> Graph:
    """A classifier with weights of 1,024 elements and more in a convolution and in the dense layer."""
    one = One(4)
    x = one.conv(one.input(1, 8, 8, 8), 16, act="RELU")
    x = one.depthwise(x, "RELU")
    return one.graph(one.same("SOFTMAX", one.dense(one.flatten(x), 6), beta=1.0))


def normal(graph: Graph, count: int = 24, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    shapes = [tensor.shape[1:] for tensor in graph.input_tensors]
    return Dataset(tuple(rng.normal(0, 1, (count, *s)).astype(np.float32) for s in shapes), None, "normal")


def types(graph: Graph) -> Counter[DType]:
    return Counter(graph[i].dtype for op in graph.operators for i in op.outputs)


def test_every_form_of_digits_runs_and_keeps_its_accuracy(digits: tuple[MeasuredForm, ...]) -> None:
    assert [rung.form for rung in digits] == list(FORMS)
    for rung in digits:
        assert rung.refused == "" and rung.model is not None
        assert rung.accuracy is not None and rung.accuracy > 0.97
        assert rung.sqnr is not None and rung.sqnr >= LEAST_DB.get(rung.form, 20), rung.form
        assert rung.runtimes[0].runtime == "litert" and rung.runtimes[0].taken
    sizes = {rung.form: len(rung.model or b"") for rung in digits}
    assert sizes["int8"] < sizes["float16"] < sizes["float32"]
    assert sizes["int8"] < sizes["uint8"], "two QUANTIZE operators more"


def test_only_what_is_integers_inside_is_for_edgeq_and_the_edge_tpu(digits: tuple[MeasuredForm, ...]) -> None:
    taken = {rung.form: {v.runtime: v.taken for v in rung.runtimes} for rung in digits}
    inside = {"fallback", "int8", "uint8"}  # all of digits has an int8 form: its fallback is real at its ends
    for runtime, also in (("aot", {"int16x8"}), ("edgetpu", set())):
        assert {form for form, who in taken.items() if who[runtime]} == inside | also
    for rung in digits:
        for verdict in rung.runtimes:
            assert verdict.taken or verdict.detail, "a no has a reason"


def test_without_tflms_interpreter_the_check_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes_module.importlib.util, "find_spec", lambda name: None)
    graph = net()
    model = write_model(graph)
    tflm = runtimes_module.verdicts(model, graph, [normal(graph).x[0][:1]])[0]
    assert (tflm.runtime, tflm.how, tflm.taken) == ("tflm", "check", False)


def test_float16_halves_the_constants_and_keeps_the_arithmetic_float() -> None:
    graph = net()
    half = float16_weights(graph)
    assert {t.dtype for t in half.tensors if t.is_constant and t.elements > 32} <= {
        DType.FLOAT16,
        DType.INT32,
    }
    assert set(types(half)) == {DType.FLOAT32}
    assert len(write_model(half)) < 0.62 * len(write_model(graph))


def test_a_constant_beyond_float16_stays_float32() -> None:
    graph = net()
    dense = next(op for op in graph.operators if op.opcode == "FULLY_CONNECTED")
    big = replace(graph[dense.inputs[1]], data=np.asarray(graph[dense.inputs[1]].data) * np.float32(1e6))
    tensors = [big if i == dense.inputs[1] else t for i, t in enumerate(graph.tensors)]
    half = float16_weights(graph.replace(tensors=tuple(tensors)))
    kept = next(op for op in half.operators if op.opcode == "FULLY_CONNECTED")
    assert half[kept.inputs[1]].dtype is DType.FLOAT32


def test_dynamic_range_has_int8_weights_with_scales_for_each_channel_of_convolutions() -> None:
    graph = dynamic_range(net())
    kinds = {op.opcode: graph[op.inputs[1]] for op in graph.operators if len(op.inputs) == 3}
    conv, depthwise, dense = (kinds[k] for k in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"))
    assert (conv.dtype, dense.dtype, depthwise.dtype) == (DType.INT8, DType.INT8, DType.FLOAT32)
    assert conv.quant is not None and len(conv.quant.scales) == 16
    assert dense.quant is not None and len(dense.quant.scales) == 1
    assert depthwise.elements < 1024, "small weights stay float"
    names, data = watched_names(net()), normal(net()).x
    real = judge(net(), data, names, "optimized").watched
    assert (sqnr(real, judge(graph, data, names, "optimized").watched) or 0) > 25


def test_dynamic_range_puts_a_dequantize_before_what_takes_no_int8_weights() -> None:
    one = One(1)
    x = one.input(1, 4, 32)
    graph = dynamic_range(one.graph(one.op("BATCH_MATMUL", (x, one.normal(1, 32, 40)), (1, 4, 40))))
    assert [op.opcode for op in graph.operators] == ["DEQUANTIZE", "BATCH_MATMUL"]
    run(write_model(graph), normal(graph).x)


def with_sine() -> Graph:
    one = One(2)
    x = one.conv(one.input(1, 6, 6, 4), 4)
    x = one.same("COS", one.same("SIN", x))
    return one.graph(one.conv(x, 3))


def test_what_has_no_int8_form_stays_float_between_dequantize_and_quantize() -> None:
    graph = with_sine()
    made, floats = mixed(graph, normal(graph))
    assert [op.opcode for op in made.operators] == [
        "CONV_2D", "DEQUANTIZE", "SIN", "COS", "QUANTIZE", "CONV_2D",
    ]  # fmt: skip
    assert floats == ("operator 1 (SIN)", "operator 2 (COS)")
    assert made.input_tensors[0].dtype is made.output_tensors[0].dtype is DType.INT8
    outer = float_io(made)
    assert outer.input_tensors[0].dtype is outer.output_tensors[0].dtype is DType.FLOAT32
    data = normal(graph, seed=1).x
    assert (sqnr(run(write_model(graph), data), run(write_model(outer), data)) or 0) > 20


def test_int16x8_has_symmetric_int16_activations_int8_weights_and_int64_biases() -> None:
    graph = net()
    made, floats = mixed(graph, normal(graph), numbers=INT16)
    assert floats == () and set(types(made)) == {DType.INT16}
    for op in made.operators:
        for index in op.outputs:
            quant = made[index].quant
            assert quant is not None and quant.zero_point == 0
    conv = made.operators[0]
    assert [made[i].dtype for i in conv.inputs] == [DType.INT16, DType.INT8, DType.INT64]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIN", "CUMSUM"])
def test_the_strict_forms_of_a_model_that_has_none_say_why(name: str) -> None:
    one = One(3)
    x = one.conv(one.input(1, 6, 6, 4), 4)
    x = one.same(name, x, *([one.scalar(3)] if name == "CUMSUM" else []))
    graph = one.graph(x)
    rungs = {r.form: r for r in climb(write_model(graph), graph, normal(graph), normal(graph, seed=1))}
    assert name in rungs["int8"].refused and name in rungs["uint8"].refused
    assert rungs["int8"].model is None and rungs["int8"].to_dict()["bytes"] is None
    assert rungs["fallback"].model is not None and name in rungs["fallback"].notes[0]
    assert rungs["int16x8"].model is not None and (rungs["int16x8"].sqnr or 0) > 20


def test_a_quantized_model_has_no_ladder() -> None:
    graph = net()
    made, _ = mixed(graph, normal(graph))
    with pytest.raises(ModelError):
        climb(write_model(made), read_model(write_model(made)), normal(graph), normal(graph))


def test_logits_are_judged_and_not_what_a_softmax_makes_of_them() -> None:
    graph = net()
    dense = next(op for op in graph.operators if op.opcode == "FULLY_CONNECTED")
    assert watched_names(graph) == (graph[dense.outputs[0]].name,)


def test_the_worst_layer_is_the_one_that_was_spoilt() -> None:
    one = One(9)
    x = one.conv(one.input(1, 6, 6, 3), 4)
    graph = one.graph(one.conv(one.conv(x, 4), 4))
    spoilt = list(graph.tensors)
    weights = graph.operators[1].inputs[1]
    noise = np.random.default_rng(0).normal(0, 0.5, graph[weights].shape).astype(np.float32)
    spoilt[weights] = replace(graph[weights], data=np.asarray(graph[weights].data) + noise)
    few = [normal(graph, 8).x[0]]
    values: Mapping[int, np.ndarray] = run_all_tensors(write_model(graph), few)
    found = worst_layer(graph, values, graph.replace(tensors=tuple(spoilt)), few, "reference")
    assert found is not None and found[0] in ("operator 1 (CONV_2D)", "operator 2 (CONV_2D)")
    assert found[1] < 15
    assert worst_layer(graph, values, graph, few, "reference") is None, "equal layers are not bad ones"


def test_sqnr_is_that_of_the_worst_output() -> None:
    a, b = np.ones((4, 3), np.float32), np.full((4, 2), 10, np.float32)
    level = sqnr((a, b), (a, b + np.float32(1)))
    assert level is not None and abs(level - 20) < 1e-4
    assert sqnr((a,), (a,)) == np.inf
    assert sqnr((np.zeros((2, 2), np.float32),), (np.ones((2, 2), np.float32),)) is None


@pytest.mark.slow
def test_a_recurrent_or_integer_output_is_no_obstacle() -> None:
    case = CASES["ARG_MAX"]
    graph = case.graph()
    data = Dataset(case.samples(graph, 16, 0), None, "uniform")
    rungs = climb(write_model(graph), graph, data, data)
    assert {rung.refused for rung in rungs} == {""}
    assert {rung.sqnr for rung in rungs} == {None}, "an index has no noise"


# --- the command ----------------------------------------------------------------------------------


def files(folder: Path) -> list[str]:
    graph = net()
    (folder / "net.tflite").write_bytes(write_model(graph))
    np.savez(folder / "data.npz", x=normal(graph).x[0], y=np.arange(24) % 6)
    return [str(folder / "net.tflite"), "--calibration", str(folder / "data.npz")]


@pytest.mark.slow
def test_compare_prints_one_object_and_keeps_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["compare", *files(tmp_path), "--data", str(tmp_path / "data.npz"), "--limit", "10"]
    assert main([*args, "--out", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["samples"] == 10 and [form["form"] for form in told["forms"]] == list(FORMS)
    for form in told["forms"]:
        kept = (tmp_path / "out" / f"net_{form['form']}.tflite").read_bytes()
        assert len(kept) == form["bytes"]
        read_model(kept)
    assert {form["worst_layer"]["samples"] for form in told["forms"] if form["worst_layer"]} == {10}
    assert json.loads((tmp_path / "out" / "compare.json").read_text()) == told
    (tmp_path / "out" / "net_int8.tflite").write_bytes(b"mine")
    assert main([*args, "--out", str(tmp_path / "out")]) == 2, "what somebody changed is kept"


@pytest.mark.slow
def test_compare_shows_a_row_for_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *files(tmp_path)]) == 0
    shown = capsys.readouterr()
    for form in FORMS.values():
        assert form.title in shown.out
    assert "worst layer: by the first 16 of 24 samples" in shown.out
    assert "judged on the data that they were calibrated with" in shown.err


def test_compare_without_calibration_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", files(tmp_path)[0]]) == 2
    assert "--calibration" in capsys.readouterr().err


# --- the picture ----------------------------------------------------------------------------------


def test_without_matplotlib_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolMissingError) as caught:
        plots.refuse_plot(Path("ladder.svg"))
    assert "pip install 'edgeq[plots]'" in caught.value.hint


def test_a_picture_is_svg_or_png() -> None:
    with pytest.raises(UsageError, match="not a picture"):
        plots.refuse_plot(Path("ladder.pdf"))


@pytest.mark.parametrize("kind", plots.KINDS)
@pytest.mark.parametrize("labels", [True, False])
def test_a_picture_is_the_same_for_the_same_rungs(kind: str, labels: bool) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib, which draws, is not installed")
    rungs = [
        MeasuredForm("float32", "float32", b"1" * 4000, 0.9 if labels else None, np.inf),
        MeasuredForm("int8", "strict int8", b"1" * 1000, 0.88 if labels else None, 30.0),
        MeasuredForm("uint8", "strict uint8", refused="no"),
    ]
    drawn = plots.plot(rungs, "net", kind)
    assert drawn == plots.plot(rungs, "net", kind)
    assert drawn.startswith(b"\x89PNG" if kind == ".png" else b"<?xml")
    other = plots.plot(rungs[:1] if labels else rungs[:2], "another", kind)
    assert other != drawn
