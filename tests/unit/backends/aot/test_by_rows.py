"""Steps that run by rows: every byte of the arena is whose it should be, and there are fewer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from arena import walk
from layers import Layers
from stacks import QUANT, stack

from edgeq.backends.aot.fitting import Fitted, fit
from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.target import Target
from edgeq.backends.project.budget import Budget, Feeding, Optimize
from edgeq.base.errors import ModelError
from edgeq.boards import load_board
from edgeq.graph import Graph, load_model, write_model

MODES: tuple[Optimize, ...] = ("speed", "auto", "size", "ram")


def walked(
    graph: Graph, board: str, optimize: Optimize, model: bytes = b"", feeding: Feeding = "whole"
) -> Fitted:
    """A plan that was walked through."""
    target = load_board(board)
    lowerable = prepare(model or write_model(graph), graph, Target(target.core))
    found = fit(lowerable, target, Budget(optimize, input=feeding))
    walk(lowerable.graph, found.steps, lowerable.aliases, found.plan, found.segments)
    return found


@pytest.mark.parametrize("board", ["sim-m4", "sim-m0", "mps3_an547"])
def test_random_stacks(board: str) -> None:
    streamed, smaller = 0, 0
    for seed in range(6 if board == "sim-m4" else 3):
        graph = stack(seed).graph()
        arenas = [walked(graph, board, mode) for mode in MODES]
        streamed += len(arenas[-1].segments)
        smaller += arenas[-1].plan.arena < arenas[2].plan.arena
        assert arenas[-1].plan.arena <= arenas[2].plan.arena
    if board == "sim-m4":
        assert min(streamed, smaller) >= 2


MOST = {"kws": 5_500, "vww": 28_000}


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", ["ad", "kws", "ic", pytest.param("vww", marks=pytest.mark.slow)])
def test_models(name: str, shared: Path) -> None:
    model, graph = load_model(shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite")
    for mode in MODES:
        found = walked(graph, "sim-m4", mode, model)
    assert found.plan.arena <= MOST.get(name, 1 << 20)


def test_a_chain_needs_rows_and_no_maps() -> None:
    """Four depthwise convolutions between 1x1: two rows of each stay, and what is between is there once."""
    graph = chain()
    found = walked(graph, "sim-m4", "ram")
    row = 8 * 32
    assert [(one.first, one.last) for one in found.segments] == [(0, 9)]
    assert found.plan.arena < 64 * row / 2
    assert walked(graph, "sim-m4", "size").plan.arena > 64 * row


def chain() -> Graph:
    net = Layers(0)
    x = net.input([1, 64, 8, 1], QUANT)
    x = net.layer("CONV_2D", x, [1, 64, 8, 32], (3, 3))
    for _ in range(4):
        x = net.layer("DEPTHWISE_CONV_2D", x, [1, 64, 8, 32], (3, 3))
        x = net.layer("CONV_2D", x, [1, 64, 8, 32])
    pool = {"filter_height": 8, "filter_width": 8, "stride_h": 8, "stride_w": 8, "padding": "VALID"}
    x = net.op("MAX_POOL_2D", [x], [1, 8, 1, 32], QUANT, fused_activation_function="NONE", **pool)
    net.outputs.append(x)
    return net.graph()


def test_the_walk_sees_what_is_amiss() -> None:
    """Any tensor, any scratch, and any line's rows a little elsewhere."""
    graph = chain()
    found = walked(graph, "sim-m4", "ram")
    plan, fails = found.plan, 0
    moved = [replace(plan, offsets={**plan.offsets, t: max(at - 64, 0)}) for t, at in plan.offsets.items()]
    moved += [replace(plan, kept={**plan.kept, t: at + 64}) for t, at in plan.kept.items()]
    for other in moved:
        try:
            walk(graph, found.steps, {}, other, found.segments)
        except (AssertionError, ValueError):
            fails += 1
    assert fails > len(moved) // 2


def test_an_input_that_comes_by_rows_is_never_there_as_a_whole() -> None:
    """Of a large picture, some rows: the arena is smaller than the picture."""
    net = Layers(0)
    x = net.input([1, 64, 64, 3], QUANT)
    x = net.layer("CONV_2D", x, [1, 32, 32, 8], (3, 3), stride_h=2, stride_w=2)
    x = net.layer("CONV_2D", x, [1, 16, 16, 8], (3, 3), stride_h=2, stride_w=2)
    net.outputs.append(x)
    graph = net.graph()
    whole, fed = (walked(graph, "sim-m4", "ram", feeding=feeding) for feeding in ("whole", "rows"))
    assert whole.plan.arena >= 64 * 64 * 3
    assert fed.plan.arena < 64 * 64 * 3 / 2
    assert walked(graph, "sim-m0", "auto", feeding="rows").plan.arena < 64 * 64 * 3


def test_what_cannot_come_by_rows() -> None:
    two = Layers(0)
    two.outputs.append(two.op("ADD", [two.input([1, 8, 8, 1]), two.input([1, 8, 8, 1])], [1, 8, 8, 1]))
    flat = Layers(0)
    flat.outputs.append(flat.layer("FULLY_CONNECTED", flat.input([1, 8], QUANT), [1, 4]))
    softmax = Layers(0)
    x = softmax.input([1, 8, 8, 4])
    softmax.outputs.append(softmax.op("SOFTMAX", [x], [1, 8, 8, 4], (1 / 256, -128), beta=1.0))
    for net, said in ((two, "has 2"), (flat, r"\[1, 8\]"), (softmax, "does not run by rows")):
        with pytest.raises(ModelError, match=said):
            walked(net.graph(), "sim-m4", "ram", feeding="rows")
