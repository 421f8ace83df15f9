"""What random graphs found, each alone: forms that nobody had drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import differences, extremes, holds_here
from layers import Layers
from native import Native, compiled_graph
from nets import Net
from older import make_older
from recurrent import Lstm, program
from wide import Wide

from edgeq.backends.aot.generate import generate
from edgeq.backends.project.budget import Budget
from edgeq.base.errors import ModelError
from edgeq.boards import load_board
from edgeq.checker import check, examine
from edgeq.graph import DType, Graph, write_model
from edgeq.interpreter import judged

NONE = {"fused_activation_function": "NONE"}


def rules(net: Net) -> list[str]:
    return [finding.rule for finding in examine(net.graph()) if finding.severity == "error"]


def test_every_output_of_an_operator_of_constants_is_there(tmp_path: Path) -> None:
    net = Net(1)
    net.op("RELU", [net.input([1, 4])], [1, 4], output=True)
    parts = net.parts("UNPACK", [net.constant([1, 3, 4], (0.1, 3))], [[1, 4]] * 3, (0.1, 3), num=3, axis=1)
    net.outputs += [parts[2], parts[1]]
    holds_here(net, tmp_path)


def test_constants_are_computed_by_the_judge_of_their_operator(tmp_path: Path) -> None:
    """LiteRT's reference has no ELU, and its SUM gives a constant; and none of them reads an input."""
    net = Net(2)
    net.op("RELU", [net.input([1, 4])], [1, 4], output=True)
    x = net.constant([1, 6])
    net.op("ELU", [x], [1, 6], output=True)
    net.op("SUM", [x, net.ints([1])], [1, 1], (0.7, 5), output=True, keep_dims=True)
    graph, inputs = net.graph(), extremes(net)
    model = write_model(graph)
    found = Native(compiled_graph(graph, model), tmp_path).run(inputs)
    assert differences(graph, judged("aot", model, inputs).outputs, found) == []


def test_a_layer_of_constants_is_a_copy_for_little_memory_too(tmp_path: Path) -> None:
    """What it would have cost as a layer is not asked."""
    net = Layers(11)
    net.op("RELU", [net.input([1, 4])], [1, 4], output=True)
    net.layer("CONV_2D", net.constant([1, 4, 4, 2], (1.0, 3)), [1, 4, 4, 3], (3, 3), output=True)
    make_older(net, np.random.default_rng(1))
    holds_here(net, tmp_path, budget=Budget("ram"))


def test_sizes_are_known_beside_a_batch(tmp_path: Path) -> None:
    net = Net(3)
    x = net.input([3, 4])
    limit = net.tensor((), data=np.array(0, np.int32), dtype=DType.INT32)
    rows = net.op("MAXIMUM", [net.ints([-5, 1]), limit], [2], dtype=DType.INT32)
    net.op("GATHER", [x, rows], [2, 4], net.same_quant(x), axis=0, batch_dims=0, output=True)
    checked = check(write_model(net.graph()), name="batch")
    inputs = extremes(net)
    found = Native(generate(checked, load_board("host")), tmp_path).run(inputs)
    assert differences(checked.graph, judged("aot", checked.model, inputs).outputs, found) == []


def test_slopes_of_int16_with_a_zero_point(tmp_path: Path) -> None:
    net = Wide(4)
    x = net.input([1, 5, 7])
    for zero in (-128, 9, 127):
        data = net.random.integers(-128, 128, 7).astype(np.int8)
        net.op(
            "PRELU", [x, net.tensor((7,), (0.02, zero), data=data, dtype=DType.INT8)], [1, 5, 7], output=True
        )
    holds_here(net, tmp_path)


