"""Layers of the older unsigned form, whose weights have a zero point anywhere: every byte LiteRT's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from mac_layers import conv, depthwise, fully_connected, join
from nets import Net
from older import make_older

from edgeq.checker import examine
from edgeq.graph import Graph

MAKERS = {"conv": conv, "depthwise": depthwise, "fully_connected": fully_connected}


def of(graph: Graph) -> Net:
    net = Net()
    net.tensors, net.operators = list(graph.tensors), list(graph.operators)
    net.inputs, net.outputs = list(graph.inputs), list(graph.outputs)
    return net


def layers(kind: str, first: int, count: int) -> Net:
    """Random layers that pass the check, most of them with weights that do not fit int8 symmetrically."""
    random = np.random.default_rng(first)
    made: list[Graph] = []
    while len(made) < count:
        net = of(MAKERS[kind](random))
        make_older(net, random)
        if not examine(net.graph()):
            made.append(net.graph())
    return of(join(made))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_every_byte_is_the_oracles(kind: str, tmp_path: Path) -> None:
    holds_here(layers(kind, 1, 60), tmp_path, boards=("host", "sim-m4"))


@pytest.mark.parametrize("kind", ["depthwise", "fully_connected"])
def test_a_few(kind: str, tmp_path: Path) -> None:
    holds_here(layers(kind, 1, 5), tmp_path)


def test_on_a_core(tmp_path: Path) -> None:
    holds_on("sim-m0", layers("conv", 2, 6), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 400, 100))
@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_many(kind: str, first: int, tmp_path: Path) -> None:
    holds_here(layers(kind, first, 100), tmp_path, boards=("host", "sim-m4"))
