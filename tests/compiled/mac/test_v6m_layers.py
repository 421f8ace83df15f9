"""Convolutions with two pixels in a word: inputs that drive each channel's sums to their ends."""

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
from edgeq.backends.aot.ops import conv
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run

DEPTHS = (1, 2, 17, 28, 40, 57)
KINDS = ("random", "ends", "lowest", "small", "edges")
CHANNELS, PIXELS = 18, 41
"""No multiple of eight."""
KERNELS = {"edgeq_conv_v6m_s8", "edgeq_conv_v6m_s8_signed"}


def _weights(rng: np.random.Generator, depth: int, kind: str) -> np.ndarray:
    size = (CHANNELS, depth)
    return {
        "random": rng.integers(-128, 128, size),
        "ends": rng.choice([-128, 127], size),
        "lowest": np.full(size, -128),
        "small": rng.integers(-2, 3, size),
        "edges": rng.choice([-128, -127, 1, 0, 127], size),
    }[kind].astype(np.int8)


def layer(depth: int, kind: str, rectified: bool) -> tuple[Graph, np.ndarray]:
    """A 1x1 convolution, and inputs of which each pixel is the worst for a channel, upward or downward."""
    rng = np.random.default_rng([depth, KINDS.index(kind)])
    weights = _weights(rng, depth, kind)
    reach = np.maximum(np.abs(weights.astype(float)).sum(axis=1), 4) * 128
    scales = (rng.uniform(60, 400, CHANNELS) / reach).astype(np.float32)
    bias = (rng.integers(-60, 61, CHANNELS) / scales).astype(np.int32)
    zeros = np.zeros(CHANNELS, np.int64)
    tensors = (
        Tensor(
            "x", (1, 1, PIXELS, depth), DType.INT8, QuantParams.per_tensor(1.0, int(rng.integers(-128, 128)))
        ),
        Tensor("w", (CHANNELS, 1, 1, depth), DType.INT8, QuantParams(scales, zeros), weights[:, None, None]),
        Tensor("b", (CHANNELS,), DType.INT32, QuantParams(scales, zeros), bias),
        Tensor(
            "y", (1, 1, PIXELS, CHANNELS), DType.INT8, QuantParams.per_tensor(1.0, -128 if rectified else 3)
        ),
    )
    options = dict.fromkeys(("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor"), 1)
    activation = "RELU" if rectified else "NONE"
    options |= {"padding": "VALID", "fused_activation_function": activation}
    op = Operator("CONV_2D", (0, 1, 2), (3,), options, 3)
    upward = np.where(weights[np.arange(4 * PIXELS) % CHANNELS] < 0, -128, 127)
    worst = np.where(rng.random((4 * PIXELS, 1)) < 0.5, upward, -1 - upward).astype(np.int8)
    return Graph("layer", tensors, (op,), (0,), (3,)), worst.reshape(4, 1, 1, PIXELS, depth)


def packed(graph: Graph) -> Candidate:
    (found,) = (c for c in conv.candidates(graph, 0, target_of("m0")) if "v6m" in c.kernel)
    return found


@cache
def layers() -> list[tuple[Graph, np.ndarray, np.ndarray]]:
    """Of all depths and kinds, with inputs and the oracle's outputs."""
    made = [layer(*one) for one in product(DEPTHS, KINDS, (False, True))]
    outputs = run(write_model(join([graph for graph, _ in made])), [data[:, 0] for _, data in made])
    return [
        (graph, data, output.reshape(len(data), *graph[3].shape))
        for (graph, data), output in zip(made, outputs, strict=True)
    ]


def hold(runner: Host | Cortex, every: int) -> set[str]:
    """The kernels whose outputs are the oracle's, of every so many layers."""
    held = set()
    for graph, data, wanted in layers()[::every]:
        candidate = packed(graph)
        np.testing.assert_array_equal(runner.run(candidate.step, data, graph[3].shape), wanted)
        held.add(candidate.kernel)
    return held


@pytest.mark.parametrize("host", ["v6m"], indirect=True)
def test_on_this_machine(host: Host) -> None:
    assert hold(host, 1) == KERNELS


def test_on_a_core(cortex_of: Callable[[str], Cortex]) -> None:
    assert hold(cortex_of("m0"), 3) == KERNELS


def test_what_it_does_not_take() -> None:
    """Fewer pixels than eight."""
    graph, _ = layer(9, "random", True)
    few = [
        t if i in (1, 2) else Tensor(t.name, (1, 1, 7, t.shape[3]), t.dtype, t.quant)
        for i, t in enumerate(graph.tensors)
    ]
    graph = graph.replace(tensors=tuple(few))
    assert all("v6m" not in c.kernel for c in conv.candidates(graph, 0, target_of("m0")))
