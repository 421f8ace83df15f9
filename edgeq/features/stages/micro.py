"""TensorFlow Lite Micro's audio frontend, to the bit: from frames to bands, noise reduction, PCAN, logarithm.

Parameters and roundings are those of tflite-micro's ``microfrontend`` with kissfft in 16 bits, which
micro_speech and ESPHome's wake words were trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgeq.features.fft import places, power_of_two
from edgeq.features.form import Array, Form
from edgeq.features.kiss import real_transform, super_turns, turns
from edgeq.features.micro_tables import Corners, bands, gains, logarithms, window
from edgeq.features.stage import Kernel, Stage, real, takes, whole

_SNR_BITS, _OUTPUT_BITS, _SMOOTHING_BITS = 12, 6, 14
_LOG_COEFFICIENT = 45426
"""ln 2, 16 bits behind the point."""


@dataclass(frozen=True)
class Micro(Stage):
    """int16 ``[frames, size]`` to uint16 ``[frames, channels]``; the noise is estimated from frame to frame.

    The parameters have the names and the defaults of that frontend, which micro_speech and ESPHome leave but
    for ``enable_pcan``.
    """

    name: ClassVar[str] = "micro"
    num_channels: int = 40
    lower_band_limit: float = 125.0
    upper_band_limit: float = 7500.0
    smoothing_bits: int = 10
    even_smoothing: float = 0.025
    odd_smoothing: float = 0.06
    min_signal_remaining: float = 0.05
    enable_pcan: bool = True
    pcan_strength: float = 0.95
    pcan_offset: float = 80.0
    gain_bits: int = 21
    enable_log: bool = True
    scale_shift: int = 6

    def __post_init__(self) -> None:
        whole("num_channels", self.num_channels, 1, 512)
        real("lower_band_limit", self.lower_band_limit, 0, 1e6)
        real("upper_band_limit", self.upper_band_limit, 1, 1e6)
        whole("smoothing_bits", self.smoothing_bits, 1, 15)
        for name in ("even_smoothing", "odd_smoothing", "min_signal_remaining"):
            real(name, getattr(self, name), 0, 1)
        real("pcan_strength", self.pcan_strength, 0, 4)
        real("pcan_offset", self.pcan_offset, 0.001, 1e6)
        whole("gain_bits", self.gain_bits, 16, 31)
        whole("scale_shift", self.scale_shift, 0, 15)
        if not isinstance(self.enable_pcan, bool) or not isinstance(self.enable_log, bool):
            raise ValueError("enable_pcan and enable_log are true or false")
        if self.lower_band_limit >= self.upper_band_limit:
            raise ValueError("lower_band_limit is below upper_band_limit")

    def of(self, given: Form) -> Form:
        """One value a channel."""
        takes(self, given, "int16", 2)
        points = power_of_two(given.shape[-1])
        if not 64 <= points <= 4096:
            raise ValueError(f"the stage micro takes frames of 33 to 4096 samples, and gets {given}")
        if self._bands(given).end >= points // 2 + 1:
            raise ValueError("upper_band_limit is beyond what the rate can tell")
        return given.row(self.num_channels, dtype="uint16")

    def apply(self, values: Array, given: Form) -> Array:
        """Frame after frame, from no noise at all."""
        size = given.shape[-1]
        points = power_of_two(size)
        framed = (values.astype(np.int64) * window(size)) >> 12
        # the C keeps the absolute value in int16, where that of -32768 is itself and no maximum
        loudest = np.where(framed == -32768, 0, np.abs(framed)).max(axis=-1)
        shift = 15 - _bits(loudest)
        scaled = np.zeros((*framed.shape[:-1], points), np.int64)
        scaled[..., :size] = _int16(framed << shift[..., None])
        re, im = real_transform(scaled)
        energy = (re * re + im * im).astype(np.int32).astype(np.int64).astype(np.uint64)
        signal = _root(self._sums(energy, given)) >> shift[..., None]
        return self._scaled(self._quieted(signal, points), points).astype(np.uint16)

    def _bands(self, given: Form) -> Corners:
        return bands(
            self.num_channels,
            self.lower_band_limit,
            self.upper_band_limit,
            given.rate,
            power_of_two(given.shape[-1]),
        )

    def _sums(self, energy: Array, given: Form) -> Array:
        table = self._bands(given)
        rising: list[Array] = []
        falling: list[Array] = []
        at = 0
        for start, width in zip(table.starts, table.widths, strict=True):
            part = energy[..., start : start + width]
            for weights, sums in ((table.weights, rising), (table.unweights, falling)):
                one = weights[at : at + width].astype(np.int64).astype(np.uint64)
                sums.append((part * one).sum(axis=-1, dtype=np.uint64))
            at += width
        return np.stack([falling[i] + rising[i + 1] for i in range(self.num_channels)], axis=-1)

    def _quieted(self, signal: Array, points: int) -> Array:
        """Noise reduction, and PCAN by the noise's estimate: ``[n, frames, channels]``, int64."""
        even = np.arange(self.num_channels) % 2 == 0
        smoothing = np.where(even, _share(self.even_smoothing), _share(self.odd_smoothing))
        remaining = _share(self.min_signal_remaining)
        estimate = np.zeros((len(signal), self.num_channels), np.int64)
        made = np.empty_like(signal)
        for frame in range(signal.shape[1]):
            now = signal[:, frame]
            up = _uint32(now << self.smoothing_bits)
            estimate = _uint32((up * smoothing + estimate * (16384 - smoothing)) >> _SMOOTHING_BITS)
            rest = (up - np.minimum(estimate, up)) >> self.smoothing_bits
            made[:, frame] = np.maximum(rest, (now * remaining) >> _SMOOTHING_BITS)
            if self.enable_pcan:
                made[:, frame] = self._gained(made[:, frame], estimate, points)
        return made

    def _gained(self, signal: Array, estimate: Array, points: int) -> Array:
        lut, shift = self._gains(points).astype(np.int64), self._snr_shift(points)
        interval = _bits(estimate)
        at = np.where(estimate <= 2, 0, 4 * interval - 6)
        move = interval - 11
        frac = np.where(move < 0, estimate << np.maximum(-move, 0), estimate >> np.maximum(move, 0)) & 0x3FF
        line = (lut[at + 2] * frac >> 5) + (lut[at + 1] << 5)
        line = ((line * frac + (1 << 14)) >> 15) + lut[at]
        gain = np.where(estimate <= 2, lut[np.minimum(estimate, 2)], line)
        gain = _uint32(_int16(gain))  # an int16 that becomes uint32
        product = signal.astype(np.uint64) * gain.astype(np.uint64)
        snr = _uint32((product >> np.uint64(shift)).astype(np.int64))
        small = _uint32(snr * snr) >> (2 + 2 * _SNR_BITS - _OUTPUT_BITS)
        large = (snr >> (_SNR_BITS - _OUTPUT_BITS)) - (1 << _OUTPUT_BITS)
        return np.where(snr < 2 << _SNR_BITS, small, large)

    def _snr_shift(self, points: int) -> int:
        return self.gain_bits - _correction(points) - _SNR_BITS

    def _gains(self, points: int) -> Array:
        bits = self.smoothing_bits - _correction(points)
        return gains(self.pcan_strength, self.pcan_offset, self.gain_bits, bits)

    def _scaled(self, signal: Array, points: int) -> Array:
        """The logarithm, or what there is, cut off at uint16's end."""
        if not self.enable_log:
            return np.minimum(signal, 0xFFFF)
        bits = _correction(points)
        value = _uint32(signal << bits) if bits >= 0 else signal >> -bits
        safe = np.maximum(value, 2)
        top = _bits(safe) - 1
        frac = safe - (1 << top)
        frac = np.where(top < 16, frac << np.maximum(16 - top, 0), frac >> np.maximum(top - 16, 0))
        table = logarithms().astype(np.int64)
        segment = frac >> 9
        line = (table[segment + 1] - table[segment]) * (frac - 512 * segment) >> 16
        log2 = (top << 16) + frac + table[segment] + line
        log = _uint32((_LOG_COEFFICIENT * log2 + 32768) >> 16)
        log = _uint32((log << self.scale_shift) + 32768) >> 16
        return np.minimum(np.where(value > 1, log, 0), 0xFFFF)

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_micro``: the noise's estimates are its state, the transform and the bands its scratch."""
        size, channels = given.shape[-1], self.num_channels
        points = power_of_two(size)
        found = self._bands(given)
        tables = {
            "window": window(size),
            "places": places(points // 2),
            "turns": turns(points // 2),
            "super_turns": super_turns(points // 2),
            "starts": np.array(found.starts, np.uint16),
            "widths": np.array(found.widths, np.uint16),
            "weights": found.weights,
            "unweights": found.unweights,
            "logarithms": logarithms(),
        }
        if self.enable_pcan:
            tables["gains"] = self._gains(points)
        fields: dict[str, int | str | None] = {
            "size": size,
            "points": points,
            "channels": channels,
            "smoothing_bits": self.smoothing_bits,
            "even_smoothing": _share(self.even_smoothing),
            "odd_smoothing": _share(self.odd_smoothing),
            "min_signal_remaining": _share(self.min_signal_remaining),
            "snr_shift": self._snr_shift(points),
            "enable_log": int(self.enable_log),
            "correction": _correction(points),
            "scale_shift": self.scale_shift,
        }
        named = {"gains": None, **{name: name for name in tables}}
        return Kernel("edgeq_micro", fields | named, tables, scratch=2 * points + 4, state=4 * channels)


def _share(value: float) -> int:
    return int(np.float32(value) * np.float32(1 << _SMOOTHING_BITS))


def _correction(points: int) -> int:
    return points.bit_length() - 1 - 6


def _bits(values: Array) -> Array:
    """How many bits each takes, 0 for 0."""
    left, found = values.copy(), np.zeros(values.shape, np.int64)
    for step in (32, 16, 8, 4, 2, 1):
        more = left >> step > 0
        found += np.where(more, step, 0)
        left = np.where(more, left >> step, left)
    made: Array = found + (left > 0)
    return made


def _int16(values: Array) -> Array:
    return values.astype(np.int16).astype(np.int64)


def _uint32(values: Array) -> Array:
    return values & 0xFFFFFFFF


def _root(values: Array) -> Array:
    """Rounded square roots as that frontend computes them: in 32 bits, 65535 is never rounded up."""
    root = np.sqrt(values.astype(np.longdouble)).astype(np.uint64)
    for _ in range(2):
        root = np.where(root * root > values, root - np.uint64(1), root)
        root = np.where((root + np.uint64(1)) * (root + np.uint64(1)) <= values, root + np.uint64(1), root)
    rest = values - root * root
    small = values < np.uint64(1 << 32)
    most = np.where(small, np.uint64(0xFFFF), np.uint64(0xFFFFFFFF))
    made: Array = np.where((rest > root) & (root != most), root + np.uint64(1), root).astype(np.int64)
    return made
