"""Depthwise 3x3 with the DSP extension: last odd rows and columns, and fewer than four channels."""

from __future__ import annotations

import mac_twin
import numpy as np
import pytest
from mac_cortex import Cortex

from edgeq.backends.aot.ops import depthwise
from edgeq.graph.model import DType, Graph, Operator, QuantParams, Tensor

SIZES = range(1, 6)


def plane(height: int, width: int, channels: int, activation: str) -> Graph:
    """One of stride 1 and padding SAME."""
    rng = np.random.default_rng([height, width, channels])
    weights = rng.integers(-127, 128, (1, 3, 3, channels)).astype(np.int8)
    shape = (1, height, width, channels)
    tensors = (
        Tensor("x", shape, DType.INT8, QuantParams.per_tensor(0.05, -7)),
        Tensor("w", weights.shape, DType.INT8, QuantParams.per_tensor(0.01, 0), weights),
        Tensor("y", shape, DType.INT8, QuantParams.per_tensor(0.1, -128 if activation == "RELU" else 3)),
    )
    options = {"padding": "SAME", "fused_activation_function": activation, "depth_multiplier": 1}
    options |= dict.fromkeys(("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor"), 1)
    return Graph("plane", tensors, (Operator("DEPTHWISE_CONV_2D", (0, 1, -1), (2,), options),), (0,), (2,))


@pytest.mark.parametrize("activation", ["RELU", "NONE"])
def test_every_parity(activation: str, cortex_m4: Cortex) -> None:
    kernels = set()
    for height, width, channels in ((h, w, c) for h in SIZES for w in SIZES for c in (3, 4, 6)):
        graph = plane(height, width, channels, activation)
        data = np.random.default_rng(0).integers(-128, 128, (2, *graph[0].shape)).astype(np.int8)
        want = mac_twin.output(graph, data, "double")
        for one in depthwise.candidates(graph, 0, cortex_m4.target):
            if "3x3_dsp" in one.kernel:
                kernels.add(one.kernel)
                got = cortex_m4.run(one.step, data, graph[2].shape)
                np.testing.assert_array_equal(got, want, f"{one.kernel}: {height}x{width}x{channels}")
    assert len(kernels) >= (2 if activation == "RELU" else 1)
