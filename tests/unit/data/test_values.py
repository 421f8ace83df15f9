"""Real values as integers and back, and random data."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.base.errors import DataError
from edgeq.data import Dataset, dequantize, quantize_input, random_data
from edgeq.graph import DType, QuantParams, Tensor

from .common import FLOAT, INT8


def test_quantize_rounds_halves_away_from_zero_and_clips() -> None:
    x = np.array([0.25, -0.25, 0.2499999, -0.75, 61.9, 62.3, 1e30, -1e30], np.float32)
    assert quantize_input(x, INT8[0]).tolist() == [4, 2, 3, 1, 127, 127, 127, -128]
    assert quantize_input(x, INT8[0]).dtype == np.int8


def test_quantize_is_what_litert_quantize_does() -> None:
    from edgeq.graph import Graph, Operator, write_model
    from edgeq.interpreter import run

    quant = QuantParams.per_tensor(0.0371, -17)
    tensors = (Tensor("x", (1, 8), DType.FLOAT32), Tensor("q", (1, 8), DType.INT8, quant))
    model = write_model(Graph("q", tensors, (Operator("QUANTIZE", (0,), (1,)),), (0,), (1,)))
    steps = np.arange(-4000, 4000, dtype=np.float32).reshape(-1, 8) / 2
    x = steps * np.float32(0.0371) / 8
    np.testing.assert_array_equal(quantize_input(x, tensors[1]), run(model, [x])[0])


def test_integers_of_the_own_type_pass_and_floats_become_float32() -> None:
    x = np.array([1, 2], np.int8)
    assert quantize_input(x, INT8[0]) is x
    assert quantize_input(x.astype("float64"), FLOAT[0]).dtype == np.float32


def test_dequantize_turns_it_back() -> None:
    q = np.arange(-128, 128).astype(np.int8)
    real = dequantize(q, INT8[0])
    assert real.dtype == np.float32 and real[0] == (-128 - 3) * 0.5
    np.testing.assert_array_equal(quantize_input(real, INT8[0]), q)


def test_an_integer_tensor_without_scale_takes_no_real_values() -> None:
    with pytest.raises(DataError, match="has no scale"):
        quantize_input(np.ones(2, np.float32), Tensor("i", (1, 2), DType.INT32))


def test_random_data_is_seeded_and_covers_the_whole_range() -> None:
    inputs = [*INT8, Tensor("u", (1, 300), DType.UINT8), *FLOAT, Tensor("b", (1, 9), DType.BOOL)]
    one, same, other = (random_data(inputs, 100, seed) for seed in (1, 1, 2))
    assert isinstance(one, Dataset) and len(one) == 100 and one.y is None
    assert all(np.array_equal(a, b) for a, b in zip(one.x, same.x, strict=True))
    assert not np.array_equal(one.x[0], other.x[0])
    assert (one.x[0].min(), one.x[0].max()) == (-128, 127)
    assert (one.x[1].min(), one.x[1].max()) == (0, 255)
    assert one.x[2].dtype == np.float32 and -1 <= one.x[2].min() < -0.9 and 0.9 < one.x[2].max() < 1
    with pytest.raises(DataError):
        random_data(inputs, 0)
    with pytest.raises(DataError):
        random_data([Tensor("s", (1, 2), DType.STRING)], 1)
