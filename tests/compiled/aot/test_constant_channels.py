"""Channels that are constant, or that nobody reads: they go, and every output byte stays the oracle's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from layers import ZERO, Layers

from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.target import Target
from edgeq.boards import load_board
from edgeq.graph import Graph, write_model


def pointwise(net: Layers) -> None:
    """Constants go into the biases of a 1x1 and of a VALID convolution, through pools."""
    x = net.input([1, 6, 5, 3], (1.0, ZERO))
    x = net.layer("CONV_2D", x, [1, 6, 5, 16], dead=[0, 3, 4, 5, 6, 11, 12, 13, 14, 15])
    pool = {"filter_height": 2, "filter_width": 2, "stride_h": 1, "stride_w": 1, "padding": "SAME"}
    pool["fused_activation_function"] = "RELU"
    x = net.op("AVERAGE_POOL_2D", [x], [1, 6, 5, 16], (1.0, ZERO), **pool)
    x = net.op("MAX_POOL_2D", [x], [1, 6, 5, 16], (1.0, ZERO), **pool)
    x = net.layer("CONV_2D", x, [1, 4, 3, 8], (3, 3), padding="VALID", bias=False, dead=[1, 2, 3, 4])
    net.layer("CONV_2D", x, [1, 4, 3, 4], output=True)


def edges(net: Layers) -> None:
    """Where a window hangs over the edge, only a constant that is the zero point goes."""
    x = net.input([1, 5, 5, 4], (1.0, ZERO))
    x = net.layer("CONV_2D", x, [1, 5, 5, 12], bias=False, dead=range(4, 12))
    y = net.layer("CONV_2D", x, [1, 5, 5, 12], (3, 3), dead=range(4, 12), blind=range(2))
    net.layer("CONV_2D", y, [1, 5, 5, 4], (3, 3), output=True)


def depthwise(net: Layers) -> None:
    """A depthwise channel goes with the one it reads: dead itself, or of a constant."""
    x = net.input([1, 7, 6, 4], (1.0, ZERO))
    x = net.layer("CONV_2D", x, [1, 7, 6, 12], bias=False, dead=[0, 1, 2, 3])
    x = net.layer(
        "DEPTHWISE_CONV_2D", x, [1, 7, 6, 24], (3, 3), dead=range(16, 24), bias=False, depth_multiplier=2
    )
    x = net.layer("DEPTHWISE_CONV_2D", x, [1, 7, 6, 24], (3, 5), depth_multiplier=1)
    net.layer("CONV_2D", x, [1, 7, 6, 4], output=True)


def residual(net: Layers) -> None:
    """Both operands of an addition lose the same channels, a factor its elements, a gate its channels."""
    x = net.input([1, 4, 4, 8], (1.0, ZERO))
    a = net.layer("CONV_2D", x, [1, 4, 4, 16], dead=range(8))
    b = net.layer("CONV_2D", x, [1, 4, 4, 16], dead=range(4, 12))
    plain = {"fused_activation_function": "NONE"}
    s = net.op("ADD", [a, b], [1, 4, 4, 16], (2.0, ZERO), **plain)
    factor = net.constant([16], (0.02, 0))
    s = net.op("MUL", [factor, s], [1, 4, 4, 16], (2.0, ZERO), **plain)
    s = net.op("SUB", [s, net.constant([1], (1.0, 3))], [1, 4, 4, 16], (2.0, ZERO), **plain)
    gate = net.op("MEAN", [s, net.ints([1, 2])], [1, 1, 1, 16], (2.0, ZERO), keep_dims=True)
    gate = net.op("LOGISTIC", [gate], [1, 1, 1, 16], (1 / 256, -128))
    s = net.op("MUL", [s, gate], [1, 4, 4, 16], (1.0, ZERO), **plain)
    s = net.op("RELU", [s], [1, 4, 4, 16], (1.0, ZERO))
    net.layer("CONV_2D", s, [1, 4, 4, 4], output=True)


def flattened(net: Layers) -> None:
    """A channel of a map is many inputs of the fully connected layer behind it."""
    x = net.input([1, 3, 2, 4], (1.0, ZERO))
    x = net.layer("CONV_2D", x, [1, 3, 2, 12], dead=range(1, 9))
    x = net.op("RESHAPE", [x, net.ints([1, 72])], [1, 72], (1.0, ZERO))
    x = net.layer("FULLY_CONNECTED", x, [1, 16], dead=range(8), fused_activation_function="RELU")
    x = net.layer("FULLY_CONNECTED", x, [1, 8], bias=False, blind=range(8, 12))
    net.layer("FULLY_CONNECTED", x, [1, 3], output=True)


def clamped(net: Layers) -> None:
    """A bias beyond what the weights can reach, and an activation's end: constant without a zero weight."""
    x = net.input([1, 8], (1.0, ZERO))
    x = net.layer("FULLY_CONNECTED", x, [1, 16], fused_activation_function="RELU")
    bias = net.tensors[net.operators[-1].inputs[2]]
    values = np.asarray(bias.data).copy()
    values[3:12] = np.repeat([-(2**24), 2**24, -(2**20)], 3)
    net.tensors[net.operators[-1].inputs[2]] = replace(bias, data=values)
    net.layer("FULLY_CONNECTED", x, [1, 5], output=True)


def all_dead(net: Layers) -> None:
    """A whole tensor that is constant keeps a block of channels."""
    x = net.input([1, 3, 3, 4], (1.0, ZERO))
    x = net.layer("CONV_2D", x, [1, 3, 3, 12], dead=range(12))
    net.layer("CONV_2D", x, [1, 3, 3, 4], output=True)


def held(net: Layers) -> None:
    """An output of the model, and a reader that knows nothing of channels, keep them all."""
    x = net.input([1, 4, 4, 4], (1.0, ZERO))
    a = net.layer("CONV_2D", x, [1, 4, 4, 8], dead=range(8), output=True)
    net.layer("CONV_2D", a, [1, 4, 4, 4], output=True)
    b = net.layer("CONV_2D", x, [1, 4, 4, 8], dead=range(8))
    net.op("TRANSPOSE", [b, net.ints([0, 3, 1, 2])], [1, 8, 4, 4], (1.0, ZERO), output=True)
    net.layer("CONV_2D", b, [1, 4, 4, 4], output=True)


CASES: dict[Callable[[Layers], None], list[int]] = {
    pointwise: [8, 8, 8, 4, 4],
    edges: [4, 12, 4],
    depthwise: [4, 8, 8, 4],
    residual: [12] * 9 + [4],
    flattened: [4, 24, 4, 8, 3],
    clamped: [8, 5],
    all_dead: [4, 4],
    held: [8, 4, 8, 4, 4],
}
"""The channels of each layer that stay."""


def left(graph: Graph) -> Graph:
    return prepare(write_model(graph), graph, Target(load_board("sim-m4").core)).graph


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_what_goes(build: Callable[[Layers], None]) -> None:
    net = Layers(3)
    build(net)
    graph = left(net.graph())
    assert [graph[op.outputs[0]].shape[-1] for op in graph.operators] == CASES[build]
    assert [op.opcode for op in graph.operators] == [op.opcode for op in net.operators]


def test_every_byte_stays(tmp_path: Path) -> None:
    net = Layers(3, "constant")
    for build in CASES:
        build(net)
    holds_here(net, tmp_path, boards=("host", "sim-m4"))


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m4", "sim-m33", "sim-m0", "mps3_an547"])
def test_every_byte_stays_on_a_core(board: str, tmp_path: Path) -> None:
    net = Layers(4, "constant")
    for build in CASES:
        build(net)
    holds_on(board, net, tmp_path)
