"""Depthwise 3x3 by sixes of columns: every remainder, strides, sides, several bands, ends of the range."""

from __future__ import annotations

import mac_twin
import numpy as np
import pytest
from mac_cortex import Cortex
from mac_host import Host

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import depthwise
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor

SIZES = (*((3, width) for width in range(6, 13)), (13, 4), (2, 2), (60, 40))
FORMS = {"edgeq_depthwise_3x3_v7m_s8", "edgeq_depthwise_3x3_v7m_s8_signed"}


def layer(size: tuple[int, int], stride: int, multiplier: int, zero_point: int) -> Graph:
    height, width = size
    channels = 2 * multiplier
    rng = np.random.default_rng(height + width)
    weights = rng.integers(-128, 128, (1, 3, 3, channels)).astype(np.int8)
    weights[..., 0], weights[..., 1] = -128, 127
    scales = (np.linspace(100, 200, channels) / (9 * 128 * 128)).astype(np.float32)
    bias = rng.integers(-30000, 30000, channels).astype(np.int32)
    zeros = np.zeros(channels, np.int64)
    out = (1, -(-height // stride), -(-width // stride), channels)
    tensors = (
        Tensor("x", (1, height, width, 2), DType.INT8, QuantParams.per_tensor(1.0, -7)),
        Tensor("w", weights.shape, DType.INT8, QuantParams(scales, zeros, 3), weights),
        Tensor("b", (channels,), DType.INT32, QuantParams(scales, zeros), bias),
        Tensor("y", out, DType.INT8, QuantParams.per_tensor(1.0, zero_point)),
    )
    options: dict[str, object] = {"padding": "SAME", "stride_h": stride, "stride_w": stride}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1, "depth_multiplier": multiplier}
    options["fused_activation_function"] = "NONE"
    op = Operator("DEPTHWISE_CONV_2D", (0, 1, 2), (3,), options, 3)
    return Graph("layer", tensors, (op,), (0,), (3,))


def by_sixes(graph: Graph, runner: Host | Cortex) -> list[Candidate]:
    return [c for c in depthwise.candidates(graph, 0, runner.target) if c.kernel in FORMS]


def hold(runner: Host | Cortex, *, samples: int) -> set[str]:
    held = set()
    for size in SIZES:
        for stride, multiplier, zero_point in ((1, 1, -128), (1, 2, 5), (2, 1, 5), (2, 2, -128)):
            graph = layer(size, stride, multiplier, zero_point)
            data = np.random.default_rng(3).integers(-128, 128, (3, *graph[0].shape)).astype(np.int8)
            data[0], data[1] = -128, 127
            wanted = mac_twin.output(graph, data[-samples:], "double")
            for candidate in by_sixes(graph, runner):
                found = runner.run(candidate.step, data[-samples:], graph[3].shape)
                np.testing.assert_array_equal(found, wanted, candidate.step.title)
                held.add(candidate.kernel)
    return held


@pytest.mark.parametrize("host", ["v7m"], indirect=True)
def test_on_this_machine(host: Host) -> None:
    assert hold(host, samples=3) == FORMS


def test_on_the_core(cortex_of: object) -> None:
    assert hold(cortex_of("m3"), samples=2) == FORMS  # type: ignore[operator]
