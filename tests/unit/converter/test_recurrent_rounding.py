"""Layers with a state in the automatic mode: matrices by GPTQ, the mean error in the biases of an LSTM."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgeq.converter import auto, convert
from edgeq.converter.calibrate import state_ranges
from edgeq.converter.forms import mixed
from edgeq.converter.numbers import INT16
from edgeq.converter.recurrent_rounding import Seen, round_recurrent
from edgeq.converter.rounded import Rounded
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import ABSENT, Graph, write_model
from edgeq.interpreter import run

from .one import One
from .stateful_layers import lstm, svdf

WAYS = [{}, {"peephole": True}, {"norm": True}, {"cifg": True}, {"projection": 8}]


def with_lstm(**how: bool | int) -> Graph:
    net = One(2)
    x = lstm(net, net.input(1, 8, 10), 16, **how)  # type: ignore[arg-type]  # flags by name
    wide = net.shape(x)[2]
    return net.graph(net.dense(net.op("RESHAPE", (x, net.ints(1, 8 * wide)), (1, 8 * wide)), 6))


def with_svdf() -> Graph:
    net = One(2)
    x = svdf(net, net.input(1, 40), 24, 2, 4, "RELU")
    return net.graph(net.dense(svdf(net, x, 16, 1, 4, "RELU"), 6))


def data(graph: Graph, count: int, seed: int) -> Dataset:
    """Channels that go together: a few causes, many effects."""
    rng = np.random.default_rng(seed)
    shape = graph.input_tensors[0].shape[1:]
    mixing = np.random.default_rng(9).normal(0.2, 1, (3, shape[-1]))
    x = rng.normal(0, 1, (count, *shape[:-1], 3)) @ mixing + rng.normal(0.3, 0.1, (count, *shape))
    return Dataset((x.astype(np.float32),), None, "x")


def level(graph: Graph) -> float:
    """SQNR of the automatic mode's int8 model on data that it did not see, in dB."""
    made = convert(write_model(graph), graph, data(graph, 80, 0))
    x = data(graph, 80, 1).x[0]
    real = run(write_model(graph), [x])[0].astype(np.float64)
    found = run(made.model, [quantize_input(x, made.graph.input_tensors[0])])[0]
    error = real - dequantize(found, made.graph.output_tensors[0])
    return float(10 * np.log10((real**2).sum() / (error**2).sum()))


def seen_of(graph: Graph) -> Seen:
    seen = Seen()
    state_ranges(graph, data(graph, 60, 0), seen)
    return seen


def test_it_gains_on_held_out_data(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = level(with_lstm())
    monkeypatch.setattr(auto, "round_recurrent", lambda graph, seen, rounded: rounded)
    assert with_it > level(with_lstm()) + 0.5


def test_an_svdf_has_a_small_error_and_a_small_mean_error() -> None:
    """Its bias cannot take the mean error, for the memory sums up errors of several steps."""
    graph = with_svdf()
    rounded = round_recurrent(graph, seen_of(graph), Rounded())
    assert not rounded.vectors
    index, rows = graph.operators[0].inputs[1], data(graph, 60, 0).x[0]
    real, (whole, quant) = np.asarray(graph[index].data), rounded.matrices[index]
    chosen = rows @ (real - whole * quant.scale).T
    nearest = rows @ (real - np.rint(real / quant.scale) * quant.scale).T
    assert (chosen**2).mean() < 0.5 * (nearest**2).mean()
    assert np.abs(chosen.mean(axis=0)).mean() < 0.7 * np.abs(nearest.mean(axis=0)).mean()


@pytest.mark.parametrize("how", WAYS)
def test_the_error_of_what_the_matrices_give_is_less_than_that_of_the_nearest(how: dict[str, bool]) -> None:
    graph = with_lstm(**how)
    op = graph.operators[0]
    rows = data(graph, 60, 0).x[0].reshape(-1, 10)
    rounded = round_recurrent(graph, seen_of(graph), Rounded())
    matrices = {op.inputs[i] for i in (*range(1, 9), 16) if op.inputs[i] != ABSENT}
    assert set(rounded.matrices) == matrices
    for gate in range(4):
        if op.inputs[1 + gate] == ABSENT:
            continue
        real = np.asarray(graph[op.inputs[1 + gate]].data)
        whole, quant = rounded.matrices[op.inputs[1 + gate]]
        assert whole.dtype == np.int8 and np.abs(whole).max() <= 127
        centred = rows - rows.mean(axis=0)
        chosen = (centred @ (real - whole * quant.scale).T).std()
        nearest = (centred @ (real - np.rint(real / quant.scale) * quant.scale).T).std()
        assert chosen < 0.8 * nearest
    assert bool(rounded.vectors) == (how != {"norm": True}), (
        "behind a normalization it would do something else"
    )


def test_the_mean_error_goes_into_the_bias() -> None:
    graph = with_lstm()
    op = graph.operators[0]
    rounded = round_recurrent(graph, seen_of(graph), Rounded())
    wanted = np.asarray(graph[op.inputs[14]].data, np.float64)  # of the cell gate
    state = np.concatenate(
        [np.zeros((60, 1, 16)), run(write_model(graph.replace(outputs=op.outputs)), data(graph, 60, 0).x)[0]],
        1,
    )[:, :-1]
    for position, rows in ((3, data(graph, 60, 0).x[0]), (7, state)):
        whole, quant = rounded.matrices[op.inputs[position]]
        error = np.asarray(graph[op.inputs[position]].data) - whole * quant.scale
        wanted = wanted + error @ rows.reshape(-1, rows.shape[-1]).mean(axis=0)
    np.testing.assert_allclose(rounded.vectors[op.inputs[14]], wanted, atol=1e-4)


def test_matrices_that_are_shared_are_rounded_to_the_nearest() -> None:
    graph = with_lstm()
    op = graph.operators[0]
    shared = replace(op, inputs=(*op.inputs[:2], op.inputs[1], *op.inputs[3:]))
    rounded = round_recurrent(
        graph.replace(operators=(shared, *graph.operators[1:])), seen_of(graph), Rounded()
    )
    assert op.inputs[1] not in rounded.matrices and op.inputs[3] in rounded.matrices


def test_a_layer_that_stays_float_keeps_its_own_biases() -> None:
    graph = with_lstm()
    made, floats = mixed(graph, data(graph, 60, 0), numbers=INT16)
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in floats[0]
    kept = next(op for op in made.operators if op.opcode == "UNIDIRECTIONAL_SEQUENCE_LSTM")
    for position in (1, 5, 12, 14):
        before = graph[graph.operators[0].inputs[position]]
        np.testing.assert_array_equal(made[kept.inputs[position]].data, before.data)
