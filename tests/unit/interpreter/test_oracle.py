"""An oracle that cannot judge is told by its name and the operator, and the next one that is sound judges."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import ModelError, ToolMissingError
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model
from edgeq.interpreter import ORACLES, judged, oracle_name, run
from edgeq.interpreter import oracle as oracles

CASES = Path(os.environ.get("EDGEQ_SHARED", "../shared")) / "cases"
NONE = {"fused_activation_function": "NONE"}
PROBABILITIES = QuantParams.per_tensor(1 / 256, -128)


class Chain:
    """An int8 model, operator by operator, on [1, n]."""

    def __init__(self, shape: tuple[int, ...], seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors = [Tensor("x", shape, DType.INT8, QuantParams.per_tensor(0.1, 0))]
        self.operators: list[Operator] = []
        self.last = 0

    def add(
        self,
        opcode: str,
        shape: tuple[int, ...],
        quant: QuantParams,
        *more: int,
        version: int = 2,
        **options: object,
    ) -> None:
        self.tensors.append(Tensor(f"{opcode}{len(self.tensors)}", shape, DType.INT8, quant))
        output = len(self.tensors) - 1
        self.operators.append(Operator(opcode, (self.last, *more), (output,), options, version))  # type: ignore[arg-type]
        self.last = output

    def conv(self, channels: int, axis: int) -> None:
        """A convolution whose bias has scales along an axis, as TensorFlow's older converters wrote it."""
        shape = self.tensors[self.last].shape
        weights = self.rng.integers(-127, 128, (channels, 1, 1, shape[3])).astype(np.int8)
        scales, zeros = np.full(channels, 0.01, np.float32), np.zeros(channels, np.int64)
        quant = QuantParams(scales, zeros)
        self.tensors.append(Tensor("w", weights.shape, DType.INT8, quant, weights))
        bias = QuantParams(scales * np.float32(0.1), zeros, axis)
        self.tensors.append(Tensor("b", (channels,), DType.INT32, bias, np.zeros(channels, np.int32)))
        added = (len(self.tensors) - 2, len(self.tensors) - 1)
        self.add(
            "CONV_2D", (*shape[:3], channels), QuantParams.per_tensor(0.1, 0), *added, version=3,
            padding="SAME", stride_w=1, stride_h=1, dilation_w_factor=1, dilation_h_factor=1, **NONE,
        )  # fmt: skip

    def dense(self, units: int) -> None:
        (n,) = self.tensors[self.last].shape[1:]
        weights = self.rng.integers(-127, 128, (units, n)).astype(np.int8)
        self.tensors.append(Tensor("w", weights.shape, DType.INT8, QuantParams.per_tensor(0.01, 0), weights))
        made = len(self.tensors) - 1
        self.add("FULLY_CONNECTED", (1, units), QuantParams.per_tensor(0.1, 0), made, -1, version=4, **NONE)

    def graph(self) -> Graph:
        return Graph("m", tuple(self.tensors), tuple(self.operators), (0,), (self.last,))


def softmax_among(seed: int, classes: int) -> tuple[Graph, int]:
    """A SOFTMAX somewhere among operators that keep equal scores equal; and where it is."""
    rng = np.random.default_rng(seed)
    net = Chain((1, classes))
    before, after = int(rng.integers(0, 4)), int(rng.integers(0, 4))
    for _ in range(before):
        net.add("RELU", (1, classes), QuantParams.per_tensor(0.1, 0))
    net.add("SOFTMAX", (1, classes), PROBABILITIES, beta=1.0)
    for _ in range(after):
        net.add("RELU", (1, classes), PROBABILITIES)
    return net.graph(), before


@pytest.mark.sample(3)
@pytest.mark.parametrize("runtime", ["aot", "tflm"])
@pytest.mark.parametrize("seed", range(3))
def test_a_softmax_that_oracles_abort_on_is_named(runtime: str, seed: int) -> None:
    classes = int(np.random.default_rng(seed).integers(512, 1500))
    graph, where = softmax_among(seed, classes)
    samples = np.random.default_rng(seed).integers(-128, 128, (50, classes)).astype(np.int8)
    model = write_model(graph)
    assert judged(runtime, model, [samples]).refusals == (), "real scores are judged"
    samples[40] = 7
    with pytest.raises(ModelError) as caught:
        judged(runtime, model, [samples])
    assert f"in operator {where} (SOFTMAX): the exponentials of these scores sum to 512 or more" in (
        caught.value.message
    )
    assert oracle_name("tflm") in caught.value.message
    assert (oracle_name() in caught.value.message) is (runtime == "aot")
    assert "damaged" not in caught.value.message + caught.value.hint
    assert f"of {classes} classes" in caught.value.hint


def test_511_equal_scores_are_judged() -> None:
    graph, _ = softmax_among(0, 511)
    answers = judged("aot", write_model(graph), [np.zeros((3, 511), np.int8)])
    assert answers.oracle == oracle_name()


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_the_next_oracle_judges_what_the_first_refuses(axis: int) -> None:
    net = Chain((1, 4, 4, 3))
    net.conv(5, axis)
    model = write_model(net.graph())
    x = np.random.default_rng(1).integers(-128, 128, (20, 4, 4, 3)).astype(np.int8)
    with pytest.raises(ModelError, match="quantized_dimension"):
        run(model, [x])
    answers = judged("aot", model, [x])
    assert answers.oracle == oracle_name("tflm")
    assert len(answers.refusals) == 1
    assert answers.refusals[0].startswith(f"{oracle_name()} refuses the model: quantized_dimension must be")
    sound = net.graph().replace(
        tensors=tuple(
            t if t.quant is None else replace(t, quant=QuantParams(t.quant.scales, t.quant.zero_points))
            for t in net.tensors
        )
    )
    np.testing.assert_array_equal(answers.outputs[0], run(write_model(sound), [x])[0])


