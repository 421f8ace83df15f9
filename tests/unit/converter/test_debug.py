"""A fault put into an int8 model is the first thing that `edgeq debug` names, with what is wrong and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgeq.base.errors import ModelError
from edgeq.converter import convert
from edgeq.converter.ops import RULES
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, QuantParams, write_model
from edgeq.judge.ladder.forms import FORMS, Source

from .catalogue import CASES
from .debug_nets import int8, look, net, normal, of, unnamed, with_fit_bias, with_scale, with_tensor
from .nets import random_net
from .one import One


@pytest.fixture(scope="module")
def pair() -> tuple[Graph, Graph]:
    graph = net()
    return graph, int8(graph)


def test_a_sound_model_has_nobody_to_blame(pair: tuple[Graph, Graph]) -> None:
    found = look(*pair)
    assert found.blamed == () and found.samples == 8
    assert {layer.operator for layer in found.layers} == {-1, *range(len(pair[1].operators))}
    assert [layer.rank for layer in found.layers] == sorted(layer.rank for layer in found.layers)
    ((name, level),) = found.outputs
    assert name == pair[0].output_tensors[0].name and level is not None and level > 25


@pytest.mark.sample(4)
@pytest.mark.parametrize("mended", [True, False])
@pytest.mark.parametrize("position", [0, 1, 2, 4])
@pytest.mark.parametrize(("times", "told"), [(0.2, "range clipped"), (40.0, "range too wide")])
def test_the_layer_of_a_spoiled_range_is_named_first(
    pair: tuple[Graph, Graph], position: int, times: float, told: str, mended: bool
) -> None:
    """Also where the next layer's bias was left as it was, so that this one is wrong as well."""
    graph, other = pair
    spoiled = with_scale(other, position, times)
    if mended and position < 2:
        spoiled = with_fit_bias(spoiled, position + 1)
    found = look(graph, spoiled)
    worst = found.layers[0]
    if position < 2:
        assert of(found, position + 1).cause.startswith("bias") != mended
    assert worst.operator == position
    assert worst.cause.startswith(told)
    assert any("calibrat" in step for step in worst.advice)
    assert (worst.clipped > 0.05) == (times < 1)
    assert (worst.used < 0.1) == (times > 1)


def test_an_inputs_range_is_told_as_the_inputs(pair: tuple[Graph, Graph]) -> None:
    graph, other = pair
    index = other.inputs[0]
    quant = other[index].quant
    assert quant is not None
    narrow = QuantParams.per_tensor(quant.scale / 10, quant.zero_point)
    worst = look(graph, with_tensor(other, index, quant=narrow)).layers[0]
    assert (worst.title, worst.operator) == ("input 0", -1)
    assert "--normalize" in worst.advice[0]


