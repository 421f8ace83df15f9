"""Graphs of odd shapes: several inputs and outputs, aliases, constants, operators that nobody reads."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest
from native import Native, compiled_graph
from nets import FIXED, Net, activations, pooled

from edgeq.backends.project.project import Project
from edgeq.base.errors import ModelError
from edgeq.checker import examine
from edgeq.graph import DType, Graph, Operator, write_model
from edgeq.interpreter import run

SAMPLES = 10


def agrees(net: Net, folder: Path) -> Project:
    """The generated network gives the oracle's bytes; every sample begins on what the one before left."""
    graph = net.graph()
    model = write_model(graph)
    inputs = net.samples(SAMPLES)
    expected = run(model, inputs)
    project = compiled_graph(graph, model)
    found = Native(project, folder).run(inputs)
    for a, b in zip(expected, found, strict=True):
        assert np.array_equal(a.reshape(b.shape), b)
    return project


def test_several_inputs_and_outputs_that_are_read_on(tmp_path: Path) -> None:
    net = Net(1)
    a, b, c = net.input([1, 40]), net.input([1, 40]), net.input([1, 40])
    d = net.op("ADD", [a, b], [1, 40], output=True, fused_activation_function="NONE")
    e = net.op("RELU", [d], [1, 40], output=True)
    f = net.op("MUL", [e, c], [1, 40], fused_activation_function="RELU")
    net.op("ADD", [f, a], [1, 40], output=True, fused_activation_function="NONE")
    net.op("TANH", [d], [1, 40], FIXED["TANH"], output=True)
    agrees(net, tmp_path)


def test_an_input_that_is_an_output_by_reshape(tmp_path: Path) -> None:
    net = Net(2)
    a = net.input([1, 6, 4])
    net.op("RESHAPE", [a, net.ints([1, 24])], [1, 24], net.same_quant(a), output=True, new_shape=(1, 24))
    net.op("RELU", [a], [1, 6, 4], output=True)
    agrees(net, tmp_path)


def test_nothing_but_a_reshape(tmp_path: Path) -> None:
    net = Net(3)
    a = net.input([1, 6, 4])
    net.op("RESHAPE", [a, net.ints([1, 24])], [1, 24], net.same_quant(a), output=True, new_shape=(1, 24))
    project = agrees(net, tmp_path)
    assert project.manifest["memory"]["arena"] == 24


def test_chains_of_aliases_and_squeezes(tmp_path: Path) -> None:
    net = Net(4)
    a = net.input([1, 1, 12, 1])
    quant = net.same_quant(a)
    b = net.op("SQUEEZE", [a], [1, 12], quant, squeeze_dims=(1, 3))
    c = net.op("EXPAND_DIMS", [b, net.ints([2])], [1, 12, 1], quant)
    d = net.op("RESHAPE", [c, net.ints([1, 3, 4])], [1, 3, 4], quant, new_shape=(1, 3, 4))
    e = net.op("RELU", [d], [1, 3, 4])
    f = net.op("RESHAPE", [e, net.ints([1, 12])], [1, 12], net.same_quant(e), new_shape=(1, 12))
    net.op("ADD", [f, b], [1, 12], output=True, fused_activation_function="NONE")
    agrees(net, tmp_path)


def test_an_input_that_nobody_reads_and_an_operator_in_vain(tmp_path: Path) -> None:
    net = Net(5)
    a, _ = net.input([1, 30]), net.input([1, 500])
    net.op("RELU", [a], [1, 30])
    net.op("TANH", [a], [1, 30], FIXED["TANH"], output=True)
    agrees(net, tmp_path)


def test_a_quantize_that_changes_nothing_runs_nothing(tmp_path: Path) -> None:
    net = Net(6)
    a = net.input([1, 30], (0.25, 3))
    b = net.op("QUANTIZE", [a], [1, 30], (0.25, 3))
    net.op("RELU", [b], [1, 30], output=True)
    project = agrees(net, tmp_path)
    assert project.files["src/network/edgeq_network.c"].count(b"edgeq_lookup_s8(&") == 1


