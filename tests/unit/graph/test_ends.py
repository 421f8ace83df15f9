"""Models that are integers inside and real at their ends: the same answers without what converts there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.base.errors import EdgeqError, ModelError
from edgeq.checker import check
from edgeq.data import dequantize, quantize_input
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model
from edgeq.graph.ends import kind_of, refuse_integer, without_float_ends
from edgeq.interpreter import run
from tests.unit.converter.nets import Net

CASES = Path(os.environ.get("EDGEQ_SHARED", "../shared")) / "cases" / "verdict"


def int8_model(rng: np.random.Generator, inputs: int, outputs: int) -> Graph:
    """An int8 model of so many inputs and outputs."""
    net = Net(int(rng.integers(1 << 30)))
    sources = [net.input(1, 6) for _ in range(inputs)]
    joined = net.op("CONCATENATION", sources, (1, 6 * inputs), axis=1, fused_activation_function="NONE")
    hidden = net.dense(joined, 7, "RELU")
    ends = []
    for position in range(outputs):
        y = net.dense(hidden, 3 + position)
        ends.append(net.same("LOGISTIC", y) if rng.random() < 0.3 else y)
    if outputs > 1 and rng.random() < 0.5:
        ends[0] = hidden  # an output that is read inside, too
    graph = net.graph(*ends)
    data = tuple(rng.normal(size=(30, 6)).astype(np.float32) for _ in sources)
    names = {graph[i].name: x for i, x in zip(graph.inputs, data, strict=True)}
    given = data[0] if inputs == 1 else names
    return read_model(edgeq.convert(write_model(graph), given, mode="minmax").model)


def with_float_ends(graph: Graph, rng: np.random.Generator, *, every: bool = False) -> Graph:
    """A QUANTIZE at some inputs, a DEQUANTIZE at some outputs, at least one of them."""
    tensors, first, last = list(graph.tensors), [], []
    inputs, outputs = list(graph.inputs), list(graph.outputs)
    ends = [(inputs, i) for i in range(len(inputs))] + [(outputs, i) for i in range(len(outputs))]
    chosen = [end for end in ends if every or rng.random() < 0.6] or ends[:1]
    for side, position in chosen:
        inner = side[position]
        kind = "in" if side is inputs else "out"
        name = f"real {kind} {position}"
        tensors.append(Tensor(name, graph[inner].shape, DType.FLOAT32))
        outer = len(tensors) - 1
        if side is inputs:
            first.append(Operator("QUANTIZE", (outer,), (inner,)))
        else:
            last.append(Operator("DEQUANTIZE", (inner,), (outer,), version=2))
        side[position] = outer
    operators = (*first, *graph.operators, *last)
    return graph.replace(
        tensors=tuple(tensors), operators=operators, inputs=tuple(inputs), outputs=tuple(outputs)
    )


def answers(model: bytes, graph: Graph, real: list[np.ndarray]) -> list[np.ndarray]:
    """The real outputs for real inputs, whatever the types at the ends are."""
    given = [quantize_input(x, tensor) for x, tensor in zip(real, graph.input_tensors, strict=True)]
    found = run(model, given)
    return [dequantize(y, tensor) for y, tensor in zip(found, graph.output_tensors, strict=True)]


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", range(6))
def test_the_same_answers_bit_by_bit_without_the_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = int8_model(rng, int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    graph = with_float_ends(whole, rng)
    model = write_model(graph)
    assert kind_of(graph) == "float ends"
    real = [rng.normal(0, 1.5, (50, 6)).astype(np.float32) for _ in graph.inputs]
    wanted = answers(model, graph, real)
    made = edgeq.convert(model)
    checked = check(model, name="m")
    stripped = without_float_ends(graph)
    assert stripped is not None
    for found in (made.graph, checked.graph, stripped.graph):
        assert kind_of(found) == "integer"
        assert len(found.operators) == len(whole.operators)
        for before, after in zip(graph.input_tensors, found.input_tensors, strict=True):
            assert before.name == after.name, "data is matched by name"
        for before, after in zip(graph.output_tensors, found.output_tensors, strict=True):
            assert before.name == after.name
        for one, other in zip(wanted, answers(write_model(found), found, real), strict=True):
            np.testing.assert_array_equal(one, other)
    assert [f.rule for f in checked.findings].count("float-ends") == 1
    assert any("without calibration" in note for note in made.notes)


@pytest.mark.parametrize("io", ["int8", "uint8"])
def test_the_ends_become_the_type_that_is_asked_for(io: str) -> None:
    rng = np.random.default_rng(3)
    graph = with_float_ends(int8_model(rng, 2, 2), rng, every=True)
    made = edgeq.convert(write_model(graph), io=io)  # type: ignore[arg-type]
    assert {t.dtype.value.lower() for t in (*made.graph.input_tensors, *made.graph.output_tensors)} == {io}
    real = [rng.normal(size=(30, 6)).astype(np.float32) for _ in range(2)]
    wanted = answers(write_model(graph), graph, real)
    for one, other in zip(wanted, answers(made.model, made.graph, real), strict=True):
        np.testing.assert_array_equal(one, other)


def test_ends_of_uint8_inside() -> None:
    rng = np.random.default_rng(4)
    net = int8_model(rng, 1, 1)
    data = rng.normal(size=(30, 6)).astype(np.float32)
    float_twin = with_float_ends(net, rng, every=True)
    as_uint8 = read_model(edgeq.convert(write_model(float_twin), io="uint8").model)
    graph = with_float_ends(as_uint8, rng, every=True)
    checked = check(write_model(graph), name="m")
    assert [t.dtype for t in checked.graph.input_tensors] == [DType.UINT8]
    wanted = answers(write_model(float_twin), float_twin, [data])
    np.testing.assert_array_equal(wanted[0], answers(checked.model, checked.graph, [data])[0])


def test_an_input_that_is_quantized_twice_alike_is_one() -> None:
    rng = np.random.default_rng(5)
    graph = with_float_ends(int8_model(rng, 1, 1), rng, every=True)
    first = graph.operators[0]
    inner = graph[first.outputs[0]]
    again = len(graph.tensors)
    more = (
        replace(inner, name="again"),
        replace(inner, name="sum", quant=QuantParams.per_tensor(0.1, 0)),
        Tensor("o", inner.shape, DType.FLOAT32),
    )
    both = {"fused_activation_function": "NONE"}
    operators = (
        Operator("QUANTIZE", first.inputs, (again,)),
        Operator("ADD", (again, first.outputs[0]), (again + 1,), both, 2),
        Operator("DEQUANTIZE", (again + 1,), (again + 2,), version=2),
    )
    twice = graph.replace(
        tensors=(*graph.tensors, *more),
        operators=(*graph.operators, *operators),
        outputs=(*graph.outputs, again + 2),
    )
    model = write_model(twice)
    checked = check(model, name="m")
    assert "QUANTIZE" not in [op.opcode for op in checked.graph.operators]
    real = [rng.normal(size=(30, 6)).astype(np.float32)]
    for one, other in zip(
        answers(model, twice, real), answers(checked.model, checked.graph, real), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    torn = twice.replace(
        tensors=tuple(
            replace(t, quant=QuantParams.per_tensor(0.2, 1)) if i == again else t
            for i, t in enumerate(twice.tensors)
        )
    )
    assert without_float_ends(torn) is None
    with pytest.raises(ModelError, match="quantized at several scales"):
        refuse_integer(torn)
    with pytest.raises(EdgeqError, match="several scales"):
        edgeq.convert(write_model(torn))


@pytest.mark.parametrize("other", ["real", "integer"])
def test_two_real_outputs_of_one_tensor_stay_real(other: str) -> None:
    rng = np.random.default_rng(7)
    graph = with_float_ends(int8_model(rng, 1, 1), rng, every=True)
    inner = next(op.inputs[0] for op in graph.operators if op.opcode == "DEQUANTIZE")
    if other == "integer":
        both = graph.replace(outputs=(*graph.outputs, inner))
    else:
        both = graph.replace(
            tensors=(*graph.tensors, replace(graph[graph.outputs[0]], name="again")),
            operators=(*graph.operators, Operator("DEQUANTIZE", (inner,), (len(graph.tensors),), version=2)),
            outputs=(*graph.outputs, len(graph.tensors)),
        )
    assert without_float_ends(both) is None
    checked = check(write_model(both), name="m")
    assert checked.graph.outputs == both.outputs
    with pytest.raises(ModelError, match="another output, too"):
        refuse_integer(both)


def test_a_part_in_float_is_no_end() -> None:
    rng = np.random.default_rng(6)
    graph = with_float_ends(int8_model(rng, 1, 1), rng, every=True)
    made = graph.outputs[0]
    soft = graph.replace(
        tensors=(*graph.tensors, Tensor("p", graph[made].shape, DType.FLOAT32)),
        operators=(*graph.operators, Operator("SOFTMAX", (made,), (len(graph.tensors),), {"beta": 1.0})),
        outputs=(len(graph.tensors),),
    )
    assert kind_of(soft) == "in part"
    with pytest.raises(ModelError, match="quantized in part"):  # and not a wish for calibration data
        edgeq.convert(write_model(soft))


def test_the_size_of_a_dynamic_batch_is_no_use_of_the_input() -> None:
    path = CASES / "qat_conv1d_int8.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not here (EDGEQ_SHARED)")
    assert kind_of(read_model(path.read_bytes())) == "in part"  # its convolution stayed float


@pytest.mark.parametrize("case", ["qat_cnn_int8", "qat_pools_int8", "qat_tconv_int8"])
def test_the_public_cases(case: str) -> None:
    path = CASES / f"{case}.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not here (EDGEQ_SHARED)")
    graph = read_model(path.read_bytes())
    made = edgeq.convert(path.read_bytes())
    x = np.random.default_rng(1).normal(size=(20, *graph.input_tensors[0].shape[1:])).astype(np.float32)
    np.testing.assert_array_equal(
        answers(path.read_bytes(), graph, [x])[0], answers(made.model, made.graph, [x])[0]
    )
