"""The requantization tables against the reference's rounding, accumulator by accumulator."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.backends.aot.ops.requantize import Demand, Requantization, Rounding, requantize
from edgeq.backends.aot.ops.requantize_exact import plan
from edgeq.base.errors import ModelError


def apply(found: Requantization, channel: int, sums: np.ndarray, zero_point: int) -> np.ndarray:
    """What edgeq_arith.h computes, with int64 that must not leave 32 bits where the kernel's must not."""
    row = found.entries(found.form)[channel].astype(np.int64)
    if found.form == "fast":
        row = np.array([row[0], row[1] >> 8, row[1] & 0xFF, 0])
    if found.form == "exact":
        multiplier, addend, correction = (
            (row[2 * i + 1] << 32) | (row[2 * i] & 0xFFFFFFFF) for i in range(3)
        )
        x = ((sums << row[6]) + 2**31) % 2**32 - 2**31
        y = ((x * multiplier + addend + (x < 0) * correction) >> row[7]) + zero_point
        return np.clip(y, *found.limits)
    x = sums - found.base[channel]
    y = (x * row[0] >> 24) + row[1] + (x < 0) * row[3]
    if row[0]:
        assert np.abs(x).max() < 2**23
        assert np.abs(y).max() < 2**31
    return np.clip(np.clip(y >> row[2], -128, 127), *found.limits)


def accumulators(rng: np.random.Generator, low: int, high: int, real: float, zero_point: int) -> np.ndarray:
    """The ends, random ones, and both sides of every place where an output changes."""
    steps = (np.arange(-130, 131) - zero_point - 0.5) / max(real, 1e-30)
    near = np.clip(np.rint(steps), low, high).astype(np.int64)
    around = (near[:, None] + np.arange(-3, 4)).reshape(-1)
    zero = np.arange(-3, 4)
    return np.clip(np.concatenate([[low, high], zero, around, rng.integers(low, high + 1, 500)]), low, high)


@pytest.mark.parametrize("rounding", ["double", "single", "real"])
@pytest.mark.parametrize("seed", range(60))
def test_tables_equal_the_reference(seed: int, rounding: Rounding) -> None:
    rng = np.random.default_rng(seed)
    channels = 8
    bits = rng.integers(1, 30, channels)
    low = -rng.integers(0, 2**bits)
    high = rng.integers(0, 2**bits) + 1
    shift = rng.integers(-(2**30), 2**30, channels) * (rng.random(channels) < 0.2)
    low, high = np.maximum(low + shift, -(2**31)), np.minimum(high + shift, 2**31 - 1)
    if rng.random() < 0.5:
        reals = rng.uniform(20, 400, channels) / 2.0**bits
    else:
        reals = 2.0 ** rng.integers(-30, 6, channels) * rng.choice([1.0, 0.75, rng.uniform(0.5, 1)])
    zero_point = int(rng.choice([-128, 127, rng.integers(-128, 128)]))
    limits = (-128, 127) if rng.random() < 0.6 else (zero_point, 127)
    if rng.random() < 0.2:
        limits = (zero_point, int(rng.integers(zero_point, 128)))
    for c in range(channels):
        demand = Demand(low[c : c + 1], high[c : c + 1], reals[c : c + 1], rounding, zero_point, limits)
        sums = accumulators(rng, int(low[c]), int(high[c]), float(reals[c]), zero_point)
        want = np.clip(requantize(sums, float(reals[c]), rounding) + zero_point, *limits)
        for allow_fast in (True, False):
            try:
                found = plan(demand, allow_fast=allow_fast)
            except ModelError:
                assert rounding == "real"
                assert abs(int(low[c])) + abs(int(high[c])) > 2**27
                continue
            np.testing.assert_array_equal(apply(found, 0, sums, zero_point), want)


