"""Fully connected layers with four weights in a word: inputs that drive each channel's sums to their ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import pytest
from mac_cortex import Cortex, target_of
from mac_host import Host
from mac_layers import join

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import fully_connected
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run

DEPTHS = (1, 4, 23, 72, 505, 1300)
KINDS = ("random", "ends", "lowest", "small")
CHANNELS, ROWS = 13, 3
"""No multiple of eight; fewer rows than go as pixels."""
KERNELS = {"edgeq_fully_connected_v6m_s8", "edgeq_fully_connected_v6m_s8_signed"}


def layer(depth: int, kind: str, rectified: bool) -> tuple[Graph, np.ndarray]:
    """A layer, and rows of inputs each of which is the worst for a channel, upward or downward."""
    rng = np.random.default_rng([depth, KINDS.index(kind)])
    size = (CHANNELS, depth)
    weights = {
        "random": rng.integers(-128, 128, size),
        "ends": rng.choice([-128, 127], size),
        "lowest": np.full(size, -128),
        "small": rng.integers(-2, 3, size),
    }[kind].astype(np.int8)
    reach = np.maximum(np.abs(weights.astype(float)).sum(axis=1), 4).max() * 128
    beyond = max(1, depth // 30)  # times what outputs hold
    scale = float(np.float32(rng.uniform(60, 400) * beyond / reach))
    bias = (rng.integers(-60, 61, CHANNELS) / scale).astype(np.int32)
    zero_point = -128 if rectified else 3
    tensors = (
        Tensor("x", (ROWS, depth), DType.INT8, QuantParams.per_tensor(1.0, int(rng.integers(-128, 128)))),
        Tensor("w", size, DType.INT8, QuantParams.per_tensor(scale, 0), weights),
        Tensor("b", (CHANNELS,), DType.INT32, QuantParams.per_tensor(scale, 0), bias),
        Tensor("y", (ROWS, CHANNELS), DType.INT8, QuantParams.per_tensor(1.0, zero_point)),
    )
    options = {"fused_activation_function": "RELU" if rectified else "NONE", "keep_num_dims": False}
    options |= {"weights_format": "DEFAULT", "asymmetric_quantize_inputs": False}
    op = Operator("FULLY_CONNECTED", (0, 1, 2), (3,), options, 1)
    upward = np.where(weights[np.arange(8 * ROWS) % CHANNELS] < 0, -128, 127)
    worst = np.where(rng.random((8 * ROWS, 1)) < 0.5, upward, -1 - upward).astype(np.int8)
    return Graph("layer", tensors, (op,), (0,), (3,)), worst.reshape(8, ROWS, depth)


def in_words(graph: Graph) -> Candidate:
    (found,) = (c for c in fully_connected.candidates(graph, 0, target_of("m0")) if c.kernel in KERNELS)
    return found


@cache
def layers() -> list[tuple[Graph, np.ndarray, np.ndarray]]:
    """Of all depths and kinds, with inputs and the oracle's outputs."""
    made = [layer(*one) for one in product(DEPTHS, KINDS, (False, True))]
    outputs = run(write_model(join([graph for graph, _ in made])), [data for _, data in made])
    return [
        (graph, data, output.reshape(len(data), *graph[3].shape))
        for (graph, data), output in zip(made, outputs, strict=True)
    ]


def hold(runner: Host | Cortex, every: int) -> None:
    """Outputs are the oracle's, of every so many layers, by both kernels."""
    held = set()
    for graph, data, wanted in layers()[::every]:
        candidate = in_words(graph)
        np.testing.assert_array_equal(runner.run(candidate.step, data, graph[3].shape), wanted)
        held.add(candidate.kernel)
    assert held == KERNELS


@pytest.mark.parametrize("host", ["v6m"], indirect=True)
def test_on_this_machine(host: Host) -> None:
    hold(host, 1)


def test_on_a_core(cortex_of: Callable[[str], Cortex]) -> None:
    hold(cortex_of("m0"), 3)


def test_sums_are_taken_apart_before_they_reach_too_far() -> None:
    graph, _ = layer(1300, "lowest", True)
    span = in_words(graph).step.params["span"]
    assert span % 4 == 0 and 128 * 128 * span < 127 << 16
    assert in_words(layer(1300, "small", True)[0]).step.params["span"] == 1300
