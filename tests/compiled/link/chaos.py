"""A simulated line on which everything goes wrong at once: bytes, the device and the connection."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

from line import FAULTS, Line, scores

from edgeq.targets.link import Client, Quality
from edgeq.targets.stream import GoneError

LATENCY = 0.001
RATES = {"corrupted": 0.01, "byte dropped": 0.005, "unit dropped": 0.005}
SAMPLES_APART = 200
"""Samples' time between two resets, and between two closed connections, on average."""

BOOT = 0.25
"""Seconds in which a device that starts anew hears nothing."""

ABSENT = 0.5
"""Seconds until a connection that was closed is open again."""


class ChaosLine(Line):
    """A line that is bad, behind a connection that is closed at times, to a device that starts anew at times.

    Args:
        program, baud, latency, seed: as of ``Line``.
        rates: of each of ``FAULTS``, the share of units that it strikes, both ways.
        reset_every: seconds of line time between two resets of the device, on average.
        close_every: seconds between two closed connections, on average; each third takes the device along,
            as where both hang on one USB plug.
    """

    def __init__(
        self,
        program: Path,
        *,
        rates: dict[str, float],
        baud: int = 115_200,
        latency: float = 0.0,
        seed: int = 0,
        reset_every: float = math.inf,
        close_every: float = math.inf,
    ) -> None:
        super().__init__(program, baud=baud, latency=latency, seed=seed)
        self._rates, self._reset_every, self._close_every = rates, reset_every, close_every
        self._times = random.Random(seed + 1)
        self._resets_at, self._closes_at = self._after(reset_every), self._after(close_every)
        self._is_open = True
        self.resets = self.closes = 0

    def write(self, data: bytes) -> None:
        """As ``Line.write``; what is written to a closed connection goes nowhere."""
        self._look()
        super().write(data)

    def read(self, n: int, timeout: float) -> bytes:
        """As ``Line.read``, at most up to the moment when the connection is closed."""
        self._look()
        return super().read(n, min(timeout, max(0.0, self._closes_at - self._host)))

    def reopen(self) -> None:
        """Opens the connection anew; what the device said meanwhile is gone."""
        self._closes_at = self._host + ABSENT + self._after(self._close_every)
        end = self._host + ABSENT
        while self._host < end:
            super().read(1 << 16, end - self._host)
        self._coming.clear()
        self._is_open = True

    def _after(self, mean: float) -> float:
        return self._times.expovariate(1 / mean) if mean < math.inf else math.inf

    def _look(self) -> None:
        if self._is_open and self._host >= self._closes_at:
            self._is_open = False
            self.closes += 1
            if self.closes % 3 == 0:
                self._resets_at = self._host
        if not self._is_open:
            raise GoneError("the connection was closed")

    def _struck(self, unit: bytes) -> bytes:
        drawn = self._random.random()
        for fault, rate in self._rates.items():
            if drawn < rate:
                self.faults += 1
                return FAULTS[fault](unit, self._random)
            drawn -= rate
        return unit

    def _advance(self, horizon: float) -> None:
        if self._resets_at > horizon:
            super()._advance(horizon)
            return
        if self._device < self._resets_at:
            super()._advance(self._resets_at)
        if self._device >= self._resets_at:
            self.restart(self._device + BOOT)
            self.resets += 1
            self._resets_at = self._device + self._after(self._reset_every)


@dataclass(frozen=True)
class Course:
    """How a chaotic run went: seconds of line time, and what happened."""

    clean: float
    chaotic: float
    right: int
    faults: int
    resets: int
    closes: int
    quality: Quality


def course(program: Path, size: int, samples: int, *, baud: int = 115_200, seed: int = 0) -> Course:
    """All samples over a clean line, then over a chaotic one; ``right`` of them have the right result there.

    Args:
        size: bytes of an input, for which ``program`` was compiled.
    """
    rng = random.Random(seed)
    many = [[rng.randbytes(size)] for _ in range(samples)]
    clean = Line(program, baud=baud, latency=LATENCY)
    try:
        least, _, _ = _all(clean, many, baud)
    finally:
        clean.close()
    apart = SAMPLES_APART * least / samples
    line = ChaosLine(
        program,
        rates=RATES,
        baud=baud,
        latency=LATENCY,
        seed=seed,
        reset_every=apart,
        close_every=apart,
    )
    try:
        spent, right, quality = _all(line, many, baud)
    finally:
        line.close()
    return Course(least, spent, right, line.faults, line.resets, line.closes, quality)


def _all(line: Line, many: list[list[bytes]], baud: int) -> tuple[float, int, Quality]:
    client = Client(line, clock=line.now, baud=baud)
    client.handshake()
    start, right, places = line.now(), 0, set()
    for place, one in client.infer_all(many):
        assert place not in places
        places.add(place)
        right += one.outputs == [scores(many[place][0])]
    return line.now() - start, right, client.quality