def test_a_place_of_64_bits(tmp_path: Path) -> None:
    """Beyond 32 bits it is moved to the end that it is nearer to."""
    net = Net(5)
    x, begin = net.input([1, 6]), net.input([2], dtype=DType.INT64)
    part = net.constant([1, 2], net.same_quant(x))
    net.op("DYNAMIC_UPDATE_SLICE", [x, part, begin], [1, 6], net.same_quant(x), output=True)
    places = [2**32 + 1, -(2**32) + 1, 2**31, 2**33 - 1, 3, -1, -(2**31) - 1]
    inputs = net.samples(len(places))
    inputs[1][:] = np.array([[0, place] for place in places])
    holds_here(net, tmp_path, inputs=inputs)


def test_weights_of_a_transposed_convolution_with_a_zero_point(tmp_path: Path) -> None:
    for seed in range(3):
        net = Net(seed)
        x = net.input([2, 4, 3, 5])
        weights = net.tensor((4, 3, 2, 5), (0.01, 0), data=np.zeros((4, 3, 2, 5), np.int8))
        options = {"padding": "SAME", "stride_h": 2, "stride_w": 1, **NONE}
        shape = [2, 8, 3, 4]
        net.op("TRANSPOSE_CONV", [net.ints(shape), weights, x], shape, output=True, **options)
        make_older(net, np.random.default_rng(seed))
        holds_here(net, tmp_path / str(seed))


def test_first_values_are_declared_as_they_are_aligned() -> None:
    """A compiler may take a longer array for aligned by 16, where its declaration says nothing else."""
    files = compiled_graph(program(3, width=32)).files
    lines = files["src/network/edgeq_weights.h"].decode().splitlines()
    firsts = [line for line in lines if "edgeq_initial_" in line]
    assert firsts and all(line.startswith("extern __attribute__((aligned(") for line in firsts)


@pytest.mark.parametrize(
    ("opcode", "values", "shape", "options"),
    [
        ("MEAN", [1], [1, 1, 4], {"keep_dims": True}),
        ("REVERSE_V2", [1], [1, 3, 4], {}),
        ("TRANSPOSE", [0, 2, 1], [1, 4, 3], {}),
    ],
)
def test_numbers_of_64_bits_that_litert_would_misread(
    opcode: str, values: list[int], shape: list[int], options: dict[str, bool]
) -> None:
    for dtype, wanted in ((np.int32, []), (np.int64, ["operand-type"])):
        net = Net(6)
        x = net.input([1, 3, 4])
        numbers = net.tensor(
            (len(values),), data=np.array(values, dtype), dtype=DType(np.dtype(dtype).name.upper())
        )
        net.op(opcode, [x, numbers], shape, net.same_quant(x), output=True, **options)
        assert rules(net) == wanted


def test_scales_that_litert_wants_to_be_one() -> None:
    for opcode, inputs, shape in (
        ("EXPAND_DIMS", [0], [1, 1, 3]),
        ("MIRROR_PAD", [[0, 0], [1, 1]], [1, 5]),
    ):
        net = Net(7)
        x = net.input([1, 3], (0.1, 0))
        options = {"mode": "SYMMETRIC"} if opcode == "MIRROR_PAD" else {}
        net.op(opcode, [x, net.ints(inputs)], shape, (0.2, 0), output=True, **options)
        assert rules(net) == ["scales-differ"]


def test_a_truth_value_of_many_dimensions_chooses_nothing() -> None:
    net = Net(8)
    x, y = net.input([1, 3], (0.1, 0)), net.input([1, 3], (0.1, 0))
    when = net.input([1, 1, 1], dtype=DType.BOOL)
    net.op("SELECT", [when, x, y], [1, 3], (0.1, 0), output=True)
    assert rules(net) == ["shape"]


def test_a_second_matrix_beside_int16_has_no_zero_point() -> None:
    net = Wide(9)
    y = net.input([1, 4, 2], (0.1, 3), dtype=DType.INT8)
    x = net.input([1, 3, 4])
    options = {"adj_x": False, "adj_y": False, "asymmetric_quantize_inputs": False}
    net.op("BATCH_MATMUL", [x, y], [1, 3, 2], (0.01, 0), output=True, **options)
    assert rules(net) == ["operator-form"]