def test_unsigned_bytes_at_the_borders(tmp_path: Path) -> None:
    net = Net(7)
    a = net.input([1, 8, 8, 3], (0.5, 128), dtype=DType.UINT8)
    b = net.op("QUANTIZE", [a], [1, 8, 8, 3], (0.5, 0))
    c = net.op("RELU", [b], [1, 8, 8, 3])
    net.op("QUANTIZE", [c], [1, 8, 8, 3], dtype=DType.UINT8, output=True)
    agrees(net, tmp_path)


def test_operators_of_constants_are_computed_offline(tmp_path: Path) -> None:
    net = Net(8)
    a = net.input([1, 20])
    b, c = net.constant([1, 20]), net.constant([1, 20])
    d = net.op("ADD", [b, c], [1, 20], fused_activation_function="NONE")
    e = net.op("RELU", [d], [1, 20], output=True)
    net.op("ADD", [e, a], [1, 20], output=True, fused_activation_function="NONE")
    project = agrees(net, tmp_path)
    assert b"edgeq_lookup_s8(&" not in project.files["src/network/edgeq_network.c"]


def test_constants_are_computed_beside_a_batch(tmp_path: Path) -> None:
    net = Net(8)
    a, b = net.input([3, 20]), net.constant([3, 20])
    c = net.op("RELU", [b], [3, 20])
    net.op("ADD", [a, c], [3, 20], output=True, fused_activation_function="NONE")
    assert examine(net.graph()) == ()
    agrees(net, tmp_path)


def test_the_same_output_twice(tmp_path: Path) -> None:
    net = Net(9)
    a = net.input([1, 20])
    b = net.op("RELU", [a], [1, 20], output=True)
    net.op("TANH", [b], [1, 20], FIXED["TANH"], output=True)
    agrees(net, tmp_path)


def test_reals_to_integers_and_back(tmp_path: Path) -> None:
    """The header's functions: nearest, halves away from zero, limited, and no undefined conversion."""
    net = Net(17)
    a = net.input([1, 4], (0.25, 3))
    net.op("QUANTIZE", [a], [1, 4], (0.1, 200), dtype=DType.UINT8, output=True)
    more = (
        '#include "edgeq_network.h"\n'
        "int test_quantize(float real);\n"
        "int test_quantize(float real) { return edgeq_input_0_quantize(real); }\n"
        "float test_dequantize(int q);\n"
        "float test_dequantize(int q) { return edgeq_output_0_dequantize((uint8_t)q); }\n"
    )
    library = Native(compiled_graph(net.graph()), tmp_path, more=more).library
    library.test_quantize.argtypes = [ctypes.c_float]
    library.test_dequantize.restype = ctypes.c_float
    cases = {0.0: 3, 0.125: 4, -0.125: 2, 0.1249: 3, -0.1249: 3, 0.375: 5, 1e9: 127, -1e9: -128}
    cases |= {
        float("inf"): 127,
        float("-inf"): -128,
        float("nan"): -128,
        30.99: 127,
        -32.6: -127,
        -32.7: -128,
    }
    for real, wanted in cases.items():
        assert library.test_quantize(real) == wanted, real
    for q in range(-128, 128):
        assert library.test_quantize(0.25 * (q - 3)) == q
    for q in (0, 200, 255):
        assert library.test_dequantize(q) == np.float32(0.1) * np.float32(q - 200)


