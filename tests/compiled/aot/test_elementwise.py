"""SUB, SQUARED_DIFFERENCE and PRELU: every byte the oracle's, over forms of operands, scales, activations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net, activations

from edgeq.checker import examine

SHAPES = (
    ((1, 7), (1, 7)),
    ((1, 300), (1, 300)),
    ((1, 4, 5, 6), (1, 1, 1, 6)),
    ((1, 1, 1, 6), (1, 4, 5, 6)),
    ((1, 4, 1, 6), (1, 1, 5, 1)),
    ((1, 1, 5), (1, 3, 1)),
    ((1, 6), (1, 2, 1)),
)
CONSTANTS = (((1, 30), (30,)), ((1, 4, 5, 6), (5, 1)), ((1, 1, 6), (1, 4, 1)), ((1, 2, 3), ()))


def add_pairs(net: Net, opcode: str) -> None:
    fused = opcode == "SUB"

    def op(first: int, second: int, shape: tuple[int, ...], quant: tuple[float, int]) -> None:
        options = {"fused_activation_function": activations(net.random)} if fused else {}
        net.op(opcode, [first, second], shape, quant, output=True, **options)

    def output() -> tuple[float, int]:
        scale, zero_point = net.quant()
        return scale * (1 if fused else 4), zero_point

    for first, second in SHAPES:
        shape = np.broadcast_shapes(first, second)
        op(net.input(first), net.input(second), shape, output())
    for position, (given, constant) in enumerate(CONSTANTS * 2):
        x, y = net.input(given), net.constant(constant)
        pair = (x, y) if position < len(CONSTANTS) else (y, x)
        op(*pair, np.broadcast_shapes(given, constant), output())
    x = net.input((1, 256))
    op(x, x, (1, 256), output())
    for quants in ([(0.5, 0)] * 3, [(0.25, 3), (0.5, -7), (0.75, 1)], [(0.1, -128), (0.1, 127), (0.1, 0)]):
        op(net.input((1, 400), quants[0]), net.input((1, 400), quants[1]), (1, 400), quants[2])


def add_prelus(net: Net) -> None:
    for shape, slopes in (
        ((1, 4, 5, 6), (1, 1, 6)),
        ((1, 4, 5, 6), (4, 5, 6)),
        ((1, 4, 5, 6), (4, 1, 1)),
        ((1, 300), (300,)),
        ((1, 256), (1,)),
        ((1, 30, 3), (30, 1)),
    ):
        net.op("PRELU", [net.input(shape), net.constant(slopes)], shape, output=True)


def every_form(seed: int) -> Net:
    net = Net(seed)
    add_pairs(net, "SUB")
    add_pairs(net, "SQUARED_DIFFERENCE")
    add_prelus(net)
    return net


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", range(3))
def test_every_byte_is_the_oracles(seed: int, tmp_path: Path) -> None:
    files = holds_here(every_form(seed), tmp_path)
    kernels = {name.split("/")[-1] for name in files if name.endswith("_s8.c")}
    assert {"edgeq_add_s8.c", "edgeq_squared_difference_s8.c", "edgeq_prelu_s8.c"} <= kernels


def test_differences_in_the_references_own_steps(tmp_path: Path) -> None:
    """Scales of which no affine step is exact, with either operand constant."""
    net = Net(9)
    quants = (0.2999, 5), (0.0041, -3), (0.3, 0)
    x, y = net.input((1, 500), quants[0]), net.input((1, 500), quants[1])
    fixed = net.constant((500,), quants[0])
    for pair in ((x, y), (y, x), (fixed, y), (y, fixed)):
        for scale in (0.3, 0.031, 0.0043):
            net.op("SUB", pair, (1, 500), (scale, 7), output=True, fused_activation_function="NONE")
    assert "src/kernels/edgeq_sub_rounded_s8.c" in holds_here(net, tmp_path)


def test_on_a_core(tmp_path: Path) -> None:
    holds_on("sim-m4", every_form(5), tmp_path)


def test_what_tensorflow_lite_stops_at_is_refused() -> None:
    net = Net(6)
    pair = [net.input((1, 4), (2.0, 0)), net.input((1, 4), (2.0, 0))]
    net.op("SQUARED_DIFFERENCE", pair, (1, 4), (1 / 1024, 0), output=True)
    assert "scale-ratio" in {finding.rule for finding in examine(net.graph())}
    net = Net(7)
    pair = [net.input((1, 4), (64.0, 0)), net.input((1, 4), (64.0, 0))]
    net.op("SQUARED_DIFFERENCE", pair, (1, 4), (1.0, 0), output=True)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.opcode) == ("operator-form", "SQUARED_DIFFERENCE")


def test_slopes_that_do_not_fit_are_refused() -> None:
    net = Net(8)
    net.op("PRELU", [net.input((1, 1, 3)), net.constant((4, 3))], (1, 4, 3), output=True)
    (finding,) = examine(net.graph())
    assert finding.rule == "shape"
