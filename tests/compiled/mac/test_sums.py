"""Windows that are taken row by row: every number of inputs of a row, and every edge."""

from __future__ import annotations

import mac_layers
import mac_twin
import numpy as np
import pytest
from mac_cortex import Cortex
from mac_host import Host

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import conv
from edgeq.backends.aot.target import Target
from edgeq.graph.model import DType, Graph, Operator, QuantParams, Tensor


def layer(depth: int, *, stride: int = 1, dilation: int = 1, lowest: int = -128) -> Graph:
    """A convolution of 3x3 on a map of 7 rows and of columns for four outputs a row, to six channels."""
    rng = np.random.default_rng(depth)
    weights = rng.integers(-127, 128, (6, 3, 3, depth)).astype(np.int8)
    columns = 4 * stride
    rows = -(-7 // stride)
    scales = (0.02 * 2.0 ** rng.uniform(-3, 0, 6)).astype(np.float32)
    tensors = (
        Tensor("x", (1, 7, columns, depth), DType.INT8, QuantParams.per_tensor(0.05, 3)),
        Tensor("w", weights.shape, DType.INT8, QuantParams(scales, np.zeros(6, np.int64), 0), weights),
        Tensor("y", (1, rows, 4, 6), DType.INT8, QuantParams.per_tensor(0.4, lowest)),
    )
    options = {"padding": "SAME", "fused_activation_function": "RELU" if lowest == -128 else "NONE"}
    options |= dict.fromkeys(("stride_h", "stride_w"), stride)
    options |= dict.fromkeys(("dilation_h_factor", "dilation_w_factor"), dilation)
    return Graph("layer", tensors, (Operator("CONV_2D", (0, 1, -1), (2,), options),), (0,), (2,))


def summed(graph: Graph, target: Target) -> list[Candidate]:
    return [one for one in conv.candidates(graph, 0, target) if "sums" in one.kernel]


@pytest.mark.parametrize("lowest", [-128, -5])
def test_every_number_of_fours(lowest: int, cortex_m4: Cortex) -> None:
    """The loop takes sixteen inputs at once; a row of the window has three times the channels."""
    for depth in range(4, 24, 4):
        for stride, dilation in ((1, 1), (2, 1), (1, 2)):
            graph = layer(depth, stride=stride, dilation=dilation, lowest=lowest)
            data = mac_layers.inputs(np.random.default_rng(0), graph, 4)
            want = mac_twin.output(graph, data, "double")
            found = summed(graph, cortex_m4.target)
            assert len(found) == 1
            got = cortex_m4.run(found[0].step, data, graph[2].shape)
            np.testing.assert_array_equal(
                got, want, f"{depth} channels, stride {stride}, dilation {dilation}"
            )


@pytest.mark.parametrize("host", ["dsp"], indirect=True)
def test_random_layers(host: Host, cortex_m4: Cortex) -> None:
    seen = 0
    for seed in range(300):
        graph = mac_layers.conv(np.random.default_rng(seed))
        for candidate in summed(graph, host.target):
            seen += 1
            data = mac_layers.inputs(np.random.default_rng(seed), graph, 4)
            want = mac_twin.output(graph, data, "double")
            for machine in (host, cortex_m4):
                np.testing.assert_array_equal(machine.run(candidate.step, data, graph[2].shape), want)
    assert seen > 2
