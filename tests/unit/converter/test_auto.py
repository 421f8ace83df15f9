"""The automatic mode: each algorithm for itself, and all of them on networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgeq.base.errors import UsageError
from edgeq.checker import examine
from edgeq.converter import convert
from edgeq.converter.biases import with_biases
from edgeq.converter.calibrators import calibrator
from edgeq.converter.equalize import equalized, links
from edgeq.converter.findings import input_sqnr
from edgeq.converter.gptq import round_weights
from edgeq.converter.params import dequantize
from edgeq.converter.pooling import untied
from edgeq.converter.ranges import choose_ranges
from edgeq.converter.rounding import choose_weights
from edgeq.converter.statistics import collect
from edgeq.data import Dataset, quantize_input
from edgeq.data import dequantize as real_outputs
from edgeq.graph import Graph, write_model
from edgeq.interpreter import run

from .nets import Net, random_net

RNG = np.random.default_rng


def samples(graph: Graph, count: int = 40, seed: int = 0) -> Dataset:
    shape = graph.input_tensors[0].shape[1:]
    return Dataset((RNG(seed).normal(0.3, 1, (count, *shape)).astype(np.float32),), None, "normal")


def sqnr(graph: Graph, model: bytes, integer: Graph, x: np.ndarray) -> float:
    real = run(write_model(graph), [x])[0].astype(np.float64)
    found = run(model, [quantize_input(x, integer.input_tensors[0])])[0]
    error = real - real_outputs(found, integer.output_tensors[0])
    return float(10 * np.log10((real**2).sum() / (error**2).sum()))


def classifier(seed: int = 5, act: str = "RELU") -> Graph:
    """Convolutions of both kinds whose channels differ in size, global pooling, a classifier without bias."""
    net = Net(seed)
    x = net.conv(net.input(1, 8, 8, 2), 12, act=act)
    weights = net.operators[-1].inputs[1]
    sizes = np.geomspace(0.02, 1, 12).reshape(-1, 1, 1, 1)
    data = (np.asarray(net.tensors[weights].data) * sizes).astype(np.float32)
    net.tensors[weights] = replace(net.tensors[weights], data=data)
    bias = net.operators[-1].inputs[2]
    net.tensors[bias] = replace(net.tensors[bias], data=(sizes.reshape(-1) * 0.3).astype(np.float32))
    x = net.conv(net.depthwise(x, act), 16, 1, act=act)
    x = net.op(
        "AVERAGE_POOL_2D", (x,), (1, 1, 1, 16), padding="VALID", stride_w=8, stride_h=8, filter_width=8,
        filter_height=8, fused_activation_function="NONE",
    )  # fmt: skip
    return net.graph(net.dense(net.flatten(x), 6, bias=False))


# --- GPTQ ---------------------------------------------------------------------------------------


def problem(groups: int, outputs: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, scales, and the covariance of correlated inputs."""
    rng = RNG(columns)
    mixing = rng.normal(0, 1, (groups, columns, columns)) * np.geomspace(1, 0.1, columns)
    weights = rng.normal(0, 1, (groups, outputs, columns)).astype(np.float32)
    scales = (np.abs(weights).max(axis=2) / 7).astype(np.float32)
    return weights, scales, (mixing @ mixing.transpose(0, 2, 1)).astype(np.float32)


def output_error(weights: np.ndarray, steps: np.ndarray, scales: np.ndarray, cov: np.ndarray) -> float:
    off = (weights - steps * scales[..., None]).astype(np.float64)
    return float(np.einsum("gok,gkl,gol->", off, cov.astype(np.float64), off))


@pytest.mark.parametrize(("groups", "outputs", "columns"), [(1, 16, 70), (1, 8, 200), (12, 2, 9)])
def test_gptq_lowers_the_outputs_error_against_rounding(groups: int, outputs: int, columns: int) -> None:
    weights, scales, cov = problem(groups, outputs, columns)
    steps = round_weights(weights, scales, cov, 0.01)
    plain = np.rint(weights / scales[..., None])
    assert output_error(weights, steps, scales, cov) < 0.5 * output_error(weights, plain, scales, cov)
    np.testing.assert_array_equal(steps, np.rint(steps))
    assert np.abs(steps).max() <= 127


