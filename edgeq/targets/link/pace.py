"""How long to wait for an answer, how much to have on its way, and what of the line's quality that showed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edgeq.targets.link.framing import CHUNK

_BITS = 10
"""A byte's on a line with a start bit and a stop bit."""

_LEAST = 0.1
"""Seconds that nothing is waited for less: the line's other side may be a process that has to be woken."""

_LONGEST = 5.0
_MOST_PATIENCE = 64.0
"""Seconds, and times what is expected: an answer may be late, but silence is to be noticed."""

_LEAST_HOPE = 30.0
"""Seconds that a run may take however short those before were: a simulator may have to wait for its turn."""

_STEADY, _SWING, _SHARE = 0.125, 0.25, 4.0
"""RFC 6298's: how fast the mean and its deviation follow, and how many deviations are waited for."""

_LEAST_WINDOW = 2200
_MOST_WINDOW = 16384
"""Bytes on their way: two of the largest frames at least, and at first."""

_OVERHEAD = 36
"""Bytes around a payload: of its frame and of the answer."""

_SHORTEST = 44
"""Bytes of the exchange that is mostly the shortest: DESCRIBE's."""

_LEAST_PAYLOAD = 128
_SELDOM = 1 << 18
"""Bytes between losses beyond which they do not matter."""

_RECENT = 0.3
"""How much of the last distance between losses is in their mean."""


@dataclass
class Quality:
    """What a line showed of itself since it was opened.

    Attributes:
        frames: requests sent, each time counted.
        repeats: of these, those that were sent again.
        refusals: answers that said that a frame came damaged, or that one before it was missing.
        silences: times that an answer did not come in time.
        resyncs: how often device and host had to find each other again.
        reconnects: how often the port had to be opened again.
        round_trip: seconds of the shortest exchange without an inference; None where there was none.
    """

    frames: int = 0
    repeats: int = 0
    refusals: int = 0
    silences: int = 0
    resyncs: int = 0
    reconnects: int = 0
    round_trip: float | None = None


class _Estimate:
    """A mean and its deviation, as RFC 6298 has them."""

    def __init__(self) -> None:
        self.mean: float | None = None
        self._deviation = 0.0

    def add(self, seconds: float) -> None:
        if self.mean is None:
            self.mean, self._deviation = seconds, seconds / 2
        else:
            self._deviation += _SWING * (abs(seconds - self.mean) - self._deviation)
            self.mean += _STEADY * (seconds - self.mean)

    def most(self, unknown: float) -> float:
        return unknown if self.mean is None else self.mean + _SHARE * self._deviation


class Pace:
    """Learns from answers how long the next takes, and from losses how much may be on its way.

    Args:
        first: seconds to wait where nothing is known yet.
        baud: bits per second, at least; for how long a frame takes on the line.
    """

    def __init__(self, first: float, baud: int) -> None:
        self._first, self._baud = first, baud
        self._estimates = {False: _Estimate(), True: _Estimate()}
        self._patience = 1.0
        self._free_at = 0.0
        self._steep = True
        self._between, self._since = float(_SELDOM), 0
        self.window = _LEAST_WINDOW
        self.quality = Quality()

    def knows(self, *, runs: bool) -> bool:
        """Whether an answer of that kind was timed."""
        return self._estimates[runs].mean is not None

    def leaves(self, size: int, now: float) -> float:
        """When the last byte of a frame that is written now leaves, behind those before it."""
        self._free_at = max(self._free_at, now) + self._line(size)
        return self._free_at

    def timeout(self, *, runs: bool) -> float:
        """Seconds to wait for an answer after its frame has left; ``runs``: it runs an inference."""
        wait = max(_LEAST, self._estimates[runs].most(self._first))
        return min(wait * self._patience, max(_LONGEST, wait))

    def hope(self, most: float) -> float:
        """Seconds after which no answer to a run comes any more: ``most``, less once others were timed."""
        if not self.knows(runs=True):
            return most
        return min(most, max(_LEAST_HOPE, _MOST_PATIENCE * self._estimates[True].most(self._first)))

    def earliest(self, left_at: float) -> float:
        """When an answer to a frame that had left then can come at the earliest, by the shortest exchange."""
        shortest = self.quality.round_trip
        return math.inf if shortest is None else left_at + max(0.0, shortest - self._line(_SHORTEST))

    def heard(self, seconds: float, *, runs: bool, trip: float | None) -> None:
        """An answer took so long after its frame had left; ``trip``: since that began, if it was alone."""
        self._estimates[runs].add(max(0.0, seconds))
        self._patience = 1.0
        if trip is not None:
            shortest = self.quality.round_trip
            self.quality.round_trip = trip if shortest is None else min(shortest, trip)

    @property
    def is_lossy(self) -> bool:
        """Whether something gets lost often enough to be careful."""
        return self._apart < _SELDOM

    @property
    def payload(self) -> int:
        """Bytes that are best in a frame: losses cost its size, and what is around it costs each frame.

        The minimum of ``overhead / n + n / bytes between losses``.
        """
        return max(_LEAST_PAYLOAD, int((_OVERHEAD * self._apart) ** 0.5)) if self.is_lossy else CHUNK

    @property
    def _apart(self) -> float:
        """Bytes between losses, lately."""
        return max(self._between, self._since)

    def arrived(self, size: int) -> None:
        """A frame was answered: more may be on its way."""
        self._since += size
        more = size if self._steep else size * size // self.window
        self.window = min(self.window + more, _MOST_WINDOW)

    def lost(self) -> None:
        """Something was lost: less may be on its way."""
        self._between += _RECENT * (min(self._since, _SELDOM) - self._between)
        self._since = 0
        self._steep = False
        self.window = max(self.window // 2, _LEAST_WINDOW)

    def silent(self) -> None:
        """Nothing came in time: it may just take longer."""
        self.quality.silences += 1
        self._patience = min(2.0 * self._patience, _MOST_PATIENCE)
        self.lost()

    def _line(self, size: int) -> float:
        return size * _BITS / self._baud
