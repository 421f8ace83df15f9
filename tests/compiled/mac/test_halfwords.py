"""Weights that are halfwords: one shift for all channels, and every way through the loops."""

from __future__ import annotations

import mac_layers
import mac_twin
import numpy as np
import pytest
from mac_cortex import Cortex, target_of
from mac_host import Host
from test_requantize import accumulators

from edgeq.backends.aot.kernels import Candidate, choose
from edgeq.backends.aot.ops import conv
from edgeq.backends.aot.ops.requantize import Demand, requantize
from edgeq.backends.aot.ops.requantize_uniform import uniform
from edgeq.backends.aot.target import Target
from edgeq.graph.model import DType, Graph, Operator, QuantParams, Tensor

KERNEL = "halfwords"
FOURS = range(1, 19)
"""Of inputs: the loop takes eight at once, behind the first."""
PIXELS = (4, 5, 7)


def pointwise(depth: int, pixels: int, kind: str) -> Graph:
    """A 1x1 convolution of six channels and ReLU, whose scales differ by some powers of two."""
    rng = np.random.default_rng([depth, pixels])
    weights = rng.integers(-127, 128, (6, 1, 1, depth)).astype(np.int8)
    if kind == "saturated":
        weights = np.where(weights < 0, -128, 127).astype(np.int8)
    scales = (0.02 * 2.0 ** rng.uniform(-3, 0, 6)).astype(np.float32)
    none = np.zeros(6, np.int64)
    tensors = (
        Tensor("x", (1, 1, pixels, depth), DType.INT8, QuantParams.per_tensor(0.05, -128)),
        Tensor("w", weights.shape, DType.INT8, QuantParams(scales, none, 0), weights),
        Tensor("y", (1, 1, pixels, 6), DType.INT8, QuantParams.per_tensor(0.1, -128)),
    )
    options = {"padding": "VALID", "fused_activation_function": "RELU"}
    options |= dict.fromkeys(("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor"), 1)
    return Graph("pointwise", tensors, (Operator("CONV_2D", (0, 1, -1), (2,), options),), (0,), (2,))


def of_halfwords(graph: Graph, target: Target) -> list[Candidate]:
    return [one for one in conv.candidates(graph, 0, target) if KERNEL in one.kernel]


def inputs(graph: Graph) -> np.ndarray:
    """Random ones, and both ends."""
    shape = graph[0].shape
    ends = [np.full(shape, value, np.int8) for value in (-128, 127)]
    return np.stack([np.random.default_rng(0).integers(-128, 128, shape).astype(np.int8), *ends])


@pytest.mark.parametrize("kind", ["random", "saturated"])
def test_every_number_of_fours(kind: str, cortex_m4: Cortex) -> None:
    for depth in (4 * fours for fours in FOURS):
        for pixels in PIXELS:
            graph = pointwise(depth, pixels, kind)
            (candidate,) = of_halfwords(graph, cortex_m4.target)
            want = mac_twin.output(graph, inputs(graph), "double")
            got = cortex_m4.run(candidate.step, inputs(graph), graph[2].shape)
            np.testing.assert_array_equal(got, want, f"{depth} inputs, {pixels} pixels")


@pytest.mark.parametrize("host", ["dsp"], indirect=True)
def test_random_layers(host: Host, cortex_m4: Cortex) -> None:
    seen = 0
    for seed in range(150):
        graph = mac_layers.conv(np.random.default_rng(seed))
        data = mac_layers.inputs(np.random.default_rng(seed), graph, 4)
        for candidate in of_halfwords(graph, host.target):
            seen += 1
            want = mac_twin.output(graph, data, "double")
            for machine in (host, cortex_m4):
                np.testing.assert_array_equal(machine.run(candidate.step, data, graph[2].shape), want)
    assert seen > 15


def test_not_where_flash_counts() -> None:
    graph, m4 = pointwise(16, 4, "random"), target_of("m4")
    assert of_halfwords(graph, m4)
    single = pointwise(16, 1, "random")  # one pixel is all that shares its weights
    (borrowed,) = of_halfwords(single, m4)
    assert borrowed.borrowed and choose(conv.candidates(single, 0, m4), m4).kernel != borrowed.kernel
    for name in ("stored", "small"):
        assert not of_halfwords(graph, Target(m4.core, **{name: name == "small"}))


def test_one_shift_equals_the_reference() -> None:
    """Of all channels whose scales are apart by up to 2^6, where outputs lie above the zero point."""
    rng = np.random.default_rng(0)
    for shift in (8, 10, 12):
        for _ in range(40):
            reals = 2.0 ** (6 - shift - rng.uniform(0.01, 5.99, 8))
            high = np.minimum(2**22, (rng.uniform(100, 600, 8) / reals).astype(np.int64))
            demand = Demand(-high, high, reals, "double", -128, (-128, 127))
            found = uniform(demand, shift)
            assert found is not None
            for c, real in enumerate(reals.tolist()):
                sums = accumulators(rng, int(-high[c]), int(high[c]), real, -128)
                x = (sums - found.base[c]) << found.left[c]
                assert np.abs(x).max() < 2**31
                multiplier, addend = found.table[c].astype(np.int64)
                got = np.clip(((x * multiplier >> 32) + addend) >> shift, *found.limits)
                np.testing.assert_array_equal(got, np.clip(requantize(sums, real, "double") - 128, -128, 127))