def test_gptq_rounds_to_the_nearest_where_inputs_are_independent_or_never_change() -> None:
    weights, scales, _ = problem(2, 5, 30)
    plain = np.rint(weights / scales[..., None])
    for cov in (np.eye(30), np.zeros((30, 30))):
        both = np.broadcast_to(cov, (2, 30, 30)).astype(np.float32)
        np.testing.assert_array_equal(round_weights(weights, scales, both, 0.1), plain)


def test_gptq_takes_fewer_samples_than_columns() -> None:
    weights, scales, _ = problem(1, 4, 64)
    rows = RNG(0).normal(0, 1, (10, 64))
    steps = round_weights(weights, scales, np.cov(rows.T)[None].astype(np.float32), 0.1)
    assert np.abs(steps * scales[..., None] - weights).max() < 4 * scales.max()


# --- biases -------------------------------------------------------------------------------------


def test_the_bias_takes_the_mean_of_what_rounding_did() -> None:
    """In float arithmetic, with the rounded weights and the new biases, no output is off on average."""
    graph = with_biases(untied(classifier()))
    data = samples(graph)
    seen = collect(graph, data)
    ranges = choose_ranges(graph, seen.spreads, calibrator("minmax"))
    chosen = choose_weights(graph, seen.columns, ranges)
    op, first = graph.operators[0], graph.operators[0].inputs[1]
    tensors = list(graph.tensors)
    tensors[first] = replace(tensors[first], data=dequantize(*chosen.weights[first, 0]))
    off = {}
    for name, bias in (("own", tensors[op.inputs[2]].data), ("chosen", chosen.biases[0])):
        tensors[op.inputs[2]] = replace(tensors[op.inputs[2]], data=bias)
        plain = replace(op, options={**op.options, "fused_activation_function": "NONE"})
        outputs = [
            run(write_model(graph.replace(tensors=t, operators=(plain,), outputs=op.outputs)), data.x)[0]
            for t in (graph.tensors, tuple(tensors))
        ]
        off[name] = np.abs((outputs[1] - outputs[0]).mean(axis=(0, 1, 2))).max()
    assert off["chosen"] < 0.02 * off["own"]


def test_biases_stay_within_half_of_int32_after_they_change() -> None:
    net = Net(3)
    x = net.conv(net.input(1, 6, 6, 3), 8, 3, act="RELU")
    weights = net.operators[-1].inputs[1]
    data = np.asarray(net.tensors[weights].data) * np.geomspace(1e-12, 1, 8).reshape(-1, 1, 1, 1)
    net.tensors[weights] = replace(net.tensors[weights], data=data.astype(np.float32))
    graph = net.graph(net.conv(x, 4))
    converted = convert(write_model(graph), graph, samples(graph))
    for op in converted.graph.operators:
        bias = np.asarray(converted.graph[op.inputs[2]].data, np.int64)
        assert np.abs(bias).max() <= 1.01 * 2**30
    assert any("int32 bias would overflow" in note for note in converted.notes)
    assert not any("cut off" in note for note in converted.notes)


# --- equalization and pooling -------------------------------------------------------------------


@pytest.mark.parametrize("act", ["RELU", "NONE"])
def test_an_equalized_network_computes_the_same(act: str) -> None:
    graph = with_biases(untied(classifier(act=act)))
    data = samples(graph)
    by_channel = [link.tensors[0] for link in links(graph)]
    assert len(by_channel) == 3
    after, told = equalized(graph, collect(graph, data, by_channel=by_channel))
    before, found = (run(write_model(g), data.x)[0] for g in (graph, after))
    np.testing.assert_allclose(found, before, rtol=1e-4, atol=1e-4 * np.abs(before).max())
    changed = [i for i, (a, b) in enumerate(zip(graph.tensors, after.tensors, strict=True)) if a is not b]
    assert len(changed) >= 6
    again = collect(after, data, by_channel=by_channel)
    for index, spread in again.spreads.items():
        np.testing.assert_allclose(told.spreads[index].high, spread.high, rtol=1e-3, atol=1e-4)
        assert told.spreads[index].range[1] <= (1 + 1e-6) * max(spread.range[1], 0)
    for position, columns in again.columns.items():
        np.testing.assert_allclose(told.columns[position].mean, columns.mean, rtol=1e-3, atol=1e-4)
        largest = np.abs(columns.covariance).max()
        np.testing.assert_allclose(
            told.columns[position].covariance, columns.covariance, rtol=1e-2, atol=1e-3 * largest
        )