def test_tflm_is_no_judge_of_fully_connected() -> None:
    net = Chain((1, 2, 2, 3))
    net.conv(4, 3)
    net.tensors.append(Tensor("shape", (2,), DType.INT32, data=np.array([1, 16], np.int32)))
    net.add("RESHAPE", (1, 16), QuantParams.per_tensor(0.1, 0), len(net.tensors) - 1, version=1)
    net.dense(6)
    x = np.random.default_rng(2).integers(-128, 128, (40, 2, 2, 3)).astype(np.int8)
    answers = judged("aot", write_model(net.graph()), [x])
    assert answers.oracle == f"{oracle_name()} (the model written anew)"


def test_without_the_second_oracle_the_third_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Chain((1, 4, 4, 3))
    net.conv(5, 3)
    real = run

    def missing(*given: object, **named: object) -> object:
        if named["resolver"] == "tflm":
            raise ToolMissingError("not installed", "pip install")
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(oracles, "run", missing)
    x = np.zeros((2, 4, 4, 3), np.int8)
    assert judged("aot", write_model(net.graph()), [x]).oracle.endswith("(the model written anew)")
    with pytest.raises(ToolMissingError):
        judged("tflm", write_model(net.graph()), [x])


def test_every_oracle_says_who_it_is() -> None:
    for chain in ORACLES.values():
        assert len({one.name for one in chain}) == len(chain)


def test_the_public_person_detector_is_judged_by_tflm() -> None:
    path = CASES / "models" / "person_detect_model.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not here (EDGEQ_SHARED)")
    model = path.read_bytes()
    x = np.random.default_rng(0).integers(-128, 128, (2, 96, 96, 1)).astype(np.int8)
    answers = judged("aot", model, [x])
    assert answers.oracle == oracle_name("tflm")
    np.testing.assert_array_equal(answers.outputs[0], run(write_model(read_model(model)), [x])[0])


def test_operators_of_which_each_has_another_judge_are_judged_together() -> None:
    """LiteRT's SUM of int8 gives a constant, and TFLM rounds FULLY_CONNECTED otherwise."""
    pytest.importorskip("tflite_micro")
    net = Chain((1, 6, 8))
    net.add("RELU", (1, 6, 8), QuantParams.per_tensor(0.1, -128))
    net.tensors.append(Tensor("axes", (1,), DType.INT32, data=np.array([1], np.int32)))
    net.add("SUM", (1, 8), QuantParams.per_tensor(0.3, 5), len(net.tensors) - 1, keep_dims=False)
    net.dense(5)
    graph = net.graph()
    x = np.random.default_rng(2).integers(-128, 128, (20, 6, 8)).astype(np.int8)
    found = judged("aot", write_model(graph), [x])
    assert found.oracle == f"{oracle_name('reference')}, then {oracle_name('tflm')}"
    first = replace(graph, operators=graph.operators[:2], outputs=(graph.operators[1].outputs[0],))
    (sums,) = run(write_model(first), [x], resolver="tflm")
    last = replace(graph, operators=graph.operators[2:], inputs=first.outputs)
    (wanted,) = run(write_model(last), [sums])
    assert np.unique(sums).size > 50
    assert np.array_equal(found.outputs[0], wanted)
    kept = judged("aot", write_model(with_variables(graph, 2)), [x])
    assert np.array_equal(kept.outputs[0], wanted)
    with pytest.raises(ModelError, match="its state forbids") as refused:
        judged("aot", write_model(with_first_read(with_variables(graph, 1))), [x])
    assert refused.value.hint == "leave out SUM, or the state"


def with_first_read(graph: Graph) -> Graph:
    """What the first variable was set to is one more output."""
    handle = next(op.outputs[0] for op in graph.operators if op.opcode == "VAR_HANDLE")
    value, last = replace(graph[graph.inputs[0]], name="kept"), len(graph.tensors)
    reading = Operator("READ_VARIABLE", (handle,), (last,))
    return graph.replace(
        tensors=(*graph.tensors, value),
        operators=(*graph.operators, reading),
        outputs=(*graph.outputs, last),
    )


def with_variables(graph: Graph, count: int) -> Graph:
    """Variables are set that nobody reads: before the first inference, and by the input in each."""
    source = graph[graph.inputs[0]]
    names = [f"v{i}" for i in range(count)]
    handles = [len(graph.tensors) + i for i in range(count)]
    setting = [Operator("CALL_ONCE", (), (), {"init_subgraph_index": 1})]
    for name, handle in zip(names, handles, strict=True):
        setting.append(Operator("VAR_HANDLE", (), (handle,), {"container": "", "shared_name": name}))
        setting.append(Operator("ASSIGN_VARIABLE", (handle, graph.inputs[0]), ()))
    first = replace(source, data=np.zeros(source.shape, np.int8))
    return graph.replace(
        tensors=(*graph.tensors, *(Tensor(name, (), DType.RESOURCE) for name in names)),
        operators=(*setting, *graph.operators),
        initials={("", name): replace(first, name=f"{name}_0") for name in names},
    )
