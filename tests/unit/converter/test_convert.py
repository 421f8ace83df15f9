"""What convert does besides equalling LiteRT: what differs on purpose, and what is prepared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.converter import convert
from edgeq.data import dequantize
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model
from edgeq.interpreter import run

from .nets import Net
from .oracle import litert
from .small_models import classifier, data, last, sqnr, strict

# --- the result ---------------------------------------------------------------------------------


def test_the_int8_model_is_close_to_the_float_model() -> None:
    graph = last(classifier())
    model = write_model(graph)
    converted = convert(model, graph, data(graph))
    assert strict(converted.graph)
    assert sqnr(graph, model, converted.graph, converted.model, data(graph, 64, 1)) > 25


def test_the_same_model_and_data_give_the_same_bytes() -> None:
    graph = last(classifier())
    model = write_model(graph)
    assert convert(model, graph, data(graph)).model == convert(model, graph, data(graph)).model


def test_uint8_inputs_and_outputs_are_the_int8_ones_moved_by_128() -> None:
    graph = last(classifier())
    model = write_model(graph)
    int8, uint8 = convert(model, graph, data(graph)), convert(model, graph, data(graph), io="uint8")
    assert [t.dtype for t in (*uint8.graph.input_tensors, *uint8.graph.output_tensors)] == [DType.UINT8] * 2
    assert [op.opcode for op in uint8.graph.operators][:: len(uint8.graph.operators) - 1] == ["QUANTIZE"] * 2
    assert uint8.graph.input_tensors[0].name == graph.input_tensors[0].name
    assert strict(uint8.graph)
    x = np.random.default_rng(2).integers(-128, 128, (20, 8, 8, 2), dtype=np.int8)
    moved = (x.astype(np.int16) + 128).astype(np.uint8)
    expected = run(int8.model, [x])[0].astype(np.int16) + 128
    np.testing.assert_array_equal(run(uint8.model, [moved])[0], expected)


def test_several_inputs_and_outputs() -> None:
    net = Net(7)
    a, b = net.input(1, 4, 4, 3), net.input(1, 4, 4, 3)
    joined = net.same("ADD", a, b, fused_activation_function="NONE")
    graph = net.graph(net.conv(joined, 4), net.same("TANH", joined))
    converted = convert(write_model(graph), graph, data(graph), io="uint8")
    assert len(converted.graph.inputs) == len(converted.graph.outputs) == 2
    assert strict(converted.graph)


# --- deliberate differences ---------------------------------------------------------------------


def shared_bias_net() -> Graph:
    """Two convolutions with one bias tensor; the scales of their inputs differ by a factor of about 50."""
    net = Net(11)
    x = net.input(1, 6, 6, 4)
    bias = net.normal(4)
    large = net.conv(x, 4, 1, bias=bias)
    scaled = net.same("MUL", large, net.floats(np.array([50.0])), fused_activation_function="NONE")
    return net.graph(net.conv(scaled, 4, 1, bias=bias))


def test_a_shared_bias_gets_a_copy_for_each_scale_where_litert_keeps_one() -> None:
    graph = shared_bias_net()
    model = write_model(graph)
    samples = data(graph)
    ours = convert(model, graph, samples)
    biases = [ours.graph[op.inputs[2]] for op in ours.graph.operators if op.opcode == "CONV_2D"]
    for op, bias in zip([op for op in ours.graph.operators if op.opcode == "CONV_2D"], biases, strict=True):
        source, weights = ours.graph[op.inputs[0]], ours.graph[op.inputs[1]]
        assert source.quant and weights.quant and bias.quant
        np.testing.assert_array_equal(
            bias.quant.scales, np.float32(source.quant.scale) * weights.quant.scales
        )
    assert len({bias.name for bias in biases}) == 2
    assert any("copy for each" in note for note in ours.notes)
    their_model, theirs = litert(model, list(samples.x))
    assert len({op.inputs[2] for op in theirs.operators if op.opcode == "CONV_2D"}) == 1
    unseen = data(graph, 64, 1)
    good = sqnr(graph, model, ours.graph, ours.model, unseen)
    bad = sqnr(graph, model, theirs, their_model, unseen)
    assert good > bad + 6


def test_a_bias_shared_at_one_scale_stays_one() -> None:
    net = Net(12)
    x = net.input(1, 6, 6, 4)
    bias, weights = net.normal(4), net.normal(4, 1, 1, 4)
    options = {"padding": "SAME", "stride_w": 1, "stride_h": 1, "fused_activation_function": "NONE"}
    outputs = [net.op("CONV_2D", (x, weights, bias), (1, 6, 6, 4), **options) for _ in range(2)]
    graph = net.graph(*outputs)
    converted = convert(write_model(graph), graph, data(graph)).graph
    assert len({op.inputs[1:] for op in converted.operators}) == 1


def test_a_constant_in_two_roles_has_the_integers_of_each() -> None:
    net = Net(17)
    x = net.input(1, 3)
    weights = net.normal(1, 3)  # one output channel, and also added to the input
    summed = net.same("ADD", x, weights, fused_activation_function="NONE")
    graph = net.graph(net.op("FULLY_CONNECTED", (summed, weights, -1), (1, 1)), summed)
    converted = convert(write_model(graph), graph, data(graph))
    assert len({op.inputs[1] for op in converted.graph.operators}) == 2
    assert strict(converted.graph)


def test_a_constant_that_two_concatenations_take_is_requantized_in_the_file() -> None:
    net = Net(18)
    x = net.input(1, 4, 4, 2)
    constant = net.normal(1, 4, 4, 2, spread=0.3)
    double = net.same("MUL", x, net.floats(np.array([2.0])), fused_activation_function="NONE")
    graph = net.graph(net.concat([x, constant]), net.concat([double, constant]))
    converted = convert(write_model(graph), graph, data(graph))
    joins = [op for op in converted.graph.operators if op.opcode == "CONCATENATION"]
    for op in joins:
        part, whole = converted.graph[op.inputs[1]], converted.graph[op.outputs[0]]
        assert part.is_constant and part.quant is not None and whole.quant is not None
        assert (part.quant.scale, part.quant.zero_point) == (whole.quant.scale, whole.quant.zero_point)
        error = np.abs(dequantize(part.data, part) - graph[constant].data)
        symmetric = np.abs(graph[constant].data).max() / 127
        assert error.max() <= (part.quant.scale + symmetric) / 2 * 1.001


def test_a_channel_without_weights_and_bias_has_a_usable_scale_and_gives_zero() -> None:
    net = Net(13)
    weights = np.array(net.rng.normal(0, 1, (3, 4)), np.float32)
    weights[1] = 0
    x = net.input(1, 4)
    graph = net.graph(net.op("FULLY_CONNECTED", (x, net.floats(weights), -1), (1, 3)))
    converted = convert(write_model(graph), graph, data(graph))
    quant = converted.graph[converted.graph.operators[0].inputs[1]].quant
    assert quant is not None and quant.scales[1] == quant.scales.max() > 0
    output = converted.graph.output_tensors[0]
    x8 = np.random.default_rng(0).integers(-128, 128, (10, 4), dtype=np.int8)
    assert (dequantize(run(converted.model, [x8])[0], output)[:, 1] == 0).all()


def test_the_value_that_padv2_fills_in_is_quantized_with_its_input() -> None:
    net = Net(14)
    x = net.input(1, 4, 4, 2)
    pads = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32)
    paddings = net.tensor(pads.shape, DType.INT32, pads)
    graph = net.graph(net.op("PADV2", (x, paddings, net.floats(np.array([0.5]))), (1, 6, 6, 2)))
    converted = convert(write_model(graph), graph, data(graph))
    assert strict(converted.graph) or converted.graph.operators[0].opcode == "PADV2"
    result = run(converted.model, [np.zeros((1, 4, 4, 2), np.int8)])[0]
    corner = dequantize(result, converted.graph.output_tensors[0])[0, 0, 0, 0]
    quant = converted.graph.input_tensors[0].quant
    assert quant is not None and abs(corner - 0.5) <= quant.scale / 2


def test_an_activation_that_is_always_zero_is_reported_and_has_a_usable_scale() -> None:
    net = Net(15)
    x = net.input(1, 4, 4, 2)
    dead = net.same("RELU", net.same("MUL", net.same("RELU", x), net.floats(np.array([-1.0]))))
    graph = net.graph(dead)
    converted = convert(write_model(graph), graph, data(graph))
    assert any(f"'{graph[dead].name}'" in note and "is 0 for all" in note for note in converted.notes)
    assert (run(converted.model, [np.zeros((1, 4, 4, 2), np.int8)])[0] == -128).all()


# --- what is prepared ---------------------------------------------------------------------------


def test_int8_weights_in_a_float_model_are_made_float_first_and_it_says_so() -> None:
    graph = last(classifier())
    position = graph.operators[-1].inputs[1]
    scale = float(np.abs(graph[position].data).max() / 127)
    stored = np.rint(np.asarray(graph[position].data) / scale).astype(np.int8)
    tensors = list(graph.tensors)
    tensors[position] = replace(
        tensors[position], dtype=DType.INT8, data=stored, quant=QuantParams.per_tensor(scale, 0)
    )
    hybrid = graph.replace(tensors=tuple(tensors))
    tensors[position] = replace(graph[position], data=stored.astype(np.float32) * np.float32(scale))
    plain = graph.replace(tensors=tuple(tensors))
    ours = convert(write_model(hybrid), hybrid, data(graph))
    assert any("Weights were integers already (dynamic range): 1 tensor " in note for note in ours.notes)
    assert ours.model == convert(write_model(plain), plain, data(graph)).model


def test_float16_weights_are_folded() -> None:
    graph = last(classifier())
    position = graph.operators[-1].inputs[1]
    half = Tensor("half", graph[position].shape, DType.FLOAT16, data=graph[position].data.astype(np.float16))
    tensors = (
        *graph.tensors[:position],
        replace(graph[position], data=None),
        *graph.tensors[position + 1 :],
        half,
    )
    cast = Operator("DEQUANTIZE", (len(tensors) - 1,), (position,))
    folded = graph.replace(tensors=tensors, operators=(cast, *graph.operators))
    converted = convert(write_model(folded), folded, data(graph))
    assert "DEQUANTIZE" not in [op.opcode for op in converted.graph.operators]
    assert any("float16" in note for note in converted.notes)
    assert strict(converted.graph)


def test_a_dynamic_batch_is_frozen_and_what_computes_shapes_disappears() -> None:
    net = Net(16)
    x = net.input(1, 4, 4, 3)
    net.tensors[x] = replace(net.tensors[x], shape_signature=(-1, 4, 4, 3))
    y = net.conv(x, 4)
    shape = net.tensor((4,), DType.INT32)
    batch = net.tensor((1,), DType.INT32)
    pair = net.tensor((2,), DType.INT32)
    net.operators.append(Operator("SHAPE", (y,), (shape,), {"out_type": "INT32"}))
    net.operators.append(
        Operator("STRIDED_SLICE", (shape, net.ints(0), net.ints(1), net.ints(1)), (batch,), {})
    )
    net.operators.append(Operator("CONCATENATION", (batch, net.ints(64)), (pair,), {"axis": 0}))
    flat = net.op("RESHAPE", (y, pair), (1, 1))
    net.tensors[flat] = replace(net.tensors[flat], shape_signature=(-1, -1))
    weights = net.normal(5, 64)
    graph = net.graph(net.op("FULLY_CONNECTED", (flat, weights, -1), (1, 5)))
    converted = convert(write_model(graph), graph, data(graph))
    assert [op.opcode for op in converted.graph.operators] == ["CONV_2D", "RESHAPE", "FULLY_CONNECTED"]
    assert not any(t.is_dynamic for t in converted.graph.tensors)
    assert converted.graph[converted.graph.operators[1].outputs[0]].shape == (1, 64)
    assert "The dynamic batch is frozen to 1." in converted.notes
    assert strict(converted.graph)


def test_an_int8_model_with_float_inputs_and_outputs_only_loses_these() -> None:
    graph = last(classifier())
    inner = convert(write_model(graph), graph, data(graph))
    source, result = inner.graph.inputs[0], inner.graph.outputs[0]
    count = len(inner.graph.tensors)
    wrapped = inner.graph.replace(
        tensors=(
            *inner.graph.tensors,
            Tensor("in", inner.graph[source].shape, DType.FLOAT32),
            Tensor("out", inner.graph[result].shape, DType.FLOAT32),
        ),
        operators=(
            Operator("QUANTIZE", (count,), (source,)),
            *inner.graph.operators,
            Operator("DEQUANTIZE", (result,), (count + 1,), version=2),
        ),
        inputs=(count,),
        outputs=(count + 1,),
    )
    converted = convert(write_model(wrapped), wrapped, data(graph))
    assert any("int8 inside already" in note for note in converted.notes)
    x = np.random.default_rng(0).integers(-128, 128, (8, 8, 8, 2), dtype=np.int8)
    np.testing.assert_array_equal(run(converted.model, [x])[0], run(inner.model, [x])[0])


def test_few_samples_are_remarked() -> None:
    graph = last(classifier())
    notes = convert(write_model(graph), graph, data(graph, 3)).notes
    assert any("3 samples only" in note for note in notes)


def test_the_graph_given_back_is_that_of_the_file() -> None:
    graph = last(classifier())
    converted = convert(write_model(graph), graph, data(graph))
    again = read_model(converted.model, graph.name)
    assert [t.name for t in again.tensors] == [t.name for t in converted.graph.tensors]
