"""Networks whose steps run by rows give the oracle's bytes, as C for this machine and on cores."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from layers import Layers
from native import Native, compiled_graph
from stacks import QUANT, mean, resnet, stack

from edgeq.backends.project.budget import Budget
from edgeq.graph import write_model
from edgeq.interpreter import run

RAM = Budget("ram")
LOOP = b"turn++"


@pytest.mark.parametrize("seed", [0, 1])
def test_here(seed: int, tmp_path: Path) -> None:
    holds_here(stack(seed), tmp_path, boards=("host", "sim-m4", "sim-m3"), budget=RAM)


def test_residual_blocks_here(tmp_path: Path) -> None:
    """Whose last rows are made in every second turn, or fewer."""
    holds_here(resnet(24), tmp_path, boards=("host", "sim-m4", "sim-m3"), budget=RAM)


def photo() -> Layers:
    """A picture of 19 rows, and layers of which the first reads down three rows, by twos."""
    net = Layers(3)
    x = net.input([1, 19, 12, 3], QUANT)
    x = net.layer("CONV_2D", x, [1, 10, 6, 8], (3, 3), stride_h=2, stride_w=2)
    x = net.layer("DEPTHWISE_CONV_2D", x, [1, 10, 6, 8], (3, 3))
    x = net.layer("CONV_2D", x, [1, 10, 6, 4])
    net.outputs.append(mean(net, x))
    return net


FED = Budget("ram", input="rows")


def test_rows_that_are_pushed(tmp_path: Path) -> None:
    """One by one as the link's input is, several at once, and after some that are forgotten."""
    net = photo()
    holds_here(net, tmp_path, boards=("host", "sim-m4", "sim-m3", "sim-m0"), budget=FED)
    graph, model = net.graph(), write_model(net.graph())
    native = Native(compiled_graph(graph, model, "sim-m4", FED), tmp_path / "again")
    (x,) = net.samples(3)
    (expected,) = run(model, [x])
    push = native.library.edgeq_runtime_push_rows
    for picture, wanted in zip(x, expected, strict=True):
        rows = [np.ascontiguousarray(part).tobytes() for part in np.split(picture, [1, 6, 7])]
        assert push(rows[1], 5) == 0
        assert native.library.edgeq_runtime_reset() == 0
        assert push(rows[0], 20) == -1
        assert [push(part, len(part) // 36) for part in rows] == [0, 0, 0, 1]
        output = native.outputs[0]
        assert ctypes.string_at(output.data, output.bytes) == wanted.tobytes()


@pytest.mark.slow
def test_here_many(tmp_path: Path) -> None:
    by_rows = 0
    for seed in range(2, 16):
        files = holds_here(stack(seed), tmp_path / str(seed), boards=("host", "sim-m4"), budget=RAM)
        by_rows += LOOP in files["src/network/edgeq_network.c"]
    assert by_rows >= 5


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m4", "sim-m0", "mps3_an547"])
def test_on_cores(board: str, tmp_path: Path) -> None:
    for seed in (3, 5):
        holds_on(board, stack(seed), tmp_path / str(seed), budget=RAM)
    holds_on(board, photo(), tmp_path / "fed", budget=FED)
    holds_on(board, resnet(24), tmp_path / "residual", budget=FED)
