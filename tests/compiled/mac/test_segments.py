"""Two pixels in a word: weights cut so that no sum leaves its halfword, and layers at the ends of that."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import mac_twin
import numpy as np
import pytest
from mac_cortex import Cortex
from mac_host import Host

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import conv, fully_connected
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.segments import LONGEST, Segments, common_cuts
from edgeq.backends.aot.target import Oracle
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor

SHAPES = (
    (3, 3, 20, 3, 1, 1),
    (5, 4, 17, 2, 1, 1),
    (1, 10, 9, 3, 1, 1),
    (6, 6, 3, 4, 3, 1),
    (9, 7, 5, 3, 3, 2),
)
"""Height, width, input and output channels, kernel, stride."""
KINDS = ("random", "highest", "lowest", "signs", "small")


def weights_of(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(len(kind) + sum(shape))
    return {
        "random": rng.integers(-128, 128, shape),
        "highest": np.full(shape, 127),
        "lowest": np.full(shape, -128),
        "signs": rng.choice([-128, 127, -1, 1], shape),
        "small": rng.integers(-2, 3, shape),
    }[kind].astype(np.int8)


@pytest.mark.parametrize("kind", KINDS)
def test_no_sum_of_a_segment_leaves_a_halfword(kind: str) -> None:
    weights = weights_of(kind, (5, 77)).astype(np.int64)
    segments = Segments.of(weights)
    stream = segments.stream.tolist()
    for row, count in zip(weights.tolist(), segments.counts, strict=True):
        read: list[int] = []
        last: list[int] = []
        for number in range(count):
            head, *stream = stream
            assert (head >= LONGEST) == (number == count - 1)
            length = head % LONGEST + 1
            part, stream = stream[:length], stream[length:]
            products = [(127 * w, -128 * w) for w in part]
            assert sum(map(min, products)) >= -0x8000 and sum(map(max, products)) <= 0x7FFF
            if number:  # the one before could not have taken another
                before = [(127 * w, -128 * w) for w in (*last, part[0])]
                low, high = sum(map(min, before)), sum(map(max, before))
                assert len(last) == LONGEST or low < -0x8000 or high > 0x7FFF
            last = part
            read += part
        assert read == row
    assert not stream


@pytest.mark.parametrize("kind", KINDS)
def test_no_sum_of_a_common_segment_leaves_a_halfword(kind: str) -> None:
    weights = weights_of(kind, (8, 90)).astype(np.int64)
    cuts = common_cuts(weights, 33)
    assert cuts[0] == 0 and cuts[-1] == 90

    def holds(start: int, end: int) -> bool:
        products = np.stack([127 * weights[:, start:end], -128 * weights[:, start:end]])
        low, high = products.min(axis=0).sum(axis=1), products.max(axis=0).sum(axis=1)
        return bool(low.min() >= -0x8000 and high.max() <= 0x7FFF)

    for start, end in pairwise(cuts):
        assert holds(start, end) and end - start <= 33
        assert end == 90 or end - start == 33 or not holds(start, end + 1)


def test_weights_of_zero_are_cut_where_the_kernel_can_count_no_further() -> None:
    assert common_cuts(np.zeros((8, 5000), np.int64), 4080) == [0, 4080, 5000]


def row(kind: str, depth: int, channels: int, *, per_channel: bool) -> Graph:
    """A fully connected layer."""
    weights = weights_of(kind, (channels, depth))
    reach = np.maximum(np.abs(weights.astype(float)).sum(axis=1), 1) * 128
    scales = (150 / reach).astype(np.float32) if per_channel else np.float32([150 / reach.max()])
    zeros = np.zeros(len(scales), np.int64)
    bias = np.linspace(-20 * depth, 20 * depth, channels).astype(np.int32)
    tensors = (
        Tensor("x", (2, depth), DType.INT8, QuantParams.per_tensor(1.0, 3)),
        Tensor("w", weights.shape, DType.INT8, QuantParams(scales, zeros), weights),
        Tensor("b", (channels,), DType.INT32, QuantParams(scales, zeros), bias),
        Tensor("y", (2, channels), DType.INT8, QuantParams.per_tensor(1.0, -9)),
    )
    options: dict[str, object] = {"fused_activation_function": "NONE", "weights_format": "DEFAULT"}
    options |= {"keep_num_dims": False, "asymmetric_quantize_inputs": False}
    return Graph("layer", tensors, (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), options, 4),), (0,), (3,))


ROUNDINGS: dict[Oracle, Rounding] = {"litert": "real", "tflm": "double"}
CASES: tuple[tuple[bool, Oracle], ...] = ((False, "litert"), (True, "litert"), (True, "tflm"))
"""Whether each channel has a scale; and whose rounding: only of one the signed form comes."""


def hold_rows(runner: Host | Cortex) -> set[str]:
    held = set()
    for kind in KINDS:
        for depth, channels in ((1, 8), (16, 15), (17, 9), (150, 8)):
            for per_channel, oracle in CASES:
                graph = row(kind, depth, channels, per_channel=per_channel)
                target = replace(runner.target, oracle=oracle)
                ends = np.where(np.asarray(graph[1].data)[0] > 0, 127, -128)
                data = np.stack([[ends, ~ends], [np.full(depth, -128), np.full(depth, 127)]]).astype(np.int8)
                for candidate in fully_connected.candidates(graph, 0, target):
                    if "fully_connected_v7m" in candidate.kernel:
                        found = runner.run(candidate.step, data, graph[3].shape)
                        np.testing.assert_array_equal(found, mac_twin.output(graph, data, ROUNDINGS[oracle]))
                        held.add(candidate.kernel)
    return held


def layer(shape: tuple[int, ...], kind: str, zero_point: int) -> Graph:
    height, width, inputs, channels, kernel, stride = shape
    weights = weights_of(kind, (channels, kernel, kernel, inputs))
    reach = np.abs(weights.astype(float)).sum(axis=(1, 2, 3)) * 128
    scales = (150 / reach).astype(np.float32)
    bias = (np.linspace(-50, 50, channels) / scales).astype(np.int32)
    zeros = np.zeros(channels, np.int64)
    out = (1, -(-height // stride), -(-width // stride), channels)
    tensors = (
        Tensor("x", (1, height, width, inputs), DType.INT8, QuantParams.per_tensor(1.0, 3)),
        Tensor("w", weights.shape, DType.INT8, QuantParams(scales, zeros), weights),
        Tensor("b", (channels,), DType.INT32, QuantParams(scales, zeros), bias),
        Tensor("y", out, DType.INT8, QuantParams.per_tensor(1.0, zero_point)),
    )
    options: dict[str, object] = {"padding": "SAME", "stride_h": stride, "stride_w": stride}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1, "fused_activation_function": "NONE"}
    return Graph("layer", tensors, (Operator("CONV_2D", (0, 1, 2), (3,), options, 3),), (0,), (3,))


def by_words(graph: Graph, runner: Host | Cortex) -> list[Candidate]:
    return [c for c in conv.candidates(graph, 0, runner.target) if "_v7m" in c.kernel]


def worst(graph: Graph) -> np.ndarray:
    """Inputs that drive the first channel's sums to either end, alike in all pixels and by turns; and any."""
    shape = graph[0].shape
    kernel = np.asarray(graph[1].data)[0, 0, 0]
    ends = np.broadcast_to(np.where(kernel > 0, 127, -128), shape)
    turns = np.arange(shape[1] * shape[2]).reshape(shape[1], shape[2], 1) % 2
    rng = np.random.default_rng(1)
    made = (ends, ~ends, np.where(turns, ends, ~ends), rng.integers(-128, 128, shape), np.full(shape, -128))
    return np.stack(made).astype(np.int8)