def random_net(seed: int) -> Net:
    """A random mix of all operators, on images first and then on rows."""
    net = Net(seed)
    random = net.random
    size, channels = int(random.integers(5, 12)), int(random.integers(1, 9))
    images = [net.input([1, size, size, channels]) for _ in range(int(random.integers(1, 3)))]
    for _ in range(int(random.integers(4, 12))):
        x = images[-int(random.integers(1, min(3, len(images)) + 1))]
        quant, shape = net.same_quant(x), list(net.tensors[x].shape)
        kind = str(random.choice(["ADD", "MUL", "POOL", "TABLE", "PAD", "CONCATENATION", "CHANNELS"]))
        if kind in ("ADD", "MUL"):
            same = [i for i in images if net.tensors[i].shape == tuple(shape)]
            y = int(random.choice(same))
            images.append(net.op(kind, [x, y], shape, fused_activation_function=activations(random)))
        elif kind == "CHANNELS":
            y = net.constant(shape[3:])
            images.append(net.op("MUL", [x, y], shape, fused_activation_function="NONE"))
        elif kind == "POOL" and min(shape[1:3]) > 2:
            sizes = [pooled(d, 2, 2, "SAME") for d in shape[1:3]]
            options = {"padding": "SAME", "filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
            opcode = str(random.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
            chosen = activations(random)
            images.append(
                net.op(opcode, [x], [1, *sizes, shape[3]], quant, fused_activation_function=chosen, **options)
            )
        elif kind == "TABLE":
            opcode = str(random.choice(["LOGISTIC", "TANH", "RELU", "RELU6", "QUANTIZE"]))
            images.append(net.op(opcode, [x], shape, FIXED.get(opcode)))
        elif kind == "PAD" and max(shape) < 20:
            output = [1, shape[1] + 1, shape[2] + 2, shape[3]]
            images.append(net.op("PAD", [x, net.ints([[0, 0], [1, 0], [1, 1], [0, 0]])], output, quant))
        elif kind == "CONCATENATION" and shape[3] < 20:
            images.append(net.op("CONCATENATION", [x, x], [*shape[:3], 2 * shape[3]], quant, axis=3))
    last = images[-1]
    shape = list(net.tensors[last].shape)
    mean = net.op("MEAN", [last, net.ints([1, 2])], [1, shape[3]], keep_dims=False)
    net.op("SOFTMAX", [mean], [1, shape[3]], FIXED["SOFTMAX"], output=True, beta=1.0)
    net.outputs += [i for i in images[len(net.inputs) : -1] if random.random() < 0.2]
    net.outputs.append(last)
    return net


@pytest.mark.sample(4)
@pytest.mark.parametrize("seed", range(12))
def test_random_mixtures(seed: int, tmp_path: Path) -> None:
    agrees(random_net(100 + seed), tmp_path)


def refused(graph: Graph, *words: str) -> None:
    with pytest.raises(ModelError) as caught:
        compiled_graph(graph)
    assert all(word in caught.value.message for word in words)
    assert caught.value.hint


def test_what_it_refuses() -> None:
    net = Net(10)
    a = net.input([1, 20])
    net.op("FLOOR", [a], [1, 20], output=True)
    refused(net.graph(), "operator 0 (FLOOR)", "aot")

    net = Net(11)
    a = net.input([1, 20])
    net.op("RELU", [a], [1, 20], dtype=DType.FLOAT32, output=True)
    refused(net.graph(), "operator 0 (RELU)", "one scale")

    net = Net(12)
    a, axes = net.input([1, 4, 4, 2]), net.tensor([2], dtype=DType.INT32)
    net.inputs.append(axes)
    net.op("MEAN", [a, axes], [1, 2], output=True, keep_dims=False)
    refused(net.graph(), "operator 0 (MEAN)", "run time")

    net = Net(15)
    net.outputs.append(net.constant([1, 4]))
    net.input([1, 4])
    refused(net.graph(), "output 0")

    net = Net(16)
    a = net.input([1, 20])
    index = net.tensor([1, 20])
    net.operators.append(Operator("ADD", (a, a), (index,), {"fused_activation_function": "TANH"}))
    net.outputs.append(index)
    refused(net.graph(), "operator 0 (ADD)", "TANH")
