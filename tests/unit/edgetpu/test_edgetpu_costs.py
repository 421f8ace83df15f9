"""Parameter bytes, cycles and latency by the documented formulas."""

from __future__ import annotations

import itertools

import pytest

from edgeq.edgetpu import predict
from edgeq.edgetpu.cycles import operator_cycles
from edgeq.edgetpu.memory import CACHE_BYTES, parameter_bytes
from edgeq.edgetpu.view import OperatorView
from edgeq.graph import Graph, Operator

from .edgetpu_models import activation, bias, conv, single, weights


def cost(graph: Graph) -> tuple[int, int]:
    op = OperatorView(graph, 0)
    return parameter_bytes(op), operator_cycles(op)


def depthwise(channels: int, given: int) -> Graph:
    inputs = [activation("in", 1, 8, 8, given), weights("w", 1, 3, 3, channels), bias("b", channels)]
    return single("DEPTHWISE_CONV_2D", inputs, [activation("out", 1, 8, 8, channels)])


def dense(inputs: int, outputs: int, *, per_channel: bool = False) -> Graph:
    tensors = [activation("in", 1, inputs), weights("w", outputs, inputs, per_channel=per_channel)]
    return single("FULLY_CONNECTED", tensors, [activation("out", 1, outputs)])


@pytest.mark.parametrize(
    ("graph", "parameters", "cycles"),
    [
        (conv(depth=3, outputs=32), (9 * 4 + 4) * 32, 2 * 2 * 9 * 2 * 1),
        (conv(depth=8, outputs=32, per_channel=True), (9 * 8 + 8) * 32, 2 * 2 * 9 * 4 * 1),
        (conv(depth=8, outputs=100), (9 * 8 + 4) * 128, 2 * 2 * 9 * 4 * 4),
        (conv(depth=8, outputs=34), (9 * 8 + 4) * 48, 2 * 2 * 9 * 4 * 2),
        (conv(depth=8, outputs=42), (9 * 8 + 4) * 48, 2 * 2 * 9 * 4 * 2),
        (conv(depth=8, outputs=48), (9 * 8 + 4) * 48, 2 * 2 * 9 * 4 * 2),
        (conv(depth=8, outputs=49), (9 * 8 + 4) * 64, 2 * 2 * 9 * 4 * 2),
        (conv(depth=8, outputs=96), (9 * 8 + 4) * 128, 2 * 2 * 9 * 4 * 3),
        (conv(depth=8, outputs=80), (9 * 8 + 4) * 128, 2 * 2 * 9 * 4 * 3),
        (conv(depth=8, outputs=10), (9 * 8 + 4) * 16, 2 * 2 * 9 * 4 * 1),
        (depthwise(48, 48), (16 + 4) * 128, 2 * 2 * 9 * 3),
        (depthwise(8, 1), (9 * 4 + 4) * 16, 2 * 2 * 9 * 1),
        (dense(1024, 1024, per_channel=True), (1024 + 8) * 1024, 512 * 2),
        (dense(256, 10), (256 + 4) * 16, 128),
    ],
)
def test_parameters_and_cycles(graph: Graph, parameters: int, cycles: int) -> None:
    assert cost(graph) == (parameters, cycles)


def test_operators_without_weights_cost_nothing() -> None:
    assert cost(single("RELU", [activation("in", 1, 8, 8, 8)], [activation("out", 1, 8, 8, 8)])) == (0, 0)


def test_parameters_beyond_the_cache_are_streamed() -> None:
    summary = predict(conv(depth=512, outputs=2048, kernel=(3, 3), height=1, width=1)).summary
    assert summary.parameter_bytes_cached < CACHE_BYTES
    assert summary.parameter_bytes_cached + summary.parameter_bytes_streamed == (9 * 512 + 4) * 2048


def test_a_dense_layer_too_long_for_a_tile_is_streamed() -> None:
    summary = predict(dense(16_384, 1)).summary
    assert (summary.parameter_bytes_cached, summary.parameter_bytes_streamed) == (0, (16_384 + 4) * 16)
    short = predict(dense(4096, 1)).summary
    assert (short.parameter_bytes_cached, short.parameter_bytes_streamed) == ((4096 + 4) * 16, 0)


@pytest.mark.parametrize(
    ("layers", "width", "cached", "streamed"),
    [
        (100, 100, 1_040_896, 281_216),
        (200, 100, 1_040_896, 1_612_416),
        (100, 150, 1_561_344, 1_410_240),
        (40, 100, 40 * 104 * 128 + (12 + 4) * 128 - 104 * 128 + 104 * 16, 0),
    ],
)
def test_many_dense_layers_fill_the_tiles_that_they_lie_on(
    layers: int, width: int, cached: int, streamed: int
) -> None:
    """Models that the real compiler compiled: 12 values in, dense layers one after another, 10 out."""
    sizes = [12, *[width] * layers, 10]
    summary = predict(stack(sizes)).summary
    assert summary.parameter_bytes_cached == pytest.approx(cached, rel=0.002)
    assert summary.parameter_bytes_streamed == streamed


