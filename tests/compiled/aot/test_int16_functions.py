"""Comparisons, quotients, products, sums and roots of int16: every bit the oracle's, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from exact import extremes, holds_here, holds_on
from nets import activations, filled
from wide import Wide

from edgeq.checker import examine
from edgeq.graph import DType


def compared(net: Wide) -> None:
    for opcode in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"):
        for first, second in (((1, 400), (1, 400)), ((1, 4, 5), (1, 1, 5)), ((1, 4, 1), (1, 1, 5))):
            a = net.input(first)
            scale = net.same_quant(a)[0] * (3 if opcode.endswith("EQUAL") and "_" not in opcode else 1)
            b = net.input(second, (scale, 0))
            net.op(opcode, [a, b], np.broadcast_shapes(first, second), dtype=DType.BOOL, output=True)
        c = net.constant((5,), net.same_quant(a))
        net.op(opcode, [c, a], (1, 4, 5), dtype=DType.BOOL, output=True)


def divided(net: Wide) -> None:
    """By constants: LiteRT stops where a divisor is 0."""
    for shape in ((5,), (1, 4, 5), (4, 1), ()):
        for scale in (1e-4, 1e-2):
            values = net.random.integers(1, 32767, shape) * net.random.choice([-1, 1], shape)
            divisor = net.tensor(shape, (scale, 0), data=np.asarray(values).astype(np.int16))
            x = net.input((1, 4, 5))
            options = {"fused_activation_function": activations(net.random)}
            out = (net.same_quant(x)[0] / scale / 3000, 0)
            net.op("DIV", [x, divisor], (1, 4, 5), out, output=True, **options)


def multiplied(net: Wide) -> None:
    for part in (0.9, 3.0, 20.0):
        for axes, given, shape in (([2], (1, 40, 3), (1, 40)), ([1, 2], (1, 2, 2, 30), (1, 30))):
            count = int(np.prod(given) // np.prod(shape))
            x = net.input(given, (2e-3, 0))
            out = (float(np.float32((2e-3 * 65536 / part) ** count)), 0)
            net.op("REDUCE_PROD", [x, net.ints(axes)], shape, out, output=True, keep_dims=False)


def rooted(net: Wide) -> None:
    for ratio in (0.1, 1.0, 30.0, 900.0):
        for opcode in ("ABS", "RELU", "MUL"):
            x = net.input((1, 900))
            scale = net.same_quant(x)[0]
            inputs = [x, x] if opcode == "MUL" else [x]
            made = net.op(opcode, inputs, (1, 900), (scale * (30000 * scale if opcode == "MUL" else 1), 0))
            out = (float(np.float32(np.sqrt(net.same_quant(made)[0]) * ratio / 10)), 0)
            net.op("SQRT", [made], (1, 900), out, output=True)


def added(net: Wide) -> None:
    for axes, shape in (([1, 2], (1, 4)), ([3], (1, 3, 5)), ([1, 3], (1, 5))):
        for factor in (0.4, 1.0, 9.0):
            x = net.input((1, 3, 5, 4))
            out = (net.same_quant(x)[0] * factor, 0)
            net.op("SUM", [x, net.ints(axes)], shape, out, output=True, keep_dims=False)


def distances(net: Wide) -> None:
    for first, second in (((1, 400), (1, 400)), ((1, 4, 5), (1, 1, 5)), ((1, 4, 1), (1, 1, 5))):
        for part in (1.0, 30.0):
            a, b = net.input(first), net.input(second)
            largest = max(net.same_quant(a)[0], net.same_quant(b)[0])
            out = (largest * largest * 2**17 / part, 0)
            net.op("SQUARED_DIFFERENCE", [a, b], np.broadcast_shapes(first, second), out, output=True)
    net.op("SQUARED_DIFFERENCE", [net.constant((5,), (1e-4, 0)), a], (1, 4, 5), (1e-3, 0), output=True)


def inverse_roots(net: Wide) -> None:
    for ratio in (0.01, 1.0, 50.0):
        x = net.input((1, 900))
        made = net.op("ABS", [x], (1, 900), net.same_quant(x))
        net.op(
            "RSQRT",
            [made],
            (1, 900),
            (float(np.sqrt(1 / net.same_quant(x)[0]) * ratio / 3e4), 0),
            output=True,
        )


NETS: tuple[Callable[[Wide], None], ...] = (compared, divided, multiplied, rooted)
BY_TFLM: tuple[Callable[[Wide], None], ...] = (added, distances, inverse_roots)
"""LiteRT's reference has not what they make, or has it wrong."""


