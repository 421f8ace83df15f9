"""Tables and twins in numpy, for every input byte, against the oracle over many scales."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.backends.aot.ops import add_affine, form
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier, round_half_away
from edgeq.backends.aot.ops.softmax import exponentials
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run

FIXED = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}
SCALES = 40
EVERY_BYTE = np.arange(256, dtype=np.uint8).view(np.int8)


def table(graph: Graph, index: int) -> np.ndarray:
    """What the generated code makes of every byte, in the order of bytes as unsigned."""
    op = form(graph, index)
    steps = op.lower(graph, index, Target(CORES["native"]))
    assert op.is_alias(graph, index) == (not steps)
    return steps[0].constants[0].values if steps else EVERY_BYTE


@pytest.mark.parametrize("opcode", ["LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "QUANTIZE"])
def test_every_byte_over_many_scales(opcode: str) -> None:
    random = np.random.default_rng(len(opcode))
    tensors = [Tensor("x", (1, 256), DType.INT8, QuantParams.per_tensor(1.0, 0))]
    operators, inputs, outputs = [], [], []
    for _ in range(SCALES):
        source, target = (float(np.float32(s)) for s in np.exp(random.uniform(-9, 2, 2)))
        zeros = [int(z) for z in random.integers(-128, 128, 2)]
        target, zeros[1] = FIXED.get(opcode, (target, zeros[1]))
        inputs.append(len(tensors))
        tensors.append(Tensor("x", (1, 256), DType.INT8, QuantParams.per_tensor(source, zeros[0])))
        outputs.append(len(tensors))
        tensors.append(Tensor("y", (1, 256), DType.INT8, QuantParams.per_tensor(target, zeros[1])))
        operators.append(Operator(opcode, (inputs[-1],), (outputs[-1],)))
    graph = Graph("tables", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs))
    expected = run(write_model(graph), [EVERY_BYTE[None]] * SCALES)
    for index, wanted in enumerate(expected):
        assert np.array_equal(table(graph, index), wanted.reshape(-1))


def test_exponentials_fall_from_one_to_nothing() -> None:
    for scale in (1e-4, 0.01, 0.1, 1.0, 50.0):
        table = exponentials(scale, 1.0).astype(np.float64)
        assert table[0] == 2**31 - 1
        assert np.all(np.diff(table) <= 0)
        real = np.exp(-scale * np.arange(len(table)))
        assert np.max(np.abs(table / 2.0**31 - real)) < 3e-7
        assert len(table) == 256 or np.exp(-scale * len(table)) < 2**-19


def test_multipliers_are_the_nearest() -> None:
    for real in np.exp(np.random.default_rng(0).uniform(-20, 5, 200)):
        mantissa, shift = quantize_multiplier(float(real))
        assert 2**30 <= mantissa < 2**31
        assert abs(mantissa * 2.0 ** (shift - 31) / real - 1) < 2**-31
    assert quantize_multiplier(0.0) == (0, 0)
    assert quantize_multiplier(1 - 2.0**-40) == (2**30, 1)
    assert quantize_multiplier(2.0**-40) == (0, 0)


def test_halves_are_rounded_away_from_zero() -> None:
    x = np.array([0.5, -0.5, 1.5, -2.5, 0.49999997, -0.49999997, 3.0], np.float32)
    assert round_half_away(x).tolist() == [1.0, -1.0, 2.0, -3.0, 0.0, 0.0, 3.0]


def test_an_affine_addition_is_exact_or_none() -> None:
    values = np.arange(-128, 128, dtype=np.int64)
    outputs = np.clip((values[:, None] * 7 + values[None, :] * 3 + 5) >> 3, -128, 127)
    found = add_affine.search(outputs, (7 / 8, 3 / 8), -128, 127)
    assert found is not None
    again = (values[:, None] * found.a + values[None, :] * found.b + found.offset) >> found.shift
    assert np.array_equal(np.clip(again, -128, 127), outputs)
    outputs[100, 100] += 20
    assert add_affine.search(outputs, (7 / 8, 3 / 8), -128, 127) is None