@pytest.mark.sample(2)
@pytest.mark.parametrize("mode", ["minmax", "auto"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_spoiled_weights_are_told_from_a_spoiled_range(mode: str, position: int) -> None:
    graph = net()
    other = int8(graph, mode)
    index = other.operators[position].inputs[1]
    weights = np.array(other[index].data)
    channel = (slice(None),) * 3 + (0,) if other.operators[position].opcode.startswith("DEPTH") else (0,)
    weights[channel] = -weights[channel]
    worst = look(graph, with_tensor(other, index, data=weights)).layers[0]
    assert worst.operator == position
    assert worst.cause.startswith("weights")
    weights_share, step = worst.shares["weights"], worst.shares["step"]
    assert weights_share is not None and step is not None and weights_share > 10 * step


def test_weights_of_one_scale_are_told_to_be_so(pair: tuple[Graph, Graph]) -> None:
    graph, other = pair
    index = other.operators[0].inputs[1]
    coarse = np.clip(np.rint(np.asarray(graph[graph.operators[0].inputs[1]].data) / 0.5), -127, 127)
    other = with_tensor(other, index, data=coarse.astype(np.int8), quant=QuantParams.per_tensor(0.5, 0))
    other = with_fit_bias(other, 0)
    worst = look(graph, other).layers[0]
    assert worst.operator == 0 and worst.cause == "weights: one scale for all output channels"
    assert "per channel" in worst.advice[0]


def test_a_bias_of_another_scale_is_told_where_the_range_before_it_is_right(
    pair: tuple[Graph, Graph],
) -> None:
    graph, other = pair
    index = other.operators[2].inputs[2]
    quant = other[index].quant
    assert quant is not None
    times = replace(quant, scales=quant.scales * np.float32(9))
    data = np.asarray(other[index].data) * 9
    worst = look(graph, with_tensor(other, index, data=data.astype(np.int32), quant=times)).layers[0]
    assert worst.operator == 2 and worst.cause.startswith("bias")


def test_local_errors_do_not_come_from_before_and_cumulative_ones_do(pair: tuple[Graph, Graph]) -> None:
    graph, other = pair
    sound = look(graph, other)
    spoiled = look(graph, with_fit_bias(with_scale(other, 0, 40.0), 1))
    after_sound, after = of(sound, 2), of(spoiled, 2)
    assert after.local == after_sound.local and after.own == after_sound.own
    cumulative, before = after.cumulative.sqnr, after_sound.cumulative.sqnr
    assert cumulative is not None and before is not None and cumulative < before - 10


def test_the_figures_are_those_that_numpy_finds() -> None:
    """One operator, computed here as well: its steps, its inputs' steps, its error with both."""
    one = One(3)
    graph = one.graph(one.same("TANH", one.input(1, 4, 4, 2)))
    other = int8(graph)
    data = normal(graph, 5, 2)
    found = look(graph, other, data)
    layer, source = of(found, 0), of(found, -1)
    assert layer.local is not None and layer.own is not None
    x = data.x[0].astype(np.float64)
    quant = other.input_tensors[0].quant
    assert quant is not None
    near = (np.clip(np.rint(x / quant.scale) + quant.zero_point, -128, 127) - quant.zero_point) * quant.scale
    error = near - x
    assert source.cumulative.mse == pytest.approx((error**2).mean(), rel=1e-3)
    assert source.cumulative.mean == pytest.approx(error.mean(), abs=1e-6)
    assert source.cumulative.stddev == pytest.approx(error.std(), rel=1e-3)
    assert source.cumulative.max_abs == pytest.approx(np.abs(error).max(), rel=1e-3)
    y = np.tanh(x)
    step = np.clip(np.rint(y * 128), -128, 127) / 128 - y
    shares = layer.shares
    assert shares["inputs"] == pytest.approx(((np.tanh(near) - y) ** 2).mean(), rel=0.02)
    assert shares["step"] == pytest.approx((step**2).mean(), rel=0.05)
    assert shares["weights"] is None
    assert layer.scale == pytest.approx(1 / 128)
    assert layer.local.sqnr == pytest.approx(10 * np.log10((y**2).mean() / layer.local.mse), abs=0.01)


def test_other_names_are_matched_by_order(pair: tuple[Graph, Graph]) -> None:
    graph, other = pair
    by_name, by_order = look(graph, other), look(graph, unnamed(other))
    assert [layer.rank for layer in by_name.layers] == [layer.rank for layer in by_order.layers]
    assert not by_name.notes and any("order" in note for note in by_order.notes)


def test_uint8_io_and_its_quantize_operators_are_seen_through() -> None:
    graph = net()
    other = convert(write_model(graph), graph, normal(graph), io="uint8", mode="minmax").graph
    assert other.operators[0].opcode == other.operators[-1].opcode == "QUANTIZE"
    found = look(graph, with_scale(other, 2, 40.0))
    assert found.layers[0].operator == 2 and found.layers[0].cause.startswith("range too wide")
    assert all(layer.opcode != "QUANTIZE" and layer.local is not None for layer in found.layers)


@pytest.mark.parametrize("form", ["int16x8", "fallback", "dynamic"])
def test_every_quantized_form_can_be_looked_at(form: str) -> None:
    graph = net()
    model = write_model(graph)
    other = FORMS[form].make(Source.of(model, graph, normal(graph))).graph
    found = look(graph, other)
    assert all(layer.rank > 20 for layer in found.layers)
    if form == "int16x8":
        assert of(found, 0).dtype == "INT16" and of(found, 0).rank > 35


def test_several_inputs_in_another_order() -> None:
    one = One(5)
    a, b = one.input(1, 4, 4, 3), one.input(1, 4, 4, 3)
    graph = one.graph(one.conv(one.same("ADD", a, b, fused_activation_function="NONE"), 4))
    other = int8(graph)
    swapped = other.replace(inputs=other.inputs[::-1])
    data = normal(graph, 6)
    data = replace(data, x=(data.x[0], 3 * data.x[1]))
    found = look(graph, swapped, data)
    assert {layer.title for layer in found.layers} >= {"input 0", "input 1"}
    assert found.layers[0].tensor == other.input_tensors[1].name, "the one with data of three times the size"
    assert found.layers[0].cause.startswith("range clipped")


@pytest.mark.parametrize("passed", [True, False])
def test_channels_that_the_automatic_mode_multiplied_are_no_error(passed: bool) -> None:
    one = One(11)
    x = one.conv(one.input(1, 8, 8, 3), 8, act="RELU")
    producer = one.operators[-1].inputs
    small = np.array([1, 0.05, 1, 0.2, 1, 0.1, 1, 1], np.float32)
    for index, shape in ((producer[1], (-1, 1, 1, 1)), (producer[2], (-1,))):
        scaled = np.asarray(one.tensors[index].data, np.float32) * small.reshape(shape)
        one.tensors[index] = replace(one.tensors[index], data=scaled)
    graph = one.graph(one.conv(one.depthwise(x, "RELU"), 4) if passed else one.depthwise(x))
    found = look(graph, int8(graph, "auto"))
    assert any("multiples" in note for note in found.notes)
    assert found.blamed == () and all(layer.rank > 30 for layer in found.layers)


def test_what_the_next_operator_drops_is_no_fault() -> None:
    """A range that ends at 0 cuts off just what a RELU drops."""
    one = One(6)
    x = one.conv(one.input(1, 6, 6, 3), 6)
    graph = one.graph(one.conv(one.same("RELU", x), 4))
    other = int8(graph)
    index = other.operators[0].outputs[0]
    quant = other[index].quant
    assert quant is not None
    high = QuantParams.per_tensor(quant.scale * (127 - quant.zero_point) / 255, -128)
    found = look(graph, with_tensor(other, index, quant=high))
    assert of(found, 0).clipped > 0.2 and of(found, 0).rank < 10
    assert found.blamed == ()
    seen = look(graph, with_tensor(other, index, quant=QuantParams.per_tensor(quant.scale / 5, -128)))
    assert seen.layers[0].operator == 0, "what is above its end is missed"


@pytest.mark.parametrize("name", ["SPLIT", "ELU", "L2_POOL_2D", "UNIDIRECTIONAL_SEQUENCE_LSTM", "SVDF"])
def test_several_outputs_tables_substitutes_and_state(name: str) -> None:
    case = CASES[name]
    graph = case.graph()
    x = case.samples(graph, 20, 0)
    calibration = Dataset(x, None, "uniform")
    other = convert(write_model(graph), graph, calibration, mode="minmax", rewrite=True).graph
    found = look(graph, other, Dataset(tuple(a[:5] for a in x), None, "uniform"))
    assert len([layer for layer in found.layers if layer.operator >= 0]) >= len(graph.outputs)
    assert all(layer.local is not None for layer in found.layers)
    assert all(level is None or level > 15 for _, level in found.outputs)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["minmax", "auto"])
@pytest.mark.parametrize("seed", range(20))
def test_random_networks_can_be_looked_at(seed: int, mode: str) -> None:
    graph = random_net(seed)
    found = look(graph, int8(graph, mode))
    assert len(found.layers) > 3
    assert all(layer.local is not None and layer.own is not None for layer in found.layers)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["minmax", "auto"])