@pytest.mark.sample(2)
@pytest.mark.parametrize("make", [*NETS, *BY_TFLM])
def test_every_bit_is_the_oracles(make: Callable[[Wide], None], tmp_path: Path) -> None:
    holds_here(filled(Wide(1), make), tmp_path, oracle="tflm" if make in BY_TFLM else "reference")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_more(seed: int, tmp_path: Path) -> None:
    holds_here(filled(Wide(seed), *NETS), tmp_path / "litert", boards=("host", "sim-m4"))
    holds_here(filled(Wide(seed), *BY_TFLM), tmp_path / "tflm", boards=("host", "sim-m4"), oracle="tflm")


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_on_simulated_cores(board: str, tmp_path: Path) -> None:
    holds_on(board, filled(Wide(1), *NETS), tmp_path / "litert")
    holds_on(board, filled(Wide(1), *BY_TFLM), tmp_path / "tflm", oracle="tflm")


def test_roots_of_what_may_be_below_0_are_refused() -> None:
    net = Wide(9)
    x, rectified = net.input((1, 4, 5)), net.op("RELU", [net.input((1, 4, 5))], (1, 4, 5))
    mean = net.op("MEAN", [rectified, net.ints([2])], (1, 4, 1), keep_dims=True)
    more = net.op("ADD", [mean, net.tensor((), data=np.array(3, np.int16))], (1, 4, 1), pot_scale_int16=False)
    less = net.op(
        "ADD", [mean, net.tensor((), data=np.array(-3, np.int16))], (1, 4, 1), pot_scale_int16=False
    )
    net.op("RSQRT", [more], (1, 4, 1), output=True)
    for source in (x, less, net.op("SUB", [more, mean], (1, 4, 1), pot_scale_int16=False)):
        net.op("SQRT", [source], net.tensors[source].shape, output=True)
    refused = {finding.operator for finding in examine(net.graph()) if finding.rule == "operator-form"}
    opcodes = [op.opcode for op in net.operators]
    assert refused == {index for index, opcode in enumerate(opcodes) if opcode == "SQRT"}


def test_integers_of_unlike_scales_are_not_compared() -> None:
    net = Wide(10)
    x = net.input((1, 4))
    y = net.input((1, 4), (net.same_quant(x)[0] * 2, 0))
    for opcode in ("LESS", "EQUAL"):
        net.op(opcode, [x, y], (1, 4), dtype=DType.BOOL, output=True)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.opcode) == ("operator-form", "LESS")


def test_quotients_of_what_is_computed(tmp_path: Path) -> None:
    net = Wide(11)
    x = net.input((1, 900))
    for scale in (1e-4, 1e-2):
        y = net.input((1, 900), (scale, 0))
        for pair in ((x, y), (y, x)):
            first, second = (net.same_quant(t)[0] for t in pair)
            for steps in (0.1, 50, 9000):
                out = (first / second / steps, 0)
                net.op("DIV", pair, (1, 900), out, output=True, fused_activation_function="NONE")
        fixed = net.tensor((), (scale, 0), data=np.array(777, np.int16))
        net.op("DIV", [fixed, x], (1, 900), out, output=True, fused_activation_function="RELU")
    inputs = [np.where(values == 0, 1, values).astype(np.int16) for values in extremes(net)]
    holds_here(net, tmp_path, inputs=inputs)
