"""Images of another size: by sums over rows, then over columns, of as many neighbours as the filter takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, choice, takes, whole

BITS = 22
"""Behind the point of a weight, as Pillow's: products with a byte, added up, fit into int32."""
METHODS = ("nearest", "bilinear", "area")


@dataclass(frozen=True)
class Resize(Stage):
    """uint8 ``[height, width, channels]`` to another height and width.

    ``bilinear`` is Pillow's filter of that name, to the bit where that begins with the rows: it
    averages where it shrinks. ``nearest`` takes the pixel at the new one's centre; ``area`` weighs by the
    exact shares of what a new pixel covers, as OpenCV's INTER_AREA does.

    Attributes:
        width, height: the new ones.
        method: nearest, bilinear or area.
    """

    name: ClassVar[str] = "resize"
    rows: ClassVar[bool] = False
    width: int
    height: int
    method: str = "bilinear"

    def __post_init__(self) -> None:
        whole("width", self.width, 1, 4096)
        whole("height", self.height, 1, 4096)
        choice("method", self.method, METHODS)

    def of(self, given: Form) -> Form:
        """As many channels."""
        takes(self, given, "uint8", 3)
        return replace(given, shape=(self.height, self.width, given.shape[-1]))

    def apply(self, values: Array, given: Form) -> Array:
        """Rows first, rounded to bytes, then columns."""
        across = _weighted(values, *_weights(given.shape[1], self.width, self.method), axis=2)
        return _weighted(across, *_weights(given.shape[0], self.height, self.method), axis=1)

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_resize``: as many shrunk rows as a new one is made of lie in its scratch."""
        height, width, channels = given.shape
        starts_x, weights_x = _weights(width, self.width, self.method)
        starts_y, weights_y = _weights(height, self.height, self.method)
        tables: dict[str, Array] = {
            "starts_x": starts_x,
            "weights_x": weights_x,
            "starts_y": starts_y,
            "weights_y": weights_y,
        }
        fields: dict[str, int | str | None] = {
            "in_width": width,
            "width": self.width,
            "height": self.height,
            "channels": channels,
            "taps_x": weights_x.shape[1],
            "taps_y": weights_y.shape[1],
        }
        scratch = weights_y.shape[1] * self.width * channels
        return Kernel("edgeq_resize", fields | {name: name for name in tables}, tables, scratch)


def _weighted(values: Array, starts: Array, weights: Array, axis: int) -> Array:
    total = np.full((*values.shape[:axis], len(starts), *values.shape[axis + 1 :]), 1 << BITS - 1, np.int64)
    shape = [1] * values.ndim
    shape[axis] = len(starts)
    for tap in range(weights.shape[1]):
        taken = np.take(values, starts.astype(np.int64) + tap, axis=axis)
        total += taken.astype(np.int64) * weights[:, tap].astype(np.int64).reshape(shape)
    made: Array = np.clip(total >> BITS, 0, 255).astype(np.uint8)
    return made


def _weights(size: int, made: int, method: str) -> tuple[Array, Array]:
    """Of each new pixel: the first old one, and weights, int32 ``[made, taps]``; unneeded ones are 0."""
    scale = size / made
    found = []
    for i in range(made):
        start, weights = _METHODS[method](i, scale, size)
        kept = np.array([math.floor(0.5 + w * (1 << BITS)) for w in weights], np.int32)
        used = np.flatnonzero(kept)
        found.append((start + used[0], kept[used[0] : used[-1] + 1]))
    taps = max(len(kept) for _, kept in found)
    starts = np.array([min(start, size - taps) for start, _ in found], np.uint16)
    table = np.zeros((made, taps), np.int32)
    for i, (start, kept) in enumerate(found):
        table[i, start - starts[i] : start - starts[i] + len(kept)] = kept
    return starts, table


def _nearest(i: int, scale: float, size: int) -> tuple[int, list[float]]:
    return min(int((i + 0.5) * scale), size - 1), [1.0]


def _bilinear(i: int, scale: float, size: int) -> tuple[int, list[float]]:
    """A triangle as wide as the scale, normalized, at the old pixels' centres."""
    width, center = max(scale, 1.0), (i + 0.5) * scale
    low, high = max(int(center - width + 0.5), 0), min(int(center + width + 0.5), size)
    narrow = 1.0 / width
    weights = [max(0.0, 1.0 - abs((x + low - center + 0.5) * narrow)) for x in range(high - low)]
    total = 0.0
    for weight in weights:
        total += weight
    return low, [weight / total for weight in weights]


def _area(i: int, scale: float, size: int) -> tuple[int, list[float]]:
    begin, end = i * scale, (i + 1) * scale
    low, high = int(begin), min(math.ceil(end), size)
    return low, [(min(end, x + 1) - max(begin, x)) / scale for x in range(low, high)]


_METHODS = {"nearest": _nearest, "bilinear": _bilinear, "area": _area}
