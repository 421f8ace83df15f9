"""A window and a real transform in int32, without scaling: the power of each frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgeq.features.fft import order, passes, places, power_of_two
from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, choice, takes

WINDOWS = ("hann", "hamming", "none")
FRACTION = 4
"""Bits behind the point of the windowed signal: its own roundings stay below the signal's."""
_LARGEST = 1024
"""Points, so that no sum leaves int32: (2^15 2^4) 1024 = 2^29, and twice that is added up."""


@dataclass(frozen=True)
class Spectrum(Stage):
    """int16 ``[..., size]`` to uint64 ``[..., points / 2 + 1]``: re^2 + im^2 of the transform over the next
    power of two, of samples as they are.

    Attributes:
        window: hann and hamming are periodic, as in ``scipy.signal.get_window``.
    """

    name: ClassVar[str] = "spectrum"
    window: str = "hann"

    def __post_init__(self) -> None:
        choice("window", self.window, WINDOWS)

    def of(self, given: Form) -> Form:
        """Half as many bins as points, and one."""
        takes(self, given, "int16")
        points = power_of_two(given.shape[-1])
        if not 16 <= points <= _LARGEST:
            raise ValueError(f"the stage spectrum takes rows of 9 to {_LARGEST} samples, and gets {given}")
        return given.row(points // 2 + 1, dtype="uint64")

    def apply(self, values: Array, given: Form) -> Array:
        """In int64, whose values all fit into the C's int32."""
        size = given.shape[-1]
        points = power_of_two(size)
        signal = np.zeros((*values.shape[:-1], points), np.int64)
        signal[..., :size] = (values.astype(np.int64) * self._window(size)) >> (15 - FRACTION)
        re, im = self._complex(signal[..., ::2], signal[..., 1::2])
        re, im = self._real(re, im)
        made: Array = ((re * re + im * im) >> (2 * FRACTION)).astype(np.uint64)
        return made

    def _complex(self, re: Array, im: Array) -> tuple[Array, Array]:
        length = re.shape[-1]
        cos, sin = _twiddles(2 * length)
        re, im = re[..., order(length)], im[..., order(length)]
        for radix, done, stride in passes(length):
            shape = (*re.shape[:-1], length // (done * radix), radix, done)
            a, b = re.reshape(shape), im.reshape(shape)
            x, y = [a[..., 0, :]], [b[..., 0, :]]
            for j in range(1, radix):
                at = 2 * stride * j * np.arange(done)
                one, other = _times(a[..., j, :], b[..., j, :], cos[at], sin[at])
                x.append(np.where(at == 0, a[..., j, :], one))
                y.append(np.where(at == 0, b[..., j, :], other))
            if radix == 2:
                r, i = [x[0] + x[1], x[0] - x[1]], [y[0] + y[1], y[0] - y[1]]
            else:
                s0, s1, s2, s3 = x[0] + x[2], x[0] - x[2], x[1] + x[3], x[1] - x[3]
                t0, t1, t2, t3 = y[0] + y[2], y[0] - y[2], y[1] + y[3], y[1] - y[3]
                r, i = [s0 + s2, s1 + t3, s0 - s2, s1 - t3], [t0 + t2, t1 - s3, t0 - t2, t1 + s3]
            re, im = (np.stack(part, axis=-2).reshape(re.shape) for part in (r, i))
        return re, im

    def _real(self, re: Array, im: Array) -> tuple[Array, Array]:
        """The real signal's transform from that of its even and odd samples."""
        length = re.shape[-1]
        cos, sin = (table[: length // 2 + 1] for table in _twiddles(2 * length))
        near, far = np.arange(length // 2 + 1), -np.arange(length // 2 + 1) % length
        er, ei = re[..., near] + re[..., far], im[..., near] - im[..., far]
        dr, di = im[..., near] + im[..., far], re[..., far] - re[..., near]
        tr, ti = _times(dr, di, cos, sin)
        tr[..., 0], ti[..., 0] = dr[..., 0], di[..., 0]
        low = (er + tr) >> 1, (ei + ti) >> 1
        high = (er - tr) >> 1, (ti - ei) >> 1
        return tuple(
            np.concatenate([one, other[..., : length // 2][..., ::-1]], axis=-1)
            for one, other in zip(low, high, strict=True)
        )  # type: ignore[return-value]  # a pair of a pair

    def _window(self, size: int) -> Array:
        """Coefficients with 15 bits behind the point, int16."""
        turns = np.cos(2 * np.pi * np.arange(size) / size)
        shape = {"hann": 0.5 - 0.5 * turns, "hamming": 0.54 - 0.46 * turns, "none": np.ones(size)}
        return np.minimum(np.floor(shape[self.window] * 32768 + 0.5), 32767).astype(np.int16)

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_spectrum``: the bins take the transform's place, so it needs no scratch."""
        size = given.shape[-1]
        points = power_of_two(size)
        cos, sin = _twiddles(points)
        turns = np.stack([cos, sin], axis=1)[: 3 * points // 4].astype(np.int16)
        tables = {"window": self._window(size), "places": places(points // 2), "turns": turns}
        fields: dict[str, int | str | None] = {"size": size, "points": points}
        return Kernel("edgeq_spectrum", fields | {name: name for name in tables}, tables)


def _twiddles(points: int) -> tuple[Array, Array]:
    """cos and sin of all angles, 15 bits behind the point."""
    angles = 2 * np.pi * np.arange(points) / points
    return tuple(  # type: ignore[return-value]  # two of them
        np.minimum(np.floor(part * 32768 + 0.5), 32767).astype(np.int64)
        for part in (np.cos(angles), np.sin(angles))
    )


def _times(re: Array, im: Array, cos: Array, sin: Array) -> tuple[Array, Array]:
    """(re + j im) (cos - j sin), rounded down."""
    return (re * cos + im * sin) >> 15, (im * cos - re * sin) >> 15
