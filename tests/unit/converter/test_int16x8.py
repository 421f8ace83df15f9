"""int16 activations: everywhere, or of some operators among int8, with a QUANTIZE where they meet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.base.errors import UsageError
from edgeq.checker import examine
from edgeq.converter import convert
from edgeq.converter.numbers import INT16
from edgeq.converter.params import dequantize
from edgeq.converter.quantize import quantize
from edgeq.data import Dataset, quantize_input
from edgeq.graph import DType, Graph, write_model
from edgeq.interpreter import ranges, run
from edgeq.verbs.folders import INT8_MODEL, INT16X8_MODEL, model_file

from .nets import random_net
from .one import One


def net(activation: str = "TANH") -> Graph:
    one = One(4)
    x = one.conv(one.input(1, 8, 8, 4), 8, act="RELU")
    x = one.depthwise(one.same(activation, x), "RELU")
    return one.graph(one.same("SOFTMAX", one.dense(one.flatten(x), 6), beta=1.0))


def samples(graph: Graph, count: int = 16) -> Dataset:
    shape = graph.input_tensors[0].shape[1:]
    return Dataset(
        (np.random.default_rng(1).normal(0, 1, (count, *shape)).astype(np.float32),), None, "normal"
    )


def answers(graph: Graph, data: Dataset) -> np.ndarray:
    """Real values of the only output, by LiteRT's reference."""
    given = [quantize_input(x, t) for x, t in zip(data.x, graph.input_tensors, strict=True)]
    output = graph.output_tensors[0]
    found = run(write_model(graph), given)[0]
    return found if output.quant is None else dequantize(found, output.quant)


def sqnr(real: np.ndarray, found: np.ndarray) -> float:
    return float(10 * np.log10((real**2).mean() / ((real - found) ** 2).mean()))


def types(graph: Graph) -> Counter[DType]:
    return Counter(graph[i].dtype for op in graph.operators for i in op.outputs)


def errors(graph: Graph) -> list[str]:
    return [finding.message for finding in examine(graph) if finding.severity == "error"]


def test_real_ends() -> None:
    graph = net()
    made = convert(write_model(graph), graph, samples(graph), form="int16x8", io="float", mode="minmax")
    assert {t.dtype for t in (*made.graph.input_tensors, *made.graph.output_tensors)} == {DType.FLOAT32}
    assert errors(made.graph) == [] and model_file(made.graph) == INT16X8_MODEL
    (x,) = samples(graph).x
    assert sqnr(run(write_model(graph), [x])[0], run(made.model, [x])[0]) > 25
    assert model_file(convert(write_model(graph), graph, samples(graph), mode="minmax").graph) == INT8_MODEL


@pytest.mark.parametrize("mode", [pytest.param("auto", marks=pytest.mark.slow), "minmax"])
def test_every_activation_is_int16_and_the_answers_are_nearer(mode: str) -> None:
    graph = net()
    data, model = samples(graph), write_model(graph)
    real = answers(graph, data)
    made = {form: convert(model, graph, data, form=form, mode=mode).graph for form in ("int8", "int16x8")}
    wide = made["int16x8"]
    assert set(types(wide)) == {DType.INT16}
    assert [tensor.dtype for tensor in (*wide.input_tensors, *wide.output_tensors)] == [DType.INT16] * 2
    assert errors(wide) == []
    assert sqnr(real, answers(wide, data)) > sqnr(real, answers(made["int8"], data)) + 3


def test_what_has_no_int16_form_stays_int8_among_the_others() -> None:
    graph = net("HARD_SWISH")
    made = convert(write_model(graph), graph, samples(graph), form="int16x8", mode="minmax")
    kinds = [(op.opcode, made.graph[op.outputs[0]].dtype) for op in made.graph.operators]
    assert kinds[:4] == [
        ("CONV_2D", DType.INT16),
        ("QUANTIZE", DType.INT8),
        ("HARD_SWISH", DType.INT8),
        ("QUANTIZE", DType.INT16),
    ]
    assert any("HARD_SWISH" in note for note in made.notes)
    assert errors(made.graph) == []


SOME = (
    {2, 3},
    *(pytest.param(wide, marks=pytest.mark.slow) for wide in ({0}, {1, 4, 5}, {0, 1, 2, 3, 4, 5})),
)


