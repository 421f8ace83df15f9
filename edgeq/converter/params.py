"""Scales, zero points and integers, in the float32 steps of TensorFlow Lite's classic quantizer.

The formulas are the int8 quantization specification's. Where several orders of rounding would be right, that
of TensorFlow Lite's ``tools/optimize/quantization_utils`` is taken, so that the scales are equal bit by bit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.graph.model import QuantParams

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.generic]

_INT32_MAX = 2**31 - 1
_WEIGHT_MAX = np.float32(127)
_TINY = np.finfo(np.float32).tiny


def round_half_away(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Round to integers, halves away from zero, as C's ``round`` does. Exact for every float32."""
    wide = values.astype(np.float64)
    rounded: npt.NDArray[np.float64] = np.trunc(wide + np.copysign(0.5, wide))
    return rounded


def activation(low: float, high: float) -> QuantParams:
    """Asymmetric int8 for values in [low, high]: the range is made to hold 0, and 0.0 is exactly an integer.

    scale = (high - low) / 255, zero_point = round(-128 - low / scale). A range of nothing but 0 gets scale 1.
    """
    least = np.minimum(np.float32(low), np.float32(0))
    most = np.maximum(np.float32(high), np.float32(0))
    scale = (most - least) / np.float32(255)
    if scale < _TINY:
        return QuantParams.per_tensor(1.0, -128)
    zero_point = np.clip(np.float32(-128) - least / scale, np.float32(-128), np.float32(127))
    return QuantParams.per_tensor(float(scale), int(round_half_away(np.array(zero_point))))


def channel_maxima(weights: Floats, axis: int) -> Floats:
    """The largest magnitude of each output channel, float32 [channels]."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    maxima: Floats = np.abs(weights).max(axis=others)
    return maxima


def guard_bias(maxima: Floats, bias: Floats, input_scale: float) -> Floats:
    """Widen channels whose weights are so small that the bias would overflow int32 at their scale.

    A bias stays within half of int32: where |b| >= input scale · weight scale · 2^30, the channel's maximum
    becomes the one for which they are equal.
    """
    scales = maxima / _WEIGHT_MAX
    magnitude = np.abs(bias)
    limit = 0.5 * input_scale * scales.astype(np.float64)
    if len(maxima) == 1:
        tight = (magnitude / np.float32(_INT32_MAX)).astype(np.float64) >= limit
    else:
        tight = magnitude.astype(np.float64) >= limit * _INT32_MAX
    wide = 2.0 * magnitude.astype(np.float64) / _INT32_MAX * float(_WEIGHT_MAX / np.float32(input_scale))
    return np.where(tight, wide.astype(np.float32), maxima)


def fill_dead(maxima: Floats, input_scale: float) -> Floats:
    """Give channels without any weight the largest maximum of the others, for a scale must be positive."""
    usable = maxima / _WEIGHT_MAX * np.float32(input_scale) >= _TINY
    alive = float(maxima[usable].max()) if usable.any() else float(_WEIGHT_MAX)
    return np.where(usable, maxima, np.float32(alive))


def quantize_weights(weights: Floats, maxima: Floats, axis: int) -> tuple[Array, QuantParams]:
    """Symmetric int8 in -127…127, one scale for each channel: scale = maximum / 127."""
    inverse = (_WEIGHT_MAX / maxima).reshape([-1 if i == axis else 1 for i in range(weights.ndim)])
    steps = round_half_away(weights * inverse)
    zero_points = np.zeros(len(maxima), np.int64)
    params = QuantParams(maxima / _WEIGHT_MAX, zero_points, axis if len(maxima) > 1 else 0)
    return np.clip(steps, -127, 127).astype(np.int8), params


def quantize_bias(bias: Floats, input_scale: float, weights: QuantParams) -> tuple[Array, QuantParams]:
    """int32 at the scale of the accumulator: input scale · weight scale."""
    scales = np.float32(input_scale) * weights.scales
    inverse = (1.0 / scales.astype(np.float64)).astype(np.float32)
    with np.errstate(over="ignore"):
        steps = round_half_away(bias * inverse)
    params = QuantParams(scales, np.zeros(len(scales), np.int64), 0)
    return np.clip(steps, -_INT32_MAX, _INT32_MAX).astype(np.int32), params


def quantize_constant(values: Floats) -> tuple[Array, QuantParams]:
    """A constant operand (of ADD, MUL, …): symmetric int8 with one scale; all zeros get scale 1."""
    largest = np.abs(values).max() if values.size else np.float32(0)
    if largest / _WEIGHT_MAX < _TINY:
        return np.zeros(values.shape, np.int8), QuantParams.per_tensor(1.0, 0)
    steps = round_half_away(values * (_WEIGHT_MAX / largest))
    return np.clip(steps, -127, 127).astype(np.int8), QuantParams.per_tensor(float(largest / _WEIGHT_MAX), 0)


def quantize_at(values: Floats, params: QuantParams) -> Array:
    """Real values as int8 at a given scale and zero point."""
    inverse = np.float32(1.0 / params.scale)
    with np.errstate(over="ignore"):
        steps = round_half_away(values * inverse) + params.zero_point
    return np.clip(steps, -128, 127).astype(np.int8)


def dequantize(values: Array, params: QuantParams) -> Floats:
    """Integers as float32 real values; ``params`` may be per channel."""
    shape = [-1 if params.is_per_channel and i == params.axis else 1 for i in range(values.ndim)]
    scales, zero_points = params.scales.reshape(shape), params.zero_points.reshape(shape)
    if not values.ndim:
        scales, zero_points = scales.reshape(()), zero_points.reshape(())
    real: Floats = ((values.astype(np.int64) - zero_points).astype(np.float32) * scales).astype(np.float32)
    return real
