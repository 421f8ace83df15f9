"""Random layers: the oracle, the numpy twin, and the C kernels on this machine and on simulated cores."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import mac_layers
import mac_twin
import numpy as np
import pytest
from mac_cortex import Cortex
from mac_host import Host

from edgeq.backends.aot.ops import conv, depthwise, fully_connected
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Oracle, Target
from edgeq.graph import write_model
from edgeq.graph.model import Graph, QuantParams
from edgeq.interpreter import run

KINDS = list(mac_layers.MAKERS)
LOWERINGS = {"conv": conv.lower, "depthwise": depthwise.lower, "fully_connected": fully_connected.lower}
LITERT: dict[str, Rounding] = {"conv": "double", "depthwise": "double", "fully_connected": "real"}
ROUNDINGS: dict[Oracle, dict[str, Rounding]] = {"litert": LITERT, "tflm": dict.fromkeys(LITERT, "double")}
LAYERS, FEW, SAMPLES = 300, 25, 4


@cache
def layers(kind: str) -> list[tuple[Graph, np.ndarray]]:
    """Random layers and their inputs."""
    made = []
    for seed in range(LAYERS):
        rng = np.random.default_rng([seed, KINDS.index(kind)])
        graph = mac_layers.MAKERS[kind](rng)
        made.append((graph, mac_layers.inputs(rng, graph, SAMPLES)))
    return made


@cache
def wanted(kind: str, oracle: Oracle = "litert") -> list[np.ndarray]:
    """The oracle's outputs, of every layer by LiteRT, of the first ones by TensorFlow Lite Micro."""
    made = layers(kind)[: LAYERS if oracle == "litert" else FEW]
    model = write_model(mac_layers.join([graph for graph, _ in made]))
    inputs = [data[:, 0] if graph[0].shape[0] == 1 else data for graph, data in made]
    outputs = run(model, inputs, resolver="reference" if oracle == "litert" else "tflm")
    return [o.reshape(SAMPLES, *graph[2].shape) for o, (graph, _) in zip(outputs, made, strict=True)]


def lowered(kind: str, graph: Graph, target: Target) -> Step:
    (step,) = LOWERINGS[kind](graph, 0, target)
    return step


@pytest.mark.parametrize("kind", KINDS)
def test_twin_equals_the_oracle(kind: str) -> None:
    for (graph, data), want in zip(layers(kind), wanted(kind), strict=True):
        np.testing.assert_array_equal(mac_twin.output(graph, data, LITERT[kind]), want)


@pytest.mark.sample(6)
@pytest.mark.parametrize("kind", KINDS)
def test_host_equals_the_oracle(kind: str, host: Host) -> None:
    forms = set()
    for (graph, data), want in zip(layers(kind), wanted(kind), strict=True):
        step = lowered(kind, graph, host.target)
        forms.add(step.kernel)
        np.testing.assert_array_equal(host.run(step, data, graph[2].shape), want, step.title)
    expected = {"conv": 3, "depthwise": 6, "fully_connected": 4}[kind]
    assert len(forms) >= expected, forms


@pytest.mark.parametrize("kind", KINDS)
def test_every_oracles_rounding_on_the_host(kind: str, host: Host) -> None:
    for graph, data in layers(kind)[:50]:
        for oracle, roundings in ROUNDINGS.items():
            step = lowered(kind, graph, replace(host.target, oracle=oracle))
            want = mac_twin.output(graph, data, roundings[kind])
            np.testing.assert_array_equal(host.run(step, data, graph[2].shape), want, step.title)


@pytest.mark.parametrize("kind", KINDS)
def test_host_equals_tflm_where_that_is_the_oracle(kind: str, host: Host) -> None:
    """Its fully connected layers round as its convolutions do, and LiteRT's do not."""
    pytest.importorskip("tflite_micro")
    apart = 0
    for (graph, data), want in zip(layers(kind)[:FEW], wanted(kind, "tflm"), strict=True):
        litert, tflm = (
            host.run(lowered(kind, graph, replace(host.target, oracle=oracle)), data, graph[2].shape)
            for oracle in ROUNDINGS
        )
        np.testing.assert_array_equal(tflm, want)
        apart += int(np.any(litert != want))
    assert (apart > 0) == (kind == "fully_connected")


@pytest.mark.sample(2)
@pytest.mark.parametrize("kind", KINDS)
def test_cores_equal_the_oracle(kind: str, cortex: Cortex) -> None:
    for (graph, data), want in zip(layers(kind), wanted(kind), strict=True):
        step = lowered(kind, graph, cortex.target)
        np.testing.assert_array_equal(cortex.run(step, data[:3], graph[2].shape), want[:3], step.title)


def test_convolution_without_bias(host: Host) -> None:
    """The oracle refuses it; TensorFlow Lite Micro does not."""
    graph, data = layers("conv")[0]
    (op,) = graph.operators
    bare = graph.replace(operators=(type(op)(op.opcode, op.inputs[:2], op.outputs, op.options),))
    np.testing.assert_array_equal(
        host.run(lowered("conv", bare, host.target), data, graph[2].shape),
        mac_twin.output(bare, data, "double"),
    )


def _deep(depth: int, weight: int) -> Graph:
    """A fully connected layer whose sums leave the fast forms' 23 bits."""
    rng = np.random.default_rng(depth)
    graph = mac_layers.fully_connected(rng)
    weights = np.full((3, depth), weight, np.int8)
    weights[1] = rng.integers(-128, 128, depth)
    weights[2, ::2] = min(-weight, 127)
    source = graph.tensors[0]
    tensors = (
        type(source)("input", (1, depth), source.dtype, QuantParams.per_tensor(0.02, -128)),
        type(source)("weights", (3, depth), source.dtype, QuantParams.per_tensor(0.003, 0), weights),
        type(source)("output", (1, 3), source.dtype, QuantParams.per_tensor(depth / 900, -100)),
    )
    (op,) = graph.operators
    options = {**op.options, "fused_activation_function": "NONE", "keep_num_dims": False}
    return Graph("deep", tensors, (type(op)(op.opcode, (0, 1, -1), (2,), options, 4),), (0,), (2,))


@pytest.mark.parametrize(("depth", "weight"), [(700, 127), (2000, 127), (300, -128)])
def test_deep_layers(depth: int, weight: int, host: Host) -> None:
    graph = _deep(depth, weight)
    data = mac_layers.inputs(np.random.default_rng(0), graph, 30)
    want = run(write_model(graph), [data[:, 0]])[0].reshape(30, 1, 3)
    np.testing.assert_array_equal(
        host.run(lowered("fully_connected", graph, host.target), data, (1, 3)), want
    )


def test_every_number_of_fours(cortex_m4: Cortex) -> None:
    """The loops over many inputs are entered where that leaves whole rounds: elsewhere for each number."""
    kernels = set()
    for depth in range(4, 40, 4):
        graph = _deep(depth, 127)
        data = mac_layers.inputs(np.random.default_rng(depth), graph, 3)
        want = mac_twin.output(graph, data, "real")
        for candidate in fully_connected.candidates(graph, 0, cortex_m4.target):
            if "dsp" in candidate.kernel:
                kernels.add(candidate.kernel)
                got = cortex_m4.run(candidate.make(), data, (1, 3))
                np.testing.assert_array_equal(got, want, f"{candidate.kernel} of {depth}")
    assert any("bytes" in kernel for kernel in kernels)
    assert any("bytes" not in kernel and "fully" in kernel for kernel in kernels)