@pytest.mark.parametrize("seed", range(20))
def test_a_spoiled_range_is_named_first_in_random_networks(seed: int, mode: str) -> None:
    graph = random_net(seed)
    other = int8(graph, mode)
    rng = np.random.default_rng(seed)
    own = [
        op.outputs[0]
        for op in other.operators
        if op.opcode in RULES and RULES[op.opcode].tie == "free" and RULES[op.opcode].fixed is None
    ]
    free = [index for index in own if index not in other.outputs]
    if not free:
        pytest.skip("every scale of this network is fixed or another's")
    spoiled, times, waiting = other, float(rng.choice([0.15, 30.0])), [int(rng.choice(free))]
    target = waiting[0]
    while waiting:  # along what keeps its input's scale, as a converter would
        index = waiting.pop()
        quant = other[index].quant
        assert quant is not None
        spoiled = with_tensor(
            spoiled, index, quant=QuantParams.per_tensor(quant.scale * times, quant.zero_point)
        )
        for op in other.operators:
            if index in op.inputs and op.opcode in RULES and RULES[op.opcode].tie == "input":
                waiting += op.outputs
    try:
        found = look(graph, spoiled)
    except ModelError:
        pytest.skip("LiteRT refuses scales that differ where they are to be one")
    assert found.layers[0].index == target


def test_what_is_no_pair_is_refused(pair: tuple[Graph, Graph]) -> None:
    graph, other = pair
    with pytest.raises(ModelError, match="integer model") as caught:
        look(other, other)
    assert "float model first" in caught.value.hint
    with pytest.raises(ModelError, match="not quantized"):
        look(graph, graph)
    one = One(9)
    x = one.conv(one.conv(one.input(1, 8, 8, 3), 2), 7)
    stranger = unnamed(int8(one.graph(one.dense(one.flatten(x), 5))))
    with pytest.raises(ModelError, match=r"not one network.* 6 and 4 operators") as caught:
        look(graph, stranger)
    assert "made from" in caught.value.hint
    small = One(9)
    smaller = int8(small.graph(small.conv(small.input(1, 6, 6, 3), 4)))
    with pytest.raises(ModelError, match="their inputs are"):
        look(graph, smaller)


def test_float_tensors_have_no_range() -> None:
    graph = net()
    other = FORMS["dynamic"].make(Source.of(write_model(graph), graph, normal(graph))).graph
    assert other.input_tensors[0].dtype is DType.FLOAT32
    found = look(graph, other)
    assert all(layer.held is None and layer.scale is None and layer.clipped == 0 for layer in found.layers)
