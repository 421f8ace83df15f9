"""What one pass keeps: the same in any chunks, and what the operators really multiply."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.converter.calibrators import calibrator
from edgeq.converter.calibrators.crossed import crossed
from edgeq.converter.histogram import Histogram
from edgeq.converter.moments import Moments
from edgeq.converter.observer import ROWS, Watch
from edgeq.converter.rows import MOST_COLUMNS, Layout, layout
from edgeq.converter.statistics import Spread, collect
from edgeq.data import Dataset
from edgeq.graph import Graph, write_model
from edgeq.interpreter import run_all_tensors

from .nets import Net

RNG = np.random.default_rng


# --- histograms and moments ---------------------------------------------------------------------


def filled(parts: list[np.ndarray], channels: int, side: int) -> Histogram:
    histogram = Histogram(1, channels, side)
    for part in parts:
        rows = part.reshape(-1, channels)
        histogram.add(0, rows, np.abs(rows).max(axis=0))
    return histogram


@pytest.mark.parametrize("channels", [1, 3])
def test_a_histogram_is_the_same_in_any_chunks(channels: int) -> None:
    values = (RNG(0).normal(0, 1, (600, channels)) * np.geomspace(1e-3, 300, 600)[:, None]).astype(np.float32)
    at_once = filled([values], channels, 64)
    for size in (1, 7, 100):
        piecewise = filled([values[i : i + size] for i in range(0, len(values), size)], channels, 64)
        np.testing.assert_array_equal(piecewise.counts, at_once.counts)
        np.testing.assert_array_equal(piecewise.widths, at_once.widths)


def test_a_histogram_counts_what_numpy_counts() -> None:
    values = RNG(1).normal(0.5, 2, 5000).astype(np.float32)
    found = filled([values], 1, 1024)
    edges = np.arange(-1024, 1025) * found.widths[0]
    np.testing.assert_array_equal(found.counts[0, 0], np.histogram(values, edges)[0])
    assert 512 <= np.abs(values).max() / found.widths[0] < 1024


def test_zeros_before_the_first_value_stay_in_the_bin_of_zero() -> None:
    found = filled([np.zeros(5, np.float32), np.array([3.0], np.float32)], 1, 64)
    assert found.counts[0, 0, 64] == 5
    assert found.counts.sum() == 6


def test_moments_are_those_of_all_rows_and_the_same_in_any_chunks() -> None:
    rows = (RNG(2).normal(0, 1, (1500, 2, 5)) @ RNG(3).normal(0, 1, (5, 5)) + 40).astype(np.float32)
    found = []
    for size in (1, 64, 1500):
        moments = Moments(2, 5)
        for start in range(0, len(rows), size):
            moments.add(rows[start : start + size])
        found.append(moments.result())
    for mean, covariance in found:
        np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-5)
        for group in range(2):
            expected = np.cov(rows[:, group].astype(np.float64).T, bias=True)
            np.testing.assert_allclose(covariance[group], expected, rtol=1e-3, atol=1e-3)


# --- rows ---------------------------------------------------------------------------------------


def convolutions() -> list[Graph]:
    """Convolutions of every shape that the layouts tell apart."""
    graphs = []
    for padding, stride, dilation in (("SAME", 1, 1), ("SAME", 2, 1), ("VALID", 2, 1), ("SAME", 1, 2)):
        for kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            net = Net(4)
            x = net.input(1, 9, 7, 3)
            reach = 2 * dilation + 1
            height, width = (
                -(-size // stride) if padding == "SAME" else (size - reach) // stride + 1 for size in (9, 7)
            )
            multiplier = {"depth_multiplier": 2} if kind == "DEPTHWISE_CONV_2D" else {}
            weights = net.normal(1, 3, 3, 6) if multiplier else net.normal(6, 3, 3, 3)
            y = net.op(
                kind, (x, weights, net.normal(6)), (1, height, width, 6), padding=padding, stride_w=stride,
                stride_h=stride, dilation_w_factor=dilation, dilation_h_factor=dilation,
                fused_activation_function="NONE", **multiplier,
            )  # fmt: skip
            graphs.append(net.graph(y))
    net = Net(5)  # groups of channels
    x = net.input(1, 6, 6, 4)
    weights, bias = net.normal(6, 3, 3, 2), net.normal(6)
    y = net.op(
        "CONV_2D", (x, weights, bias), (1, 6, 6, 6), padding="SAME", stride_w=1, stride_h=1,
        fused_activation_function="NONE",
    )  # fmt: skip
    graphs.append(net.graph(y))
    net = Net(6)  # wider than what is treated together
    graphs.append(net.graph(net.dense(net.input(1, 3 * MOST_COLUMNS // 2), 5)))
    net = Net(7)
    graphs.append(net.graph(net.conv(net.input(1, 4, 4, 2 * MOST_COLUMNS // 9 + 2), 3)))
    return graphs


@pytest.mark.parametrize("graph", convolutions(), ids=lambda graph: graph.operators[0].opcode)
def test_rows_times_weights_are_the_operators_outputs(graph: Graph) -> None:
    op = graph.operators[0]
    x = RNG(8).normal(0, 1, (1, *graph.input_tensors[0].shape[1:])).astype(np.float32)
    values = run_all_tensors(write_model(graph), [x])[op.outputs[0]][0]
    found = layout(graph, op)
    assert found is not None
    rows = found.rows(x, RNG(0), most=10**6)
    weights = graph[op.inputs[1]].data
    grouped = np.einsum("ngk,gok->ngo", rows, found.weights(weights), dtype=np.float64)
    outputs = np.stack([found.channels(row) for row in grouped]) + graph[op.inputs[2]].data
    np.testing.assert_allclose(outputs, values.reshape(outputs.shape), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(found.back(found.weights(weights), weights.shape), weights)


def test_rows_are_thinned_to_what_is_asked() -> None:
    graph = convolutions()[0]
    found = layout(graph, graph.operators[0])
    assert found is not None
    x = RNG(0).normal(0, 1, (1, 9, 7, 3)).astype(np.float32)
    few, every = found.rows(x, RNG(1), 10), found.rows(x, RNG(1), 100)
    assert len(few) == 10
    assert len(every) == 63
    assert all((row == every).all(axis=(1, 2)).any() for row in few)


# --- the pass -----------------------------------------------------------------------------------


def test_the_pass_keeps_what_all_tensors_of_all_samples_show() -> None:
    net = Net(9)
    x = net.conv(net.input(1, 6, 6, 2), 4, act="RELU")
    graph = net.graph(net.dense(net.flatten(net.depthwise(x)), 3))
    data = RNG(10).normal(0, 1, (23, 6, 6, 2)).astype(np.float32)
    seen = collect(graph, Dataset((data,), None, "x"), by_channel=[x])
    every = run_all_tensors(write_model(graph), [data], resolver="optimized")
    for index, spread in seen.spreads.items():
        values = every[index].reshape(23, -1, graph[index].shape[-1])
        blocks = np.arange(23) * 5 // 23
        for block in range(5):
            part = values[blocks == block]
            np.testing.assert_allclose(spread.low[block], part.min(axis=(0, 1)), rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(spread.high[block], part.max(axis=(0, 1)), rtol=1e-4, atol=1e-5)
            assert spread.counts[block].sum() == spread.bins[1][block].sum() == part.size
        counts, centres = spread.bins[1].sum(axis=0), spread.bins[0]
        assert counts @ centres / counts.sum() == pytest.approx(
            float(values.mean()), abs=0.02 * float(np.abs(values).max())
        )
    assert len(seen.spreads[x].widths) == 4
    dense = seen.columns[3]
    np.testing.assert_allclose(
        dense.mean[0], every[graph.operators[3].inputs[0]].mean(axis=(0, 1)), atol=1e-4
    )


def test_what_is_kept_does_not_grow_with_the_samples() -> None:
    """A thousand samples leave arrays of the sizes that ten leave, and no more rows than allowed."""
    where = Layout(0, "FULLY_CONNECTED", 1, 4)
    sizes = []
    for samples in (10, 30_000):
        plan = {"samples": samples, "blocks": 5, "tensors": [(0, 4, True)], "rows": [where.__dict__]}
        watch = Watch(plan)
        rng = RNG(0)
        for _ in range(samples):
            values = rng.normal(0, 1, (1, 4)).astype(np.float32)
            watch.see(lambda _index, values=values: values)
        sizes.append([array.nbytes for array in watch.result()])
        assert watch._moments[0][1]._rows == min(samples, ROWS)
    assert sizes[0] == sizes[1]


# --- calibrators --------------------------------------------------------------------------------


def spread_of(blocks: list[np.ndarray]) -> Spread:
    values = [np.asarray(block, np.float32).reshape(-1, 1) for block in blocks]
    histogram = Histogram(len(values), 1, 1024)
    for index, block in enumerate(values):
        histogram.add(index, block, np.abs(block).max(axis=0))
    low, high = (np.array([getattr(block, end)(axis=0) for block in values]) for end in ("min", "max"))
    return Spread(low, high, histogram.counts, histogram.widths)


def test_crossed_widens_what_the_other_blocks_do_not_foresee_and_narrows_what_one_value_stretches() -> None:
    rng = RNG(11)
    heavy = spread_of([rng.standard_t(3, 400) for _ in range(5)])
    low, high = calibrator("crossed")(heavy)
    assert high > 1.2 * heavy.range[1] or low < 1.2 * heavy.range[0]
    even = spread_of([rng.uniform(-1, 1, 4000) for _ in range(5)])
    assert calibrator("crossed")(even) == pytest.approx(even.range, rel=0.06)


def test_crossed_keeps_the_side_without_values_at_0() -> None:
    found = calibrator("crossed")(spread_of([np.abs(RNG(i).normal(0, 1, 300)) for i in range(5)]))
    assert 0 <= found[0] < 0.05
    assert found[1] > 1


def test_values_that_reach_the_same_ends_in_every_block_keep_them_exactly_where_narrowing_is_barred() -> None:
    rng = RNG(16)
    pixels = [np.append(rng.normal(0.5, 0.1, 5000).clip(0, 1), [0, 1]) for _ in range(5)]
    assert crossed(spread_of(pixels), narrow=False) == (0, 1)
    assert crossed(spread_of(pixels), 0.01)[1] < 1


def test_crossed_takes_one_block_as_it_is() -> None:
    one = spread_of([RNG(0).normal(0, 1, 300)])
    assert calibrator("crossed")(one) == one.range


def test_percentiles_are_numpys_to_a_bins_width() -> None:
    values = RNG(12).normal(0.3, 1, (5, 4000))
    found = calibrator("percentile:99")(spread_of(list(values)))
    assert found == pytest.approx(np.percentile(values, [1, 99]), abs=0.02)
    spread = spread_of(list(values))
    assert calibrator("percentile:100")(spread) == spread.range


def test_mse_finds_the_range_of_least_squared_error() -> None:
    values = np.concatenate([RNG(13).normal(0, 1, 200_000), [25.0]]).reshape(1, -1)
    low, high = calibrator("mse")(spread_of(list(values)))

    def error(least: float, most: float) -> float:
        step = (most - least) / 255
        return float(((values - np.clip(np.rint(values / step) * step, least, most)) ** 2).sum())

    best = min(error(values.min(), most) for most in np.linspace(4, 25, 60))
    assert 5 < high < 22
    assert error(low, high) < 1.02 * best < 0.9 * error(values.min(), values.max())


def test_entropy_gives_up_a_lonely_outlier() -> None:
    values = np.concatenate([RNG(14).normal(0, 1, 20_000), [40.0]])
    low, high = calibrator("entropy")(spread_of([values]))
    assert 2 < high < 20
    assert low >= values.min() - 1e-6


@pytest.mark.parametrize("name", ["crossed", "minmax", "percentile:99.9", "mse", "entropy"])
def test_an_activation_that_is_always_0_has_no_range(name: str) -> None:
    assert calibrator(name)(spread_of([np.zeros(9)] * 5)) == (0, 0)


def test_one_histogram_of_channels_of_unlike_sizes_counts_each_value_once() -> None:
    rows = (RNG(15).normal(0, 1, (900, 3)) * [0.01, 1, 30]).astype(np.float32)
    histogram = filled([rows], 3, 64)
    spread = Spread(rows.min(axis=0)[None], rows.max(axis=0)[None], histogram.counts, histogram.widths)
    centres, counts = spread.bins
    assert counts.sum() == rows.size
    assert np.sqrt(counts[0] @ centres**2 / rows.size) == pytest.approx(np.sqrt((rows**2).mean()), rel=0.02)
    doubled = spread.scaled(np.array([2, 2, 2], np.float32))
    assert doubled.range == pytest.approx([2 * end for end in spread.range])
    np.testing.assert_allclose(doubled.bins[0], 2 * centres, rtol=1e-5)
    np.testing.assert_array_equal(doubled.bins[1], counts)
