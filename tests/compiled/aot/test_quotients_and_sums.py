"""DIV as LiteRT where no divisor is 0, and as TensorFlow Lite Micro everywhere; SUM as the latter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net, activations

SHAPES = (((1, 400), (1, 400)), ((1, 4, 5, 6), (1, 1, 1, 6)), ((1, 1, 5, 1), (1, 4, 1, 6)))
QUANTS = ((0.05, 3), (0.3, -128), (0.004, 127), (0.02, 0))
BY_TFLM = "tflm"


def quotients(seed: int) -> Net:
    """Divisors that may be 0, operands of every order of scales, near 0 and far from it."""
    net = Net(seed)

    def op(first: int, second: int) -> None:
        shape = np.broadcast_shapes(*(net.tensors[t].shape for t in (first, second)))
        fused = activations(net.random)
        while fused == "RELU_N1_TO_1":  # TensorFlow Lite Micro has none of it in DIV
            fused = activations(net.random)
        net.op("DIV", [first, second], shape, output=True, fused_activation_function=fused)

    for first, second in SHAPES:
        op(net.input(first), net.input(second))
    for a in QUANTS:
        for b in QUANTS:
            op(net.input((1, 256), a), net.input((1, 256), b))
    op(net.input((1, 5, 6)), net.constant((6,)))
    op(net.constant((6,)), net.input((1, 5, 6)))
    op(net.tensor((), (0.02, 0), data=np.array(100, np.int8)), net.input((1, 256)))
    op(net.input((1, 256)), net.tensor((), (0.02, 0), data=np.array(-100, np.int8)))
    x = net.input((1, 300))
    op(x, x)
    return net


def by_constants(seed: int) -> Net:
    """Divisors that are constant and not 0."""
    net = Net(seed)
    for _ in range(12):
        quant = net.quant()
        values = net.random.integers(-128, 128, 6)
        values[values == quant[1]] += 1 if quant[1] < 127 else -1
        divisor = net.tensor((6,), quant, data=values.astype(np.int8))
        fused = activations(net.random)
        shape = (1, 50, 6)
        net.op("DIV", [net.input(shape), divisor], shape, output=True, fused_activation_function=fused)
    return net


def sums(seed: int) -> Net:
    net = Net(seed)
    for shape, axes, output in (
        ((1, 4, 5, 6), [1, 2], (1, 6)),
        ((1, 4, 5, 6), [3], (1, 4, 5)),
        ((1, 4, 5, 6), [-3, -1], (1, 5)),
        ((1, 300), [1], (1,)),
        ((1, 16, 7), [1], (1, 7)),
    ):
        scale, zero = net.quant()
        for factor in (0.3, 1.0, 7.0):
            x = net.input(shape, (scale, zero))
            net.op("SUM", [x, net.ints(axes)], output, (scale * factor, zero), output=True, keep_dims=False)
        net.op("SUM", [net.input(shape), net.ints(axes)], output, (2.5, 3), output=True, keep_dims=False)
    return net


@pytest.mark.parametrize(
    "seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
)
def test_quotients(seed: int, tmp_path: Path) -> None:
    assert "src/kernels/edgeq_div_s8.c" in holds_here(quotients(seed), tmp_path, oracle=BY_TFLM)


def test_quotients_by_constants_are_those_of_both_interpreters(tmp_path: Path) -> None:
    holds_here(by_constants(4), tmp_path)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_sums(seed: int, tmp_path: Path) -> None:
    holds_here(sums(seed), tmp_path, boards=("host", "sim-m4"), oracle=BY_TFLM)


@pytest.mark.slow
def test_on_a_core(tmp_path: Path) -> None:
    holds_on("sim-m4", quotients(6), tmp_path, oracle=BY_TFLM)


def products(seed: int) -> Net:
    net = Net(seed)
    for shape, axes, output in (
        ((1, 4, 5, 6), [1], (1, 5, 6)),
        ((1, 4, 5, 6), [3], (1, 4, 5)),
        ((1, 4, 5, 6), [1, 2], (1, 6)),
        ((1, 40, 2), [2], (1, 40)),
        ((1, 40, 3), [-1], (1, 40)),
    ):
        count = int(np.prod(shape) // np.prod(output))
        for part in (0.9, 3.0, 6.0, 20.0):
            scale, zero = 0.05, int(net.random.integers(-128, 128))
            out = float(np.float32((scale * 256 / part) ** count))
            if out < 1e30 and part**count < 1e5:
                x = net.input(shape, (scale, zero))
                quant = (out, int(net.random.integers(-128, 128)))
                net.op("REDUCE_PROD", [x, net.ints(axes)], output, quant, output=True, keep_dims=False)
    return net


def test_products(tmp_path: Path) -> None:
    assert "src/kernels/edgeq_product_s8.c" in holds_here(products(7), tmp_path)