def stack(sizes: list[int]) -> Graph:
    tensors = [activation("x0", 1, sizes[0])]
    operators = []
    for number, (given, made) in enumerate(itertools.pairwise(sizes)):
        first = len(tensors)
        before = 0 if not number else first - 1
        tensors += [weights(f"w{number}", made, given), activation(f"x{number + 1}", 1, made)]
        operators.append(Operator("FULLY_CONNECTED", (before, first), (first + 1,)))
    return Graph("stack", tuple(tensors), tuple(operators), (0,), (len(tensors) - 1,))


@pytest.mark.parametrize(
    ("inputs", "outputs", "stays"), [(5_872, 10, True), (8_112, 10, False), (1280, 1000, True)]
)
def test_a_chunk_that_is_too_long_is_streamed(inputs: int, outputs: int, stays: bool) -> None:
    summary = predict(dense(inputs, outputs)).summary
    assert (summary.parameter_bytes_streamed == 0) is stays


def test_a_convolution_of_which_a_chunk_is_larger_than_a_tile_is_streamed() -> None:
    """Issue 572: all that a 7x7 convolution of 576 to 128 has was streamed, 3.45 MiB."""
    summary = predict(conv(depth=576, outputs=128, kernel=(7, 7), height=7, width=7)).summary
    assert (summary.parameter_bytes_cached, summary.parameter_bytes_streamed) == (0, (49 * 576 + 4) * 128)
    assert round(summary.parameter_bytes_streamed / 2**20, 2) == 3.45
    vgg = predict(conv(depth=512, outputs=512, height=14, width=14)).summary
    assert (vgg.parameter_bytes_cached, vgg.parameter_bytes_streamed) == ((9 * 512 + 4) * 512, 0)


def test_latency_is_the_longer_of_computing_and_transfer() -> None:
    near, *_, far = predict(conv(height=224, width=224, depth=3, outputs=16)).summary.latencies
    cycles = 56 * 56 * 9 * 2
    moved = 224 * 224 * (3 + 16)
    assert near.milliseconds == pytest.approx(0.7 + 1e3 * max(cycles / 250e6, moved / 420e6), abs=1e-3)
    assert far.milliseconds == pytest.approx(7.0 + 1e3 * moved / 40e6, abs=1e-3)
    assert (near.cpu_milliseconds, near.error, far.error) == (0, 0.2, 0.4)


def partly(opcode: str, custom: str = "") -> Graph:
    """A convolution on the chip, then an operator that stays on the CPU."""
    first = conv(height=64, width=64)
    tensors = (*first.tensors, activation("last", 1, 64, 64, 16))
    last = Operator(opcode, (3,), (4,), custom_code=custom)
    return Graph("partly", tensors, (*first.operators, last), first.inputs, (4,))


def test_operators_on_the_cpu_have_their_part_of_the_latency() -> None:
    desktop, board, *_ = predict(partly("HARD_SWISH")).summary.latencies
    values = 2 * 64 * 64 * 16
    assert desktop.cpu_milliseconds == pytest.approx(1.7e-6 * values, abs=1e-3)
    assert board.cpu_milliseconds == pytest.approx(13e-6 * values, abs=1e-3)
    for one in (desktop, board):
        assert one.milliseconds is not None and one.cpu_milliseconds is not None and one.error is not None
        assert one.milliseconds == pytest.approx(one.edgetpu_milliseconds + one.cpu_milliseconds, abs=2e-3)
        assert 0.2 < one.error < 0.5
    assert board.error > desktop.error  # type: ignore[operator]  # the uncertain part is larger there


def test_the_vendors_custom_operators_are_known() -> None:
    first = predict(partly("CUSTOM", "TFLite_Detection_PostProcess")).summary.latencies[0]
    assert first.cpu_milliseconds == pytest.approx(3 * 1.7e-6 * 2 * 64 * 64 * 16, abs=1e-3)


def test_nothing_is_said_where_nothing_is_known() -> None:
    summary = predict(partly("CUSTOM", "Decoder")).summary
    assert (summary.mapped, summary.latency_ms) == (1, None)
    first = summary.latencies[0]
    assert (first.milliseconds, first.error, first.cpu_milliseconds) == (None, None, None)
    assert first.edgetpu_milliseconds > 0.7


def test_a_tensor_larger_than_the_chip_is_warned_of() -> None:
    large = predict(conv(height=640, width=640, depth=8, outputs=16))
    assert "large activation tensors" in large.warnings[0]
    assert large.summary.activation_bytes_per_tile == 640 * 640 * (8 + 16) // 16
    assert predict(conv()).warnings == ()
