"""Operators of INT32 and INT64 numbers that mean themselves, and of truth values: every bit the oracle's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net, activations, filled

from edgeq.checker import examine
from edgeq.graph import DType, Operator

WHOLE, LONG, TRUTH = DType.INT32, DType.INT64, DType.BOOL
SHAPE = (1, 4, 6, 5)


def reductions(net: Net) -> None:
    for dtype in (WHOLE, LONG, TRUTH):
        for opcode in ("SUM", "MEAN", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN"):
            if opcode == "MEAN" and dtype is TRUTH:
                continue
            for axes, keep in (
                ([1, 2], True),
                ([-1], False),
                ([1, 3], False),
                ([2], True),
                ([3, 2, 1], False),
            ):
                at = {axis % 4 for axis in axes}
                output = [1 if i in at else d for i, d in enumerate(SHAPE) if keep or i not in at]
                x = net.input(SHAPE, dtype=dtype)
                net.op(opcode, [x, net.ints(axes)], output, dtype=dtype, output=True, keep_dims=keep)


def pairs(net: Net) -> None:
    for first, second in (
        (SHAPE, SHAPE),
        (SHAPE, (5,)),
        ((1, 4, 1, 5), (1, 1, 6, 1)),
        ((1, 1, 6, 1), (1, 4, 1, 5)),
    ):
        a, b = net.input(first, dtype=WHOLE), net.input(second, dtype=WHOLE)
        shape, options = (
            np.broadcast_shapes(first, second),
            {"fused_activation_function": activations(net.random)},
        )
        net.op("SQUARED_DIFFERENCE", [a, b], shape, dtype=WHOLE, output=True)
        net.op("DIV", [a, b], shape, dtype=WHOLE, output=True, **options)
    for values in ([7], [3, -1000, 2**31 - 1, -(2**31), 1]):
        fixed = net.ints(values)
        a, options = net.input(SHAPE, dtype=WHOLE), {"fused_activation_function": activations(net.random)}
        net.op("DIV", [a, fixed], SHAPE, dtype=WHOLE, output=True, **options)
        net.op("DIV", [fixed, a], SHAPE, dtype=WHOLE, output=True, fused_activation_function="NONE")
        net.op("SQUARED_DIFFERENCE", [fixed, a], SHAPE, dtype=WHOLE, output=True)
    net.op("ABS", [net.input(SHAPE, dtype=WHOLE)], SHAPE, dtype=WHOLE, output=True)


def largest(net: Net) -> None:
    """The place of the largest and of the smallest, the first of equals."""
    for dtype in (WHOLE, TRUTH):
        for opcode, place, axis in (("ARG_MAX", WHOLE, 1), ("ARG_MIN", LONG, -1), ("ARG_MIN", WHOLE, 2)):
            x = net.input(SHAPE, dtype=dtype)
            shape = tuple(d for i, d in enumerate(SHAPE) if i != axis % 4)
            net.op(opcode, [x, net.ints(axis)], shape, dtype=place, output=True, output_type=place.value)


def largest_of_rows(net: Net) -> None:
    for dtype in (DType.UINT8, DType.INT16, WHOLE, LONG):
        for count in (1, 7, 40):
            quant = (0.05, 0) if dtype in (DType.UINT8, DType.INT16) else None
            x, many = net.input((1, 3, 40), quant, dtype=dtype), net.ints(count)
            values = net.tensor((1, 3, count), quant, dtype=dtype)
            places = net.tensor((1, 3, count), dtype=DType.INT16 if count == 7 else WHOLE)
            net.operators.append(Operator("TOPK_V2", (x, many), (values, places), {}, version=2))
            net.outputs += [values, places]


NETS: tuple[Callable[[Net], None], ...] = (reductions, pairs, largest, largest_of_rows)


def test_every_bit_is_the_oracles(tmp_path: Path) -> None:
    holds_here(filled(Net(1), *NETS), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_on_simulated_cores(board: str, tmp_path: Path) -> None:
    holds_on(board, filled(Net(2), *NETS), tmp_path)


def test_division_by_0_is_refused() -> None:
    net = Net(3)
    net.op("DIV", [net.input((1, 4), dtype=WHOLE), net.ints([3, 0, 1, 1])], (1, 4), dtype=WHOLE, output=True)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.opcode) == ("operator-form", "DIV")