@pytest.mark.parametrize("rounding", ["double", "single", "real"])
def test_whole_ranges(rounding: Rounding) -> None:
    """Every accumulator of a range, where ties are many."""
    for real in (0.5, 0.25, 3 / 64, 2.0**-7, 0.0101, 1.0, 1.5, 2.0, 7.3):
        low, high = np.array([-40000]), np.array([40000])
        sums = np.arange(-40000, 40001, dtype=np.int64)
        for zero_point in (-128, -3, 127):
            found = plan(Demand(low, high, np.array([real]), rounding, zero_point, (-128, 127)))
            assert found.form != "exact"
            want = np.clip(requantize(sums, real, rounding) + zero_point, -128, 127)
            np.testing.assert_array_equal(apply(found, 0, sums, zero_point), want)


def test_forms() -> None:
    """One-sided layers take the fast form, two-sided ones with two roundings the signed one."""
    low, high, reals = np.array([-100000]), np.array([100000]), np.array([0.00731])
    assert plan(Demand(low, high, reals, "double", -128, (-128, 127))).form == "fast"
    assert plan(Demand(low, high, reals, "double", 3, (-128, 127))).form == "signed"
    assert plan(Demand(low, high, reals, "single", 3, (-128, 127))).form == "fast"
    bounded = plan(Demand(low, high, reals, "double", 3, (3, 100)))
    assert bounded.form == "signed"
    assert bounded.limits == (3, 100)
    wide = plan(Demand(low * 1000, high * 1000, reals / 1000, "double", -128, (-128, 127)))
    assert wide.form == "exact"


def test_constant_channels_need_no_range() -> None:
    value = np.array([2**30])
    found = plan(Demand(value, value, np.array([2.0**-36]), "double", -128, (-128, 127)))
    assert found.form == "fast"
    assert found.table.tolist() == [[0, -128, 0, 0]]


@pytest.mark.parametrize("exponent", range(-13, -5))
@pytest.mark.parametrize(("rounding", "zero_point"), [("double", -128), ("single", 3)])
def test_addend_and_shift_share_a_word(rounding: Rounding, zero_point: int, exponent: int) -> None:
    """Also where the shift that keeps all of the multiplier would leave the addend no room."""
    real = 1.37 * 2.0**exponent
    ends = np.array([int(400 / real)])
    found = plan(Demand(-ends, ends, np.array([real]), rounding, zero_point, (-128, 127)))
    assert found.form == "fast"
    assert found.entries("fast").shape == (1, 2) and found.entries("signed").shape == (1, 4)
    sums = accumulators(np.random.default_rng(0), -int(ends[0]), int(ends[0]), real, zero_point)
    want = np.clip(requantize(sums, real, rounding) + zero_point, -128, 127)
    np.testing.assert_array_equal(apply(found, 0, sums, zero_point), want)


def test_a_base_that_is_exact_is_looked_for() -> None:
    """Of a layer of MLPerf Tiny's vww: three outputs, and fewer values below an output than accumulators."""
    low, high, real = 573676, 749116, 1.503883818450691e-05
    found = plan(Demand(np.array([low]), np.array([high]), np.array([real]), "double", -128, (-128, 127)))
    assert found.form == "fast" and found.base[0] > 0
    sums = np.arange(low, high + 1)
    np.testing.assert_array_equal(apply(found, 0, sums, -128), requantize(sums, real, "double") - 128)


def test_far_accumulators_are_taken_about_a_base() -> None:
    low, high = np.array([26480370]), np.array([26636685])
    found = plan(Demand(low, high, np.array([6.95e-7]), "double", -128, (-128, 127)))
    assert found.form == "fast"
    sums = np.arange(low[0], high[0] + 1)
    want = np.clip(requantize(sums, 6.95e-7, "double") - 128, -128, 127)
    np.testing.assert_array_equal(apply(found, 0, sums, -128), want)


def test_single_rounding_saturates_its_shift() -> None:
    assert requantize(np.array([0, 1]), 2.0**40, "single").tolist() == [0, 2**30]
