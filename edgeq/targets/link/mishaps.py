"""How much may go wrong before a device is given up."""

from __future__ import annotations

from collections.abc import Callable

from edgeq.targets.link.requests import Elsewhere, Lost
from edgeq.targets.stream import GoneError

_SILENCES = 2
"""Each of them took all the patience there is."""

_STARTS = 16
"""Ports that went, devices that started anew: they are noticed at once."""


class Mishaps:
    """What went wrong in a row, with no answer in between.

    Args:
        seconds: how long that may go on, from the first of them.
        clock: seconds since some moment.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._silences = self._starts = 0
        self._began = 0.0

    def none(self) -> None:
        """There was an answer."""
        self._silences = self._starts = 0

    def count(self, error: Lost | GoneError) -> None:
        """One more."""
        if not self._silences + self._starts:
            self._began = self._clock()
        if isinstance(error, GoneError | Elsewhere):
            self._starts += 1
        else:
            self._silences += 1

    @property
    def are_too_many(self) -> bool:
        """Whether the next try would end as these did."""
        is_late = self._clock() - self._began >= self._seconds
        return self._silences >= _SILENCES or self._starts >= _STARTS or is_late

    def __str__(self) -> str:
        return f"{self._silences + self._starts} times"
