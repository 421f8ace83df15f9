"""Quantization parameters in three forms: (mean, std), (scale, zero point), (min, max).

real = scale · (q − zero point) = (q − mean) / std, so that scale = 1/std and the zero point is the mean,
made an integer; min and max are the real values of the type's smallest and largest q. The older uint8
converters describe an input by mean and std, training knows the range, a model file has scale and zero point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import UsageError
from edgeq.graph import DType, QuantParams, Tensor

LIMITS = {DType.UINT8: (0, 255), DType.INT8: (-128, 127), DType.INT16: (-32768, 32767)}
"""The types that carry real values, and their smallest and largest integers."""


@dataclass(frozen=True)
class Quantization:
    """How real values become integers of a type.

    Attributes:
        dtype: the integers' type, one of :data:`LIMITS`; or FLOAT32, whose scale and mean are 0.
        scale: the real distance of neighbouring integers, positive.
        mean: where 0.0 lies among the integers, not necessarily on one of them.
    """

    dtype: DType
    scale: float
    mean: float

    @property
    def is_float(self) -> bool:
        """Whether nothing is quantized: such a tensor reports (0.0, 0)."""
        return self.dtype not in LIMITS

    @property
    def std(self) -> float:
        """Integers per unit: 1 / scale. 0 for a float tensor."""
        return 1 / self.scale if self.scale else 0.0

    @property
    def zero_point(self) -> int:
        """The integer that stands for 0.0: the mean, to the nearest, halves away from zero."""
        if self.is_float:
            return 0
        low, high = LIMITS[self.dtype]
        return int(min(max(_round(self.mean), low), high))

    @property
    def range(self) -> tuple[float, float] | None:
        """The real values of the type's smallest and largest integers; None for a float tensor."""
        if self.is_float:
            return None
        low, high = LIMITS[self.dtype]
        return self.scale * (low - self.mean), self.scale * (high - self.mean)

    def nudged(self) -> Quantization:
        """With the mean moved onto the zero point, as in a model file: 0.0 is exact."""
        return replace(self, mean=float(self.zero_point))

    def quantize(self, values: npt.ArrayLike) -> npt.NDArray[Any]:
        """Real values as integers: rounded to the nearest, halves away from zero, and clipped. Same shape.

        Raises:
            UsageError: the tensor is a float one, or a value is NaN.
        """
        if self.is_float:
            raise UsageError("a float tensor has no integers", "give the parameters of a quantized tensor")
        reals = np.asarray(values, np.float64)
        if np.isnan(reals).any():
            raise UsageError("NaN has no integer", "give real numbers")
        steps = reals / self.scale + self.zero_point
        rounded = np.trunc(steps + np.copysign(0.5, steps))
        return np.clip(rounded, *LIMITS[self.dtype]).astype(self.dtype.numpy)

    def dequantize(self, integers: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Integers as real values, float32, the same shape; values of a float tensor as they are."""
        if self.is_float:
            return np.asarray(integers, np.float32)
        steps = np.asarray(integers, np.int64) - self.zero_point
        return np.asarray(self.scale * steps, np.float32)

    def params(self) -> QuantParams:
        """Scale (float32) and zero point as a graph's tensors have them.

        Raises:
            UsageError: a float tensor has none.
        """
        if self.is_float:
            raise UsageError("a float tensor is not quantized", "give the parameters of a quantized tensor")
        return QuantParams.per_tensor(self.scale, self.zero_point)

    def to_dict(self) -> dict[str, object]:
        """As ``--json`` prints it; (mean, std) and (min, max) are null for a float tensor."""
        none = self.is_float
        held = self.nudged().range
        return {
            "dtype": self.dtype.value,
            "mean": None if none else self.mean,
            "std": None if none else self.std,
            "scale": self.scale,
            "zero_point": self.zero_point,
            "min": None if self.range is None else self.range[0],
            "max": None if self.range is None else self.range[1],
            "held_min": None if held is None else held[0],
            "held_max": None if held is None else held[1],
        }


FLOAT = Quantization(DType.FLOAT32, 0.0, 0.0)
"""A float tensor: scale 0.0, zero point 0."""


def from_stats(mean: float, std: float, dtype: DType = DType.UINT8) -> Quantization:
    """From mean and std among the integers of ``dtype``: real = (q − mean) / std.

    Raises:
        UsageError: not finite, std is not positive, or the mean is not within the type, so that 0.0 has no
            integer.
    """
    low, high = _limits(dtype)
    if not (math.isfinite(mean) and math.isfinite(std) and std > 0 and math.isfinite(1 / std)):
        raise UsageError(
            f"mean {mean:g} and std {std:g} describe no quantization", "std is a positive number"
        )
    if not low <= mean <= high:
        raise UsageError(
            f"mean {mean:g} is not one of {dtype.value}'s {low} to {high}, so that 0.0 has no integer",
            "the mean is the integer that stands for 0.0",
        )
    return Quantization(dtype, 1 / std, mean)


def from_scale(scale: float, zero_point: int, dtype: DType = DType.UINT8) -> Quantization:
    """From scale and zero point, as model files have them; (0.0, 0) is a float tensor.

    Raises:
        UsageError: the scale is not positive and finite, or the zero point is not within the type.
    """
    low, high = _limits(dtype)
    if scale == 0 and zero_point == 0:
        return FLOAT
    if not (math.isfinite(scale) and scale > 0 and math.isfinite(1 / scale)):
        raise UsageError(f"scale {scale:g} is not a positive number", "only a float tensor has (0.0, 0)")
    if not low <= zero_point <= high:
        raise UsageError(
            f"zero point {zero_point} is not one of {dtype.value}'s {low} to {high}", "--type names the type"
        )
    return Quantization(dtype, scale, float(zero_point))


def from_range(low: float, high: float, dtype: DType = DType.UINT8) -> Quantization:
    """From the smallest and the largest real value; a range without 0 is widened to hold it.

    int16 is symmetric, as TensorFlow Lite's kernels want it: the larger magnitude becomes 32767.

    Raises:
        UsageError: not finite, or nothing between the two.
    """
    least, most = _limits(dtype)
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max(-low, high) / most if dtype is DType.INT16 else (high - low) / (most - least)
    if not (math.isfinite(low) and math.isfinite(high) and scale > 0 and math.isfinite(1 / scale)):
        raise UsageError(f"({low:g}, {high:g}) is not a range", "give two finite numbers, the smaller first")
    if dtype is DType.INT16:
        return Quantization(dtype, scale, 0.0)
    # Both ends say where 0.0 lies; the one whose two terms are smaller says it with less rounding.
    from_low, from_high = least - low / scale, most - high / scale
    closer = abs(least) + abs(low / scale) < abs(most) + abs(high / scale)
    return Quantization(dtype, scale, from_low if closer else from_high)


def of_tensor(tensor: Tensor) -> tuple[Quantization, ...] | None:
    """A tensor's parameters, one for each channel that has its own.

    Returns:
        :data:`FLOAT` alone for a float tensor; None for one that is neither (indices, INT32 biases, …).
    """
    if tensor.dtype.is_float:
        return (FLOAT,)
    if tensor.quant is None or tensor.dtype not in LIMITS:
        return None
    pairs = zip(tensor.quant.scales, tensor.quant.zero_points, strict=True)
    return tuple(Quantization(tensor.dtype, float(scale), float(zero)) for scale, zero in pairs)


def _limits(dtype: DType) -> tuple[int, int]:
    if dtype not in LIMITS:
        raise UsageError(
            f"{dtype.value} does not carry quantized values",
            f"types: {', '.join(kind.value.lower() for kind in LIMITS)}",
        )
    return LIMITS[dtype]


def _round(value: float) -> float:
    return math.copysign(math.floor(abs(value) + 0.5), value)
