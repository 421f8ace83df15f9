"""A single value is judged by what it means, wherever a sigmoid's values went; bounds hold in every run."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.graph import DType, Graph, QuantParams, Tensor, read_model, write_model
from edgeq.interpreter import run, run_all_tensors
from edgeq.judge import accuracy, decisions
from edgeq.judge.accuracy import threshold
from edgeq.judge.bounds import bounds_of
from tests.unit.converter.nets import Net, random_net

CASES = Path(os.environ.get("EDGEQ_SHARED", "../shared")) / "cases" / "verdict"
RNG = np.random.default_rng(3)


def _keep(net: Net, x: int, kind: str) -> int:
    """One operator that keeps a single value a probability; all work on [1, 1, 1, 1]."""
    same = {"fused_activation_function": "NONE"}
    pool = {"padding": "VALID", "stride_w": 1, "stride_h": 1, "filter_width": 1, "filter_height": 1}
    one = (1, 1, 1, 1)
    if kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
        return net.op(kind, (x,), one, 2, **pool, **same)
    if kind in ("MEAN", "REDUCE_MAX", "REDUCE_MIN"):
        return net.op(kind, (x, net.ints(1, 2)), one, 2, keep_dims=True)
    if kind == "RESHAPE":
        return net.op(kind, (x, net.ints(*one)), one)
    if kind == "TRANSPOSE":
        return net.op(kind, (x, net.ints(0, 2, 1, 3)), one)
    if kind == "SQUEEZE":
        flat = net.op("SQUEEZE", (x,), (1, 1), squeeze_dims=(1, 2))
        wide = net.op("EXPAND_DIMS", (flat, net.ints(1)), (1, 1, 1))
        return net.op("EXPAND_DIMS", (wide, net.ints(1)), one)
    if kind == "STRIDED_SLICE":
        ends = (net.ints(0, 0, 0, 0), net.ints(1, 1, 1, 1), net.ints(1, 1, 1, 1))
        return net.op(kind, (x, *ends), one)
    if kind == "PAD":
        bigger = net.op("PAD", (x, net.tensor((4, 2), DType.INT32, PADS)), (1, 2, 1, 1))
        return net.op("REDUCE_MAX", (bigger, net.ints(1)), one, 2, keep_dims=True)
    if kind == "MAXIMUM":
        return net.op(kind, (x, net.same("LOGISTIC", x)), one)
    if kind == "1 - x":
        return net.op("SUB", (net.floats(np.ones(1)), x), one, **same)
    if kind == "CONCATENATION":
        wide = net.op(kind, (x, x), (1, 1, 1, 2), axis=3, **same)
        return net.op("MEAN", (wide, net.ints(3)), one, 2, keep_dims=True)
    if kind == "MUL":
        return net.op(kind, (x, x), one, **same)
    return net.same(kind, x)


PADS = np.array([[0, 0], [0, 1], [0, 0], [0, 0]], np.int32)
KINDS = (
    "MAX_POOL_2D", "AVERAGE_POOL_2D", "MEAN", "REDUCE_MAX", "REDUCE_MIN", "RESHAPE", "TRANSPOSE", "SQUEEZE",
    "STRIDED_SLICE", "PAD", "MAXIMUM", "1 - x", "CONCATENATION", "MUL", "RELU", "RELU6",
)  # fmt: skip


def binary(kinds: list[str], *, sigmoid: bool = True, logits: int = 0) -> Graph:
    """A classifier of one value, then these operators; further outputs are logits, before it."""
    net = Net(5)
    x = net.input(1, 4, 4, 2)
    pooled = net.op("MEAN", (x, net.ints(1, 2)), (1, 1, 1, 2), 2, keep_dims=True)
    value = net.conv(pooled, 1, 1)
    others = [net.conv(pooled, 1, 1) for _ in range(logits)]
    if sigmoid:
        value = net.same("LOGISTIC", value)
    for kind in kinds:
        value = _keep(net, value, kind)
    return net.graph(*others, value)


def int8_of(graph: Graph) -> tuple[bytes, Graph]:
    data = RNG.normal(size=(30, 4, 4, 2)).astype(np.float32)
    made = edgeq.convert(write_model(graph), data, mode="minmax", io="uint8")
    return made.model, read_model(made.model)


@pytest.mark.parametrize("kind", KINDS)
def test_a_probability_is_split_at_one_half_behind_each_operator(kind: str) -> None:
    graph = binary([kind])
    assert threshold(graph) == 0.5
    assert threshold(int8_of(graph)[1]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("seed", range(12))
def test_a_probability_is_split_at_one_half_behind_random_chains(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chain = [str(kind) for kind in rng.choice(KINDS, int(rng.integers(1, 6)))]
    count = int(rng.integers(0, 3))
    graph = binary(chain, logits=count)
    whole = int8_of(graph)[1]
    assert threshold(graph, count) == 0.5, chain
    assert threshold(whole, count) == pytest.approx(0.5, abs=0.01), chain
    assert [threshold(graph, i) for i in range(count)] == [0.0] * count
    assert [threshold(whole, i) for i in range(count)] == [0.0] * count


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("MAXIMUM", "1 - x", "RELU6")])
def test_a_logit_is_split_at_zero_behind_each_operator(kind: str) -> None:
    assert threshold(binary([kind], sigmoid=False)) == 0.0


def test_the_int8_form_decides_as_the_float_form_does() -> None:
    graph = binary(["SQUEEZE", "MAX_POOL_2D"], logits=1)
    model, whole = int8_of(graph)
    x = RNG.normal(size=(400, 4, 4, 2)).astype(np.float32)
    real = run(write_model(graph), [x])
    scale, zero = whole.input_tensors[0].quant.scale, whole.input_tensors[0].quant.zero_point  # type: ignore[union-attr]
    found = run(model, [np.clip(np.rint(x / scale) + zero, 0, 255).astype(np.uint8)])
    for position in range(2):
        labels = decisions(real[position], graph, position)
        assert 0.2 < labels.mean() < 0.8, "both classes occur"
        assert accuracy(found[position], labels, whole, position) > 0.93  # type: ignore[operator]


@pytest.mark.parametrize(
    ("expression", "middle"), [("percent", 50.0), ("hard sigmoid", 0.5), ("tanh", 0.0), ("from tanh", 0.5)]
)
def test_the_middle_of_what_the_value_can_be(expression: str, middle: float) -> None:
    net = Net()
    same = {"fused_activation_function": "NONE"}
    x = net.input(1, 1)
    if expression == "percent":
        y = net.same("MUL", net.same("LOGISTIC", x), net.floats(np.array([100.0])), **same)
    elif expression == "hard sigmoid":
        clipped = net.same("ADD", x, net.floats(np.array([3.0])), fused_activation_function="RELU6")
        y = net.same("MUL", clipped, net.floats(np.array([1 / 6])), **same)
    else:
        y = net.same("TANH", x)
        if expression == "from tanh":
            y = net.same("ADD", y, net.floats(np.array([1.0])), **same)
            y = net.same("DIV", y, net.floats(np.array([2.0])), **same)
    assert threshold(net.graph(y)) == pytest.approx(middle)


def test_a_probability_from_an_unknown_operator_is_told_by_its_scale() -> None:
    net = Net()
    graph = net.graph(net.op("CUSTOM", (net.input(1, 4),), (1, 1)))
    for dtype, zero in ((DType.INT8, -128), (DType.UINT8, 0)):
        quant = QuantParams.per_tensor(1 / 256, zero)
        out = Tensor("out", (1, 1), dtype, quant)
        assert threshold(graph.replace(tensors=(graph.tensors[0], out))) == 0.5


@pytest.mark.parametrize("seed", range(30))
def test_no_value_ever_leaves_its_bounds(seed: int) -> None:
    graph = random_net(seed)
    x = RNG.normal(size=(8, *graph.input_tensors[0].shape[1:])).astype(np.float32) * 3
    values = run_all_tensors(write_model(graph), [x])
    known = 0
    for index, (low, high) in bounds_of(graph).items():
        seen = values[index]
        assert low - 1e-4 <= seen.min() and seen.max() <= high + 1e-4, graph[index].name
        known += abs(low) < np.inf or abs(high) < np.inf
    assert known or not {op.opcode for op in graph.operators} & {"LOGISTIC", "TANH", "SOFTMAX", "RELU6"}


@pytest.mark.parametrize("case", ["squeeze", "expand_dims", "mean", "max_pool", "u8"])
def test_the_public_cases(case: str) -> None:
    path = CASES / f"binary_{case}.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not here (EDGEQ_SHARED)")
    assert threshold(read_model(path.read_bytes())) == 0.5
