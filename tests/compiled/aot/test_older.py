"""Operators of the older unsigned form: every byte LiteRT's, mostly by the kernels of int8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import test_images_and_matrices as images
import test_operators as plain
import test_tables as tables
from exact import holds_here, holds_on
from nets import Net, activations
from older import make_older

from edgeq.backends.aot.ops import operators
from edgeq.checker import examine
from edgeq.graph import DType


def pairs(net: Net) -> None:
    """What no other group has of two operands: full, broadcast, by a constant."""
    for opcode in ("MAXIMUM", "MINIMUM", "SUB", "PRELU"):
        for second in ([1, 4, 5, 6], [6], [1, 1, 5, 1]):
            x = net.input([1, 4, 5, 6])
            same = net.same_quant(x) if opcode in ("MAXIMUM", "MINIMUM") else None
            y = (
                net.constant(second, same)
                if opcode == "PRELU" or len(second) == 1
                else net.input(second, same)
            )
            if opcode == "PRELU" and second[0] == 1:
                y = net.constant([5, 1])
            options = {"fused_activation_function": "RELU6"} if opcode == "SUB" else {}
            net.op(opcode, [x, y], [1, 4, 5, 6], same, output=True, **options)


def joined(net: Net) -> None:
    """Parts of other scales, constants among them."""
    for case, axis in enumerate((1, 3, -1, 2, 1, 3)):
        shape = [1, 4, 5, 6]
        parts = [net.input(shape), net.constant(shape), net.input(shape)]
        same = net.same_quant(parts[0])
        parts.append(net.input(shape, same))
        output = [4 * d if i == axis % 4 else d for i, d in enumerate(shape)]
        quant = same if case % 2 else (same[0] * (1.7, 0.01, 40.0)[case // 2], case - 3)
        net.op(
            "CONCATENATION", parts, output, quant, output=True, axis=axis, fused_activation_function="NONE"
        )


def compared(net: Net) -> None:
    for opcode in ("EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "NOT_EQUAL"):
        for second in ([1, 4, 5, 6], [6]):
            x, y = net.input([1, 4, 5, 6]), net.input(second) if len(second) > 1 else net.constant(second)
            net.outputs.append(net.op(opcode, [x, y], [1, 4, 5, 6], dtype=DType.BOOL))


def summed(net: Net) -> None:
    for factor in (0.3, 1.0, 7.0):
        for axes, output in (([1, 2], [1, 6]), ([3], [1, 4, 5]), ([-3, -1], [1, 5])):
            x = net.input([1, 4, 5, 6])
            quant = (net.same_quant(x)[0] * factor, int(net.random.integers(-128, 128)))
            net.op("SUM", [x, net.ints(axes)], output, quant, output=True, keep_dims=False)


def divided(net: Net) -> None:
    """By constants: LiteRT stops where a divisor is 0."""
    for _ in range(6):
        zero = int(net.random.integers(-128, 128))
        values = net.random.integers(-128, 128, 6)
        values[values == zero] += 1 if zero < 127 else -1
        divisor = net.tensor([6], (0.05, zero), data=values.astype(np.int8))
        options = {"fused_activation_function": activations(net.random)}
        net.op("DIV", [net.input([1, 50, 6]), divisor], [1, 50, 6], output=True, **options)


def rectified(net: Net) -> None:
    for factor in (0.4, 1.0, 3.0):
        x = net.input([1, 256])
        quant = (net.same_quant(x)[0] * factor, int(net.random.integers(-128, 128)))
        net.op("RELU_0_TO_1", [x], [1, 256], quant, output=True)


GROUPS = (
    plain.add_tables,
    plain.add_additions,
    plain.add_broadcasts,
    plain.add_products,
    plain.add_pools,
    plain.add_means,
    plain.add_layouts,
    plain.add_softmaxes,
    images.reductions,
    images.transposed_convolutions,
    images.logarithms,
    images.norms,
    images.resizes,
    pairs,
    joined,
    compared,
    summed,
    divided,
    rectified,
)
QUICK = (plain.add_layouts, pairs, joined, summed, divided, rectified)
TABLES = ("LEAKY_RELU", "HARD_SWISH", "GELU")


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "group",
    [pytest.param(g, marks=() if g in QUICK else pytest.mark.slow, id=g.__name__) for g in GROUPS],
)
def test_every_byte_is_the_oracles(group: Callable[[Net], None], tmp_path: Path) -> None:
    net = Net(11)
    group(net)
    make_older(net)
    holds_here(net, tmp_path, boards=("host", "sim-m4"))


@pytest.mark.parametrize("opcode", TABLES)
def test_every_table_is_the_oracles(opcode: str, tmp_path: Path) -> None:
    net = tables.tables(12, (opcode,), 12)
    make_older(net)
    holds_here(net, tmp_path)


@pytest.mark.slow
def test_on_a_core(tmp_path: Path) -> None:
    net = Net(13)
    for group in (plain.add_additions, plain.add_pools, plain.add_layouts, plain.add_softmaxes):
        group(net)
    make_older(net)
    holds_on("sim-m0", net, tmp_path)


def test_every_uint8_form_is_held() -> None:
    """Here; those of what moves are in test_moving.py, those of layers in test_older_layers.py."""
    net = Net(14)
    for group in GROUPS:
        group(net)
    derived = {
        name
        for name, forms in operators().items()
        if any(form.unsigned and form.support.types == {DType.UINT8} for form in forms)
    }
    layers = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}
    assert derived == {*TABLES, *layers} | {op.opcode for op in net.operators} & derived


def test_division_by_0_is_refused() -> None:
    net = Net(15)
    divisor = net.tensor([4], (0.05, 2), data=np.array([1, 2, 3, 4], np.int8))
    net.op("DIV", [net.input([1, 4]), divisor], [1, 4], output=True)
    make_older(net)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.opcode) == ("operator-form", "DIV")