def test_what_something_else_reads_too_is_not_equalized() -> None:
    net = Net(2)
    x = net.conv(net.input(1, 4, 4, 3), 4, act="RELU")
    deep = net.depthwise(x)
    graph = net.graph(net.same("ADD", deep, x, fused_activation_function="NONE"))
    assert links(graph) == ()


def test_global_average_pooling_becomes_a_mean_with_a_scale_of_its_own() -> None:
    graph = classifier()
    changed = untied(graph)
    data = samples(graph)
    assert [op.opcode for op in changed.operators].count("MEAN") == 1
    np.testing.assert_allclose(
        run(write_model(changed), data.x)[0], run(write_model(graph), data.x)[0], rtol=1e-4, atol=1e-5
    )
    integer = convert(write_model(graph), graph, data).graph
    mean = next(op for op in integer.operators if op.opcode == "MEAN")
    before, after = integer[mean.inputs[0]].quant, integer[mean.outputs[0]].quant
    assert before is not None
    assert after is not None
    assert after.scale < 0.8 * before.scale


def test_pooling_over_a_part_of_the_image_stays() -> None:
    net = Net(1)
    graph = net.graph(net.pool("AVERAGE_POOL_2D", net.input(1, 6, 6, 2)))
    assert untied(graph).operators == graph.operators


# --- ranges -------------------------------------------------------------------------------------


def test_no_range_goes_beyond_what_an_activation_can_give() -> None:
    graph = classifier(act="RELU6")
    converted = convert(write_model(graph), graph, samples(graph))
    for op in converted.graph.operators:
        if op.options.get("fused_activation_function") == "RELU6":
            quant = converted.graph[op.outputs[0]].quant
            assert quant is not None
            assert quant.zero_point == -128
            assert quant.scale * 255 <= 6 + 1e-6


def test_what_is_joined_is_made_at_the_joints_scale() -> None:
    net = Net(8)
    x = net.input(1, 6, 6, 3)
    graph = net.graph(net.conv(net.concat([net.conv(x, 4), net.conv(x, 5)]), 2))
    converted = convert(write_model(graph), graph, samples(graph)).graph
    assert "QUANTIZE" not in [op.opcode for op in converted.operators]
    assert sqnr(graph, write_model(converted), converted, samples(graph, seed=1).x[0]) > 30


# --- the mode -----------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["RELU", "RELU6"])
def test_auto_is_well_above_minmax_where_channels_differ(act: str) -> None:
    graph = classifier(act=act)
    model, data, unseen = write_model(graph), samples(graph, 60), samples(graph, 60, 1).x[0]
    auto, plain = convert(model, graph, data), convert(model, graph, data, mode="minmax")
    gain = sqnr(graph, auto.model, auto.graph, unseen) - sqnr(graph, plain.model, plain.graph, unseen)
    assert gain > 2.5


@pytest.mark.slow
def test_random_networks_are_strict_and_rarely_lose() -> None:
    gains = []
    for seed in range(16):
        graph = random_net(seed)
        model, data, unseen = write_model(graph), samples(graph), samples(graph, 60, 1).x[0]
        auto, plain = convert(model, graph, data), convert(model, graph, data, mode="minmax")
        errors = [f.rule for f in examine(auto.graph) if f.severity == "error"]
        assert set(errors) <= {"unsupported-operator"}  # a backend's question
        gains.append(
            sqnr(graph, auto.model, auto.graph, unseen) - sqnr(graph, plain.model, plain.graph, unseen)
        )
    # Their inputs are noise of which 40 samples say little: a single network may lose or win by chance.
    assert np.mean(gains) > 0.5
    assert np.quantile(gains, 0.25) > -1.5


@pytest.mark.parametrize(
    "name",
    ["percentile:99.9", *(pytest.param(n, marks=pytest.mark.slow) for n in ("minmax", "mse", "entropy"))],
)
def test_every_calibrator_gives_a_working_model(name: str) -> None:
    graph = classifier()
    model, data = write_model(graph), samples(graph)
    converted = convert(model, graph, data, calibrator=name)
    assert converted.model != convert(model, graph, data).model
    assert sqnr(graph, converted.model, converted.graph, samples(graph, seed=1).x[0]) > 10