@pytest.mark.parametrize("wide", SOME, ids=str)
def test_some_operators_in_int16(wide: set[int]) -> None:
    graph = net()
    data = samples(graph)
    real = answers(graph, data)
    seen = ranges(write_model(graph), data.x)
    made, _ = quantize(graph, seen, others=wide)
    own = {op.opcode: made[op.outputs[0]].dtype for op in made.operators if op.opcode != "QUANTIZE"}
    opcodes = [op.opcode for op in graph.operators]
    assert own == {opcode: DType.INT16 if at in wide else DType.INT8 for at, opcode in enumerate(opcodes)}
    assert [tensor.dtype for tensor in (*made.input_tensors, *made.output_tensors)] == [DType.INT8] * 2
    assert made.output_tensors[0].name == graph.output_tensors[0].name
    assert errors(made) == []
    plain, _ = quantize(graph, seen)
    assert sqnr(real, answers(made, data)) > sqnr(real, answers(plain, data)) - 3
    narrow, _ = quantize(graph, seen, numbers=INT16, others=set(range(6)) - wide)
    assert set(types(narrow)) == ({DType.INT16} if len(wide) == 6 else {DType.INT8, DType.INT16})
    assert errors(narrow) == []


@pytest.mark.parametrize(
    ("least", "count"),
    [(1, 1), *(pytest.param(*one, marks=pytest.mark.slow) for one in ((0, 0), (4, 4), (99, 6)))],
)
def test_as_few_are_raised_as_the_goal_asks(least: int, count: int) -> None:
    """The goal here is a number of operators in int16; one that none reaches raises all."""
    graph = net()
    asked: list[int] = []

    def wide(made: Graph) -> int:
        own = [op for op in made.operators if op.opcode != "QUANTIZE"]
        return sum(made[op.outputs[0]].dtype is DType.INT16 for op in own)

    def goal(made: Graph) -> bool:
        asked.append(wide(made))
        return asked[-1] >= least

    data = samples(graph)
    made = convert(write_model(graph), graph, data, mode="minmax", mixed=True, goal=goal)
    assert wide(made.graph) == count or (least == 4 and wide(made.graph) == 5), "a RESHAPE goes along"
    assert len(asked) <= 4
    assert any(note.startswith("Raised to int16") for note in made.notes)
    assert errors(made.graph) == []


@pytest.mark.slow
def test_without_a_goal_a_mixed_graph_nears_int16() -> None:
    graph = net()
    data, model = samples(graph), write_model(graph)
    real = answers(graph, data)
    made = [convert(model, graph, data, mode="minmax", mixed=mixed).graph for mixed in (False, True)]
    assert sqnr(real, answers(made[1], data)) >= sqnr(real, answers(made[0], data))
    assert [tensor.dtype for tensor in (*made[1].input_tensors, *made[1].output_tensors)] == [DType.INT8] * 2


def test_operators_are_not_raised_without_data() -> None:
    graph = net()
    with pytest.raises(UsageError, match="calibration data"):
        convert(write_model(graph), graph, None, default_ranges=(-4, 4), mixed=True)


@pytest.mark.slow
def test_tflms_interpreter_takes_it_too() -> None:
    """FULLY_CONNECTED rounds otherwise there: a step of 65,535, and what the layers behind make of it."""
    pytest.importorskip("tflite_micro")
    graph = net()
    data = samples(graph)
    made = convert(write_model(graph), graph, data, form="int16x8", mode="minmax")
    assert [f.message for f in examine(made.graph, runtime="tflm") if f.severity == "error"] == []
    given = [quantize_input(x, t) for x, t in zip(data.x, made.graph.input_tensors, strict=True)]
    ours, theirs = (run(made.model, given, resolver=resolver)[0] for resolver in ("reference", "tflm"))
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_random_networks_of_both_kinds_run_exactly(seed: int, tmp_path: Path) -> None:
    graph = random_net(seed)
    data = samples(graph)
    forms = {"wide": {"form": "int16x8"}, "mixed": {"mixed": True}}
    for name, how in forms.items():
        made = convert(write_model(graph), graph, data, mode="minmax", **how)  # type: ignore[arg-type]
        report = edgeq.deploy(made.model, board="host", samples=3, out=tmp_path / name)
        assert report.exactness.is_exact
