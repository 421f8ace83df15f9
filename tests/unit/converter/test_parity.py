"""Every scale, zero point, weight and bias equals LiteRT's classic quantizer's, and so do the outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.checker import examine
from edgeq.converter import convert
from edgeq.converter.prepare import prepare
from edgeq.data import Dataset, load_data, quantize_input
from edgeq.graph import load_model, write_model
from edgeq.interpreter import run

from .nets import Net, random_net
from .oracle import differences, litert

SEEDS = range(40)


def samples(shape: tuple[int, ...], count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.3, 1.5, (count, *shape)).astype(np.float32)


@pytest.mark.sample(12)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_networks_equal_litert(seed: int) -> None:
    graph = random_net(seed)
    model = write_model(graph)
    shape = graph.input_tensors[0].shape[1:]
    x = samples(shape, 12, seed)
    ours = convert(model, graph, Dataset((x,), None, "normal"), mode="minmax")
    their_model, theirs = litert(model, [x])
    assert differences(ours.graph, theirs) == []
    unseen = quantize_input(samples(shape, 12, seed + 1000), ours.graph.input_tensors[0])
    np.testing.assert_array_equal(run(ours.model, [unseen])[0], run(their_model, [unseen])[0])


@pytest.mark.parametrize("name", ["ad", "kws", "vww", "ic"])
def test_mlperf_models_equal_litert(shared: Path, name: str) -> None:
    model, graph = load_model(shared / "models" / "mlperf_tiny" / f"{name}_float.tflite")
    shape = graph.input_tensors[0].shape[1:]
    x = samples(shape, 20, 1)
    ours = convert(model, graph, Dataset((x,), None, "normal"), mode="minmax")
    if name == "kws":  # int8 inside: LiteRT refuses it, and gets the weights that we made float
        model = write_model(prepare(model, graph)[0])
    their_model, theirs = litert(model, [x])
    assert differences(ours.graph, theirs) == []
    unseen = quantize_input(samples(shape, 20, 2), ours.graph.input_tensors[0])
    np.testing.assert_array_equal(run(ours.model, [unseen])[0], run(their_model, [unseen])[0])


def test_the_digits_example_equals_litert(examples: Path) -> None:
    model, graph = load_model(examples / "digits" / "digits_float.tflite")
    x = load_data(str(examples / "digits" / "calibration.npz"), graph.input_tensors).x[0][:100]
    ours = convert(model, graph, Dataset((x,), None, "digits"), mode="minmax")
    their_model, theirs = litert(model, [x])
    assert differences(ours.graph, theirs) == []
    test = load_data(str(examples / "digits" / "test.npz"), graph.input_tensors).x[0]
    unseen = quantize_input(test, ours.graph.input_tensors[0])
    np.testing.assert_array_equal(run(ours.model, [unseen])[0], run(their_model, [unseen])[0])


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", ["ad", "kws", "vww", "ic"])
@pytest.mark.parametrize("io", ["int8", "uint8"])
def test_converted_mlperf_models_are_strict(shared: Path, name: str, io: str) -> None:
    model, graph = load_model(shared / "models" / "mlperf_tiny" / f"{name}_float.tflite")
    x = samples(graph.input_tensors[0].shape[1:], 12, 3)
    converted = convert(model, graph, Dataset((x,), None, "normal"), io=io)  # type: ignore[arg-type]
    assert [f for f in examine(converted.graph) if f.severity == "error"] == []


def test_an_input_that_add_overwrites_has_the_range_that_litert_sees() -> None:
    """LiteRT looks at an ADD's inputs again when the sum stands in their place."""
    net = Net(3)
    x = net.input(1, 6, 6, 4)
    left, right = net.conv(x, 4), net.conv(x, 4)
    graph = net.graph(net.conv(net.same("ADD", left, right, fused_activation_function="RELU"), 2))
    model = write_model(graph)
    data = samples((6, 6, 4), 10, 0)
    ours = convert(model, graph, Dataset((data,), None, "normal"), mode="minmax")
    assert differences(ours.graph, litert(model, [data])[1]) == []