def hold(runner: Host | Cortex, shape: tuple[int, ...], kind: str) -> set[str]:
    held = set()
    for zero_point in (-128, 4):
        graph = layer(shape, kind, zero_point)
        data = worst(graph)
        for candidate in by_words(graph, runner):
            found = runner.run(candidate.step, data, graph[3].shape)
            np.testing.assert_array_equal(found, mac_twin.output(graph, data, "double"))
            held.add(candidate.kernel)
    return held


ROWS = {"edgeq_fully_connected_v7m_s8", "edgeq_fully_connected_v7m_s8_signed"}


@pytest.mark.parametrize("host", ["v7m"], indirect=True)
def test_rows_on_this_machine(host: Host) -> None:
    assert hold_rows(host) == ROWS


def test_rows_on_the_core(cortex_of: object) -> None:
    assert hold_rows(cortex_of("m3")) == ROWS  # type: ignore[operator]


@pytest.mark.parametrize("host", ["v7m"], indirect=True)
def test_on_this_machine(host: Host) -> None:
    held = set().union(*(hold(host, shape, kind) for shape in SHAPES for kind in KINDS))
    assert held == {"edgeq_conv_v7m_s8", "edgeq_conv_v7m_s8_signed"}


def test_on_the_core(cortex_of: object) -> None:
    cortex = cortex_of("m3")  # type: ignore[operator]
    for kind in KINDS:
        assert set().union(*(hold(cortex, shape, kind) for shape in SHAPES))
