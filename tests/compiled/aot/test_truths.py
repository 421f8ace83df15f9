"""Comparisons, logical operators, SELECT, and what asks for any or all: every byte the oracle's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net

from edgeq.checker import examine
from edgeq.graph import DType

COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
SHAPES = (
    ((1, 300), (1, 300)),
    ((1, 4, 5, 6), (1, 1, 1, 6)),
    ((1, 1, 1, 6), (1, 4, 5, 6)),
    ((1, 4, 1, 6), (1, 1, 5, 1)),
)
TRUTH = DType.BOOL


def comparisons(seed: int) -> Net:
    """Operands of one scale and of two, a constant first and second, a scalar, a tensor with itself."""
    net = Net(seed)

    def op(opcode: str, first: int, second: int) -> None:
        shape = np.broadcast_shapes(*(net.tensors[t].shape for t in (first, second)))
        net.op(opcode, [first, second], shape, dtype=TRUTH, output=True)

    for opcode in COMPARISONS:
        for first, second in SHAPES:
            op(opcode, net.input(first), net.input(second))
        quant = net.quant()
        op(opcode, net.input((1, 300), quant), net.input((1, 300), quant))
        op(opcode, net.input((1, 300), (0.5, 0)), net.input((1, 300), (0.25, 1)))
        op(opcode, net.input((1, 5, 6)), net.constant((6,)))
        op(opcode, net.constant((6,)), net.input((1, 5, 6)))
        op(opcode, net.input((1, 256), (0.1, 3)), net.tensor((), (0.1, 5), data=np.array(7, np.int8)))
        x = net.input((1, 40))
        op(opcode, x, x)
    return net


def truths(net: Net, shape: tuple[int, ...]) -> int:
    """Truth values, computed."""
    return net.op("LESS", [net.input(shape), net.input(shape)], shape, dtype=TRUTH)


def logic(seed: int) -> Net:
    net = Net(seed)
    for opcode in ("LOGICAL_AND", "LOGICAL_OR"):
        for first, second in SHAPES:
            pair = [truths(net, first), truths(net, second)]
            net.op(opcode, pair, np.broadcast_shapes(first, second), dtype=TRUTH, output=True)
        fixed = net.tensor((6,), data=net.random.integers(0, 2, 6).astype(np.bool_), dtype=TRUTH)
        net.op(opcode, [fixed, truths(net, (1, 5, 6))], (1, 5, 6), dtype=TRUTH, output=True)
    for opcode in ("EQUAL", "NOT_EQUAL"):
        pair = [truths(net, (1, 4, 6)), truths(net, (1, 1, 6))]
        net.op(opcode, pair, (1, 4, 6), dtype=TRUTH, output=True)
        fixed = net.tensor((6,), data=net.random.integers(0, 2, 6).astype(np.bool_), dtype=TRUTH)
        net.op(opcode, [fixed, truths(net, (1, 5, 6))], (1, 5, 6), dtype=TRUTH, output=True)
    net.op("LOGICAL_NOT", [truths(net, (1, 50))], (1, 50), dtype=TRUTH, output=True)
    for opcode, axes, shape in (
        ("REDUCE_ANY", [1, 2], (1, 6)),
        ("REDUCE_ALL", [1, 2], (1, 6)),
        ("REDUCE_ANY", [-1], (1, 4, 5)),
        ("REDUCE_ALL", [2], (1, 4, 6)),
    ):
        x = net.op(
            "LOGICAL_OR", [truths(net, (1, 4, 5, 6)), truths(net, (1, 4, 5, 6))], (1, 4, 5, 6), dtype=TRUTH
        )
        net.op(opcode, [x, net.ints(axes)], shape, dtype=TRUTH, output=True, keep_dims=False)
    return net


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_comparisons(seed: int, tmp_path: Path) -> None:
    assert "src/kernels/edgeq_compare_s8.c" in holds_here(comparisons(seed), tmp_path)


def test_logic_and_reductions_of_truth_values(tmp_path: Path) -> None:
    holds_here(logic(3), tmp_path)


@pytest.mark.slow
def test_on_a_core(tmp_path: Path) -> None:
    net = comparisons(4)
    holds_on("sim-m4", net, tmp_path)


def test_a_scale_at_which_the_interpreter_stops_is_refused() -> None:
    net = Net(5)
    net.op(
        "LESS", [net.input((1, 4), (1.5, 0)), net.input((1, 4), (0.5, 0))], (1, 4), dtype=TRUTH, output=True
    )
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.opcode) == ("operator-form", "LESS")