def test_a_layer_with_a_state_that_reads_a_constant_is_refused() -> None:
    graph: Graph = Lstm().graph()
    (source,) = graph.inputs
    net = Net(10)
    net.tensors = [*graph.tensors]
    net.operators = [*graph.operators]
    net.op("RELU", [net.input([1, 4])], [1, 4], output=True)
    data = np.zeros(graph[source].shape, np.int8)
    net.tensors[source] = replace(graph[source], data=data)
    net.outputs += graph.outputs
    with pytest.raises(ModelError, match="its input is constant"):
        compiled_graph(net.graph())


def test_bounds_of_fused_activations_beyond_32_bits() -> None:
    for scale, wanted in ((1e-8, []), (1e-9, ["fused-activation"])):
        net = Net(12)
        x, y = net.input([1, 3], (0.9 * scale, 0)), net.input([1, 3], (0.9 * scale, 0))
        options = {"fused_activation_function": "RELU6", "pot_scale_int16": False}
        net.op("ADD", [x, y], [1, 3], (scale, 0), output=True, **options)
        assert rules(net) == wanted


@pytest.mark.parametrize("dtype", [DType.INT32, DType.INT64])
def test_products_of_numbers_with_a_scale(dtype: DType) -> None:
    for quant, wanted in ((None, []), ((0.1, 0), ["operator-form"])):
        net = Net(13)
        x = net.input([1, 3, 4], quant, dtype=dtype)
        net.op("REDUCE_PROD", [x, net.ints([1])], [1, 4], quant, dtype=dtype, output=True, keep_dims=False)
        assert rules(net) == wanted


def test_products_of_constant_truth_values() -> None:
    net = Net(14)
    x = net.tensor((1, 3, 4), data=np.ones((1, 3, 4), np.bool_), dtype=DType.BOOL)
    net.op("REDUCE_PROD", [x, net.ints([1])], [1, 4], None, dtype=DType.BOOL, output=True, keep_dims=False)
    net.op("RELU", [net.input([1, 4])], [1, 4], output=True)
    assert rules(net) == ["operator-form"]


def test_places_of_64_bits_are_their_lower_halves(tmp_path: Path) -> None:
    net = Net(15)
    places = net.input([1, 3], None, dtype=DType.INT64)
    values = [net.tensor((), data=np.array(value, np.int32), dtype=DType.INT32) for value in (4, 7, -7)]
    net.op("ONE_HOT", [places, *values], [1, 3, 4], None, dtype=DType.INT32, output=True, axis=-1)
    graph = net.graph()
    x = np.array([[0, 3, 4], [-(2**63), 2**32 + 2, -1]], np.int64)
    model = write_model(graph)
    found = Native(compiled_graph(graph, model), tmp_path).run([x])
    assert differences(graph, judged("aot", model, [x]).outputs, found) == []


@pytest.mark.parametrize(
    ("base", "exponent"), [((), ()), ((1,), (1,)), ((1,), ()), ((), (1,)), ((1, 3), (1,)), ((1, 1), (1, 3))]
)
def test_powers_beyond_32_bits(base: tuple[int, ...], exponent: tuple[int, ...], tmp_path: Path) -> None:
    net = Net(16)
    x = net.input(list(base), None, dtype=DType.INT32)
    y = net.tensor(exponent, data=np.full(exponent, 33, np.int32), dtype=DType.INT32)
    shape = list(np.broadcast_shapes(base, exponent))
    net.op("POW", [x, y], shape, None, dtype=DType.INT32, output=True)
    graph = net.graph()
    samples = np.resize(np.array([3, -7, 2, 0, -(2**31)], np.int32), (5, *base[1:]))
    model = write_model(graph)
    found = Native(compiled_graph(graph, model), tmp_path).run([samples])
    assert differences(graph, judged("aot", model, [samples]).outputs, found) == []
