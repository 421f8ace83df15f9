"""What ends in more than 16 bits, as older speech models do: SOFTMAX to int16, QUANTIZE from and to int32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from exact import holds_here, holds_on, passes_the_check
from nets import Net

from edgeq.checker import examine
from edgeq.graph import DType, QuantParams

PROBABILITIES = (1 / 65536, -32768)
Quant = tuple[float, int]


def quantized(net: Net, tensor: int, quant: Quant) -> None:
    """With the zero point that nets leave out of int16."""
    net.tensors[tensor] = replace(net.tensors[tensor], quant=QuantParams.per_tensor(*quant))


def requantized(
    net: Net, source: tuple[DType, Quant], made: tuple[DType, Quant], shape: Sequence[int]
) -> None:
    x = net.input(shape, source[1], dtype=source[0])
    y = net.op("QUANTIZE", [x], shape, made[1], dtype=made[0], output=True)
    quantized(net, x, source[1])
    quantized(net, y, made[1])


def softmax(net: Net, scale: float, depth: int, beta: float) -> int:
    x = net.input((1, 3, depth), (scale, int(net.random.integers(-128, 128))))
    y = net.op("SOFTMAX", [x], (1, 3, depth), dtype=DType.INT16, output=True, beta=beta)
    quantized(net, y, PROBABILITIES)
    return y


def everything() -> Net:
    net = Net(5)
    for scale in (0.002, 0.07, 0.4, 2.0, 30.0):
        for depth in (1, 2, 37, 300):
            softmax(net, scale, depth, 1.0)
    scores = softmax(net, 0.1, 5, 0.3)
    whole = net.op("QUANTIZE", [scores], (1, 3, 5), dtype=DType.INT32, output=True)
    quantized(net, whole, (2 / 65536, 0))
    for ratio in (3e-4, 0.3, 1.0, 7.5, 3000.0):
        for zeros in ((0, 0), (-32768, 5), (300, -(2**31))):
            pair = (0.01 * ratio, zeros[0]), (0.01, zeros[1])
            requantized(net, (DType.INT16, pair[0]), (DType.INT32, pair[1]), (1, 40))
    for ratio in (1e-8, 3e-6, 0.02, 1.0, 40.0):
        for into, zero in ((DType.INT8, 0), (DType.INT8, -128), (DType.INT16, 0)):
            requantized(net, (DType.INT32, (0.01 * ratio, 0)), (into, (0.01, zero)), (1, 40))
    return net


def test_every_bit_is_the_oracles(tmp_path: Path) -> None:
    holds_here(everything(), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_on_simulated_cores(board: str, tmp_path: Path) -> None:
    holds_on(board, everything(), tmp_path)


def test_numbers_without_a_scale_are_refused() -> None:
    net = Net(5)
    requantized(net, (DType.INT16, (0.01, 0)), (DType.INT32, (0.01, 0)), (1, 4))
    passes_the_check(net.graph())
    net.tensors[net.outputs[0]] = replace(net.tensors[net.outputs[0]], quant=None)
    (finding,) = examine(net.graph())
    assert "not quantized with one scale" in finding.message


def test_other_probabilities_are_refused() -> None:
    net = Net(5)
    quantized(net, softmax(net, 0.1, 5, 1.0), (1 / 32768, 0))
    (finding,) = examine(net.graph())
    assert finding.rule == "output-scale"
