"""What convert refuses, and that every refusal says why and what to do."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError, EdgeqError, ModelError
from edgeq.cli import main
from edgeq.converter import convert
from edgeq.data import Dataset, random_data
from edgeq.graph import DType, Graph, Operator, Tensor, read_model, write_model

from .nets import Net
from .small_models import classifier, data, last


def refused(graph: Graph, samples: Dataset | None = None) -> str:
    with pytest.raises((ModelError, DataError)) as caught:
        convert(write_model(graph), graph, data(graph) if samples is None else samples)
    assert caught.value.hint
    return caught.value.message


def test_an_int8_model_needs_no_conversion() -> None:
    graph = last(classifier())
    converted = convert(write_model(graph), graph, data(graph))
    assert "integer model already" in refused(converted.graph)


def test_an_int8_model_is_told_so_before_its_calibration_data_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = last(classifier())
    model = tmp_path / "net.tflite"
    model.write_bytes(convert(write_model(graph), graph, data(graph)).model)
    assert main(["convert", str(model), "--calibration", str(tmp_path / "nothing.npz")]) == 2
    assert "is an integer model already" in capsys.readouterr().err


def test_a_model_quantized_in_part_is_refused_and_says_which_operators() -> None:
    graph = last(classifier())
    inner = convert(write_model(graph), graph, data(graph)).graph
    count = len(inner.tensors)
    shape = inner[inner.outputs[0]].shape
    tensors = (*inner.tensors, Tensor("f", shape, DType.FLOAT32), Tensor("g", shape, DType.FLOAT32))
    operators = (
        *inner.operators,
        Operator("DEQUANTIZE", (inner.outputs[0],), (count,), version=2),
        Operator("TANH", (count,), (count + 1,)),
    )
    mixed = inner.replace(tensors=tensors, operators=operators, outputs=(count + 1,))
    assert "quantized in part" in refused(mixed, Dataset((np.zeros((1, 8, 8, 2), np.int8),), None, ""))


def test_an_unknown_operator_is_named_with_its_tensor() -> None:
    net = Net(20)
    made = net.same("SIN", net.input(1, 4, 4, 1))
    assert refused(net.graph(made)) == (
        f"operator 0 (SIN), which makes tensor '{net.tensors[made].name}', cannot be quantized"
    )


def test_a_dynamic_shape_beyond_the_batch_is_refused() -> None:
    net = Net(21)
    x = net.input(1, 4, 4, 1)
    net.tensors[x] = replace(net.tensors[x], shape_signature=(-1, -1, 4, 1))
    assert "dynamic shape [-1, -1, 4, 1]" in refused(net.graph(net.same("RELU", x)))


def test_weights_that_are_computed_are_refused() -> None:
    net = Net(22)
    x, w = net.input(1, 4), net.input(3, 4)
    graph = net.graph(net.op("FULLY_CONNECTED", (x, w, -1), (1, 3)))
    samples = Dataset((np.ones((2, 4), np.float32), np.ones((2, 3, 4), np.float32)), None, "")
    assert "are not a constant" in refused(graph, samples)


def test_a_bias_of_another_length_is_refused() -> None:
    net = Net(23)
    x = net.input(1, 4)
    graph = net.graph(net.op("FULLY_CONNECTED", (x, net.normal(3, 4), net.normal(2)), (1, 3)))
    assert "does not fit weights" in refused(graph)


def test_weights_with_nan_are_refused() -> None:
    net = Net(24)
    graph = net.graph(
        net.op("FULLY_CONNECTED", (net.input(1, 2), net.floats(np.array([[1.0, np.nan]])), -1), (1, 1))
    )
    assert "NaN" in refused(graph)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_constant_calibration_data_is_refused(value: float) -> None:
    graph = last(classifier())
    samples = Dataset((np.full((4, 8, 8, 2), value, np.float32),), None, "")
    assert "all calibration values" in refused(graph, samples)


def test_a_model_that_computes_nan_is_refused_and_the_tensor_named() -> None:
    net = Net(25)
    x = net.input(1, 3)
    large = net.same("MUL", x, net.floats(np.array([1e14])), fused_activation_function="NONE")
    larger = net.same("MUL", large, net.floats(np.array([1e14])), fused_activation_function="NONE")
    graph = net.graph(net.same("MUL", larger, larger, fused_activation_function="NONE"))
    assert f"'{graph[larger].name}' of operator 1 (MUL)" in refused(graph)


@pytest.mark.parametrize("inputs", [(0,), ()])
def test_an_operator_without_its_inputs_is_refused(inputs: tuple[int, ...]) -> None:
    net = Net(26)
    net.input(1, 3)
    graph = net.graph(net.op("ADD", inputs, (1, 3)))
    assert "has not the inputs and outputs of its kind" in refused(graph)


def test_damaged_models_are_converted_or_refused() -> None:
    """Bytes of the file's tables changed at random: never anything but an EdgeqError, and no warning."""
    graph = last(classifier())
    whole = np.frombuffer(write_model(graph), np.uint8)
    rng = np.random.default_rng(4)
    outcomes = Counter[str]()
    for _ in range(25):
        damaged = whole.copy()
        places = rng.integers(0, len(whole), 4)
        damaged[places] = rng.integers(0, 256, 4)
        try:
            found = read_model(damaged.tobytes())
        except ModelError:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                convert(damaged.tobytes(), found, random_data(found.input_tensors, 2))
            outcomes["converted"] += 1
        except EdgeqError:
            outcomes["refused"] += 1
    assert outcomes["converted"] + outcomes["refused"] > 5


def test_data_for_another_number_of_inputs_is_refused() -> None:
    graph = last(classifier())
    samples = Dataset((*data(graph).x, *data(graph).x), None, "")
    assert "1 inputs, the calibration data 2" in refused(graph, samples)
