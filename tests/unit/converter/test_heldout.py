"""The automatic mode does not lose to minima and maxima: joined ranges, and a trial on held-out data."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.converter import heldout
from edgeq.converter.auto import choose
from edgeq.converter.calibrators import calibrator
from edgeq.converter.calibrators.crossed import AT_OUTPUT, crossed
from edgeq.converter.ranges import choose_ranges
from edgeq.converter.statistics import collect
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import Graph, read_model, write_model
from edgeq.interpreter import run

from .nets import Net

MODELS = Path(os.environ.get("EDGEQ_SHARED", "../shared")) / "cases" / "models"
NONE = {"fused_activation_function": "NONE"}


def sliced(seed: int) -> Graph:
    """Parts of an image and of a convolution, joined again, through another convolution, and sliced."""
    net = Net(seed)
    rng = net.rng
    c = int(rng.integers(3, 6))
    x = net.input(1, 10, 10, c)
    made = net.conv(x, c, act=str(rng.choice(["NONE", "RELU"])))
    parts = [_part(net, made, 5, c), _part(net, x, 5, c)]
    if rng.random() < 0.5:
        parts.append(_part(net, net.conv(x, c, 1), 5, c))
    y = net.conv(net.concat(parts), 5, act=str(rng.choice(["NONE", "RELU"])))
    if rng.random() < 0.5:
        y = net.op("TRANSPOSE", (y, net.ints(0, 2, 1, 3)), (1, 5, 5, 5))
    return net.graph(_part(net, y, 3, 5))


def _part(net: Net, x: int, side: int, channels: int) -> int:
    begin = net.ints(0, 1, 1, 0)
    end, step = net.ints(1, 1 + side, 1 + side, channels), net.ints(1, 1, 1, 1)
    return net.op("STRIDED_SLICE", (x, begin, end, step), (1, side, side, channels))


def draw(seed: int, count: int, graph: Graph) -> np.ndarray:
    shape = graph.input_tensors[0].shape[1:]
    return np.clip(np.random.default_rng(seed).normal(0, 0.5, (count, *shape)), -1, 1).astype(np.float32)


def sqnr(graph: Graph, model: bytes, x: np.ndarray) -> float:
    whole = read_model(model)
    (real,) = run(write_model(graph), [x])
    (found,) = run(model, [quantize_input(x, whole.input_tensors[0])])
    noise = ((real - dequantize(found, whole.output_tensors[0])).astype(np.float64) ** 2).sum()
    return float(10 * np.log10((real.astype(np.float64) ** 2).sum() / noise))


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", range(4))
def test_auto_does_not_lose_to_minmax_on_sliced_and_joined_tensors(seed: int) -> None:
    graph = sliced(seed)
    calibration, held = draw(1, 32, graph), draw(2, 300, graph)
    model = write_model(graph)
    auto, minmax = (
        sqnr(graph, edgeq.convert(model, calibration, mode=mode).model, held)  # type: ignore[arg-type]
        for mode in ("auto", "minmax")
    )
    assert auto > minmax - 0.3


def test_auto_does_not_lose_on_the_public_case() -> None:
    path = MODELS / "split_concat_slice_float.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not here (EDGEQ_SHARED)")
    graph = read_model(path.read_bytes())
    data = np.load(MODELS / "split_concat_slice_calib.npz")["x"]
    for seed in (0,):
        held = draw(seed, 300, graph)
        auto, minmax = (
            sqnr(graph, edgeq.convert(path.read_bytes(), data, mode=mode).model, held)  # type: ignore[arg-type]
            for mode in ("auto", "minmax")
        )
        assert auto > minmax + 0.5


@pytest.mark.parametrize("seed", range(3))
def test_no_range_is_wider_than_what_is_joined(seed: int) -> None:
    graph = sliced(seed)
    data = Dataset((draw(3, 40, graph),), None, "drawn")
    spreads = collect(graph, data).spreads
    found = choose_ranges(graph, spreads, calibrator("crossed"))
    for op in graph.operators:
        if op.opcode == "CONCATENATION":
            parts = [found[i] for i in op.inputs]
            assert found[op.outputs[0]][0] >= min(low for low, _ in parts)
            assert found[op.outputs[0]][1] <= max(high for _, high in parts)


def test_what_is_sliced_to_be_an_output_counts_as_one() -> None:
    net = Net(1)
    y = net.conv(net.input(1, 6, 6, 2), 4)
    graph = net.graph(net.op("TRANSPOSE", (y, net.ints(0, 2, 1, 3)), (1, 6, 6, 4)))
    data = Dataset((draw(4, 40, graph),), None, "drawn")
    spreads = collect(graph, data).spreads
    found = choose_ranges(graph, spreads, calibrator("crossed"))
    assert found[y] == crossed(spreads[y], AT_OUTPUT)


def test_the_worse_way_is_given_up_and_the_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = sliced(1)
    data = Dataset((draw(5, 40, graph),), None, "drawn")
    way, (note,) = heldout.better(graph, data, {})
    assert way == "auto"
    assert "automatic mode's choice was kept: on 8 calibration samples held out" in note

    def narrow(graph: Graph, data: Dataset, _calibrator: object, *rest: object) -> object:
        return choose(graph, data, calibrator("percentile:80"), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(heldout, "choose", narrow)
    way, (note,) = heldout.better(graph, data, {})
    assert way == "minmax"
    assert note.startswith("Minima and maxima as they are were kept")
    model = write_model(graph)
    made = edgeq.convert(model, data.x[0])
    assert note in made.notes
    assert made.model == edgeq.convert(model, data.x[0], mode="minmax").model


def test_the_trial_takes_no_longer_with_more_data(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = sliced(2)
    asked: list[int] = []
    real = heldout.choose

    def count(graph: Graph, data: Dataset, *rest: object) -> object:
        asked.append(len(data))
        return real(graph, data, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(heldout, "choose", count)
    for samples in (5, 10, 60, 400):
        heldout.better(graph, Dataset((draw(6, samples, graph),), None, "drawn"), {})
    assert asked == [8, 48, 80], "with five samples there is nothing to hold out"
    monkeypatch.setattr(heldout, "_WORK", 1)
    heldout.better(graph, Dataset((draw(6, 400, graph),), None, "drawn"), {})
    assert asked[-1] == 8, "a large model is tried on few samples"


def test_a_named_calibrator_is_taken_at_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = sliced(3)

    def no_trial(*_: object) -> object:
        raise AssertionError("the user chose")

    monkeypatch.setattr(sys.modules["edgeq.converter.convert"], "better", no_trial)
    edgeq.convert(write_model(graph), draw(7, 20, graph), calibrator="mse")
