"""The three forms of quantization parameters: the worked examples, and each form from the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeq.base.errors import UsageError
from edgeq.converter.params import activation
from edgeq.graph import DType, QuantParams, Tensor
from edgeq.graph.quantization import FLOAT, LIMITS, from_range, from_scale, from_stats, of_tensor

REALS = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("limits", "stats"), [((0, 255), (0, 1)), ((-1, 1), (127.5, 127.5)), ((0, 1), (0, 255))]
)
def test_the_worked_examples(limits: tuple[float, float], stats: tuple[float, float]) -> None:
    by_range, by_stats = from_range(*limits), from_stats(*stats)
    assert (by_range.mean, by_range.std) == pytest.approx(stats)
    assert by_stats.range == pytest.approx(limits)
    assert by_stats.scale == pytest.approx(1 / stats[1])
    assert by_stats.zero_point == by_range.zero_point == math.floor(stats[0] + 0.5)


def test_eight_bits_over_minus_ten_to_thirty() -> None:
    found = from_range(-10, 30)
    np.testing.assert_array_equal(found.quantize([-10, 10, 30]), np.array([0, 128, 255], np.uint8))
    assert found.zero_point == 64
    assert found.quantize([-1e9, 1e9]).tolist() == [0, 255]


def test_std_multiplies_on_the_way_to_integers() -> None:
    found = from_stats(128, 64)
    assert found.quantize([1.0]).tolist() == [192]
    assert found.dequantize([192]).tolist() == [1.0]
    assert found.range == (-2.0, 127 / 64)


def test_a_float_tensor_is_zero_and_zero() -> None:
    (found,) = of_tensor(Tensor("x", (1, 4), DType.FLOAT32)) or ()
    assert (found.scale, found.zero_point, found.range) == (0.0, 0, None)
    assert found is FLOAT is from_scale(0.0, 0)
    with pytest.raises(UsageError):
        found.quantize([1.0])


def test_a_tensor_of_channels_has_parameters_for_each() -> None:
    quant = QuantParams(np.array([0.5, 0.25], np.float32), np.zeros(2, np.int64), 0)
    found = of_tensor(Tensor("w", (2, 3), DType.INT8, quant)) or ()
    assert [one.range for one in found] == [(-64.0, 63.5), (-32.0, 31.75)]
    assert of_tensor(Tensor("i", (2,), DType.INT32)) is None


def test_int16_is_symmetric() -> None:
    found = from_range(-1.0, 4.0, DType.INT16)
    assert found.zero_point == 0
    assert found.quantize([4.0, -4.0]).tolist() == [32767, -32767]


@given(REALS, REALS, st.sampled_from([DType.UINT8, DType.INT8]))
def test_zero_is_exact_and_the_range_is_held(low: float, high: float, dtype: DType) -> None:
    if max(high, 0.0) - min(low, 0.0) < 1e-6:
        return
    found = from_range(low, high, dtype)
    held = found.nudged()
    assert held.dequantize(held.quantize([0.0])).tolist() == [0.0]
    ends = held.range
    assert ends is not None
    slack = found.scale * 0.5000001
    assert abs(ends[0] - min(low, 0.0)) <= slack
    assert abs(ends[1] - max(high, 0.0)) <= slack


@given(REALS, REALS)
def test_the_converter_takes_the_same_parameters(low: float, high: float) -> None:
    low, high = float(np.float32(low)), float(np.float32(high))
    if max(high, 0.0) - min(low, 0.0) < 1e-6:
        return
    ours, theirs = from_range(low, high, DType.INT8), activation(low, high)
    assert ours.scale == pytest.approx(theirs.scale, rel=1e-6)
    assert abs(ours.zero_point - theirs.zero_point) <= (abs(ours.mean % 1 - 0.5) < 1e-3)


@given(st.floats(1e-4, 1e4), st.integers(0, 255))
def test_each_form_gives_back_the_others(scale: float, zero: int) -> None:
    found = from_scale(scale, zero)
    again = from_stats(found.mean, found.std)
    assert (again.scale, again.zero_point) == (pytest.approx(scale), zero)
    assert found.range is not None
    by_range = from_range(*found.range)
    assert (by_range.scale, by_range.zero_point) == (pytest.approx(scale), zero)


@pytest.mark.parametrize(
    "call",
    [
        lambda: from_stats(0, 0),
        lambda: from_stats(0, -1),
        lambda: from_stats(300, 1),
        lambda: from_stats(math.nan, 1),
        lambda: from_scale(-1, 0),
        lambda: from_scale(0.0, 3),
        lambda: from_scale(1.0, 256),
        lambda: from_scale(1.0, 0, DType.INT32),
        lambda: from_range(0, 0),
        lambda: from_range(-math.inf, 1),
        lambda: from_range(1, -1e-400),
        lambda: from_range(0, 5e-324),
    ],
)
def test_nonsense_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    try:
        found = call()
    except UsageError as error:
        assert error.message
        assert error.hint
    else:
        assert found.range == pytest.approx((0.0, 1.0))  # a range without 0 is widened to it


def test_every_type_with_limits_has_an_integer_for_zero() -> None:
    for dtype in LIMITS:
        assert from_range(-1, 1, dtype).nudged().quantize([0.0])[0] == from_range(-1, 1, dtype).zero_point