@pytest.mark.parametrize(
    ("mode", "name"),
    [("auto", "median"), ("auto", "percentile:x"), ("auto", "percentile:40"), ("minmax", "mse")],
)
def test_calibrators_that_are_none_are_refused(mode: str, name: str) -> None:
    graph = classifier()
    with pytest.raises(UsageError):
        convert(write_model(graph), graph, samples(graph), mode=mode, calibrator=name)  # type: ignore[arg-type]


# --- what is told -------------------------------------------------------------------------------


def test_a_channel_that_never_lives_is_told() -> None:
    net = Net(6)
    x = net.conv(net.input(1, 6, 6, 2), 8, act="RELU")
    bias = net.operators[-1].inputs[2]
    data = np.array(net.tensors[bias].data)
    data[[1, 4]] = -1000
    net.tensors[bias] = replace(net.tensors[bias], data=data)
    graph = net.graph(net.conv(x, 3))
    notes = convert(write_model(graph), graph, samples(graph)).notes
    assert any("2 of 11 channels are nearly dead" in note for note in notes)


def test_an_input_of_which_one_part_spans_far_is_told() -> None:
    net = Net(7)
    graph = net.graph(net.dense(net.input(1, 16), 5))
    data = samples(graph).x[0]
    data[:, 3] *= 300
    weights = graph.operators[0].inputs[1]
    small = np.asarray(graph[weights].data) * np.where(np.arange(16) == 3, 1e-4, 1)
    graph = graph.replace(
        tensors=tuple(
            replace(t, data=small.astype(np.float32)) if i == weights else t
            for i, t in enumerate(graph.tensors)
        )
    )
    notes = convert(write_model(graph), graph, Dataset((data,), None, "x")).notes
    assert any(note.startswith("Index 3 of axis 1 of input") for note in notes)
    assert any("With nothing but the input in int8" in note for note in notes)
    calm = convert(write_model(graph), graph, samples(graph)).notes
    assert not any("input" in note for note in calm)


def test_a_channel_that_sets_the_scale_of_all_is_told() -> None:
    net = Net(8)
    x = net.conv(net.input(1, 6, 6, 2), 8, act="RELU")
    weights = net.operators[-1].inputs[1]
    data = np.array(net.tensors[weights].data)
    data[5] *= 60
    net.tensors[weights] = replace(net.tensors[weights], data=data)
    graph = net.graph(net.same("ADD", x, x, fused_activation_function="NONE"))
    notes = convert(write_model(graph), graph, samples(graph)).notes
    assert any(note.startswith("Channel 5 of tensor") for note in notes)


def test_no_channel_sets_a_scale_that_is_fixed() -> None:
    """Of a SOFTMAX one class may be far more certain than all others: its scale is 1/256 all the same."""
    net = Net(9)
    scores = net.dense(net.input(1, 6), 8)
    bias = net.operators[-1].inputs[2]
    net.tensors[bias] = replace(net.tensors[bias], data=np.float32([9, 0, 0, 0, 0, 0, 0, 0]))
    graph = net.graph(net.same("SOFTMAX", scores, beta=1.0))
    given = samples(graph)
    certain = run(write_model(graph), given.x)[0].max(axis=0)
    assert certain.max() > 8 * np.median(certain), "one class stands out"
    notes = convert(write_model(graph), graph, given).notes
    assert not any(note.startswith("Channel") and graph.output_tensors[0].name in note for note in notes)


@pytest.mark.parametrize("seed", range(3))
def test_the_inputs_noise_is_that_of_all_samples_in_any_order(seed: int) -> None:
    """The same samples in another order say the same, and half of them something else."""
    net = Net(seed)
    graph = net.graph(net.dense(net.input(1, 16), 5, bias=False))
    x = RNG(seed).normal(0, 1, (120, 16)).astype(np.float32)
    x[:60] *= 0.01  # they span a step or two, the others the whole range
    index = graph.inputs[0]
    ranges = {index: (float(x.min()), float(x.max()))}

    def noise(rows: np.ndarray) -> float:
        return input_sqnr(graph, Dataset((rows,), None, "x"), ranges)

    assert noise(x) == pytest.approx(noise(x[::-1].copy()), abs=1e-6)
    assert noise(x) == pytest.approx(noise(x[RNG(9).permutation(120)]), abs=1e-6)
    assert noise(x) > noise(x[:60]) + 10
