"""How much may go wrong before a device is given up."""

from __future__ import annotations

from edgeq.targets.link.requests import Elsewhere, Lost
from edgeq.targets.stream import GoneError

_SILENCES = 2
"""Each of them took all the patience there is."""

_STARTS = 16
"""Ports that went, devices that started anew: they are noticed at once."""


class Mishaps:
    """What went wrong in a row, with no answer in between."""

    def __init__(self) -> None:
        self._silences = self._starts = 0

    def none(self) -> None:
        """There was an answer."""
        self._silences = self._starts = 0

    def count(self, error: Lost | GoneError) -> None:
        """One more."""
        if isinstance(error, GoneError | Elsewhere):
            self._starts += 1
        else:
            self._silences += 1

    @property
    def are_too_many(self) -> bool:
        """Whether the next try would end as these did."""
        return self._silences >= _SILENCES or self._starts >= _STARTS

    def __str__(self) -> str:
        return f"{self._silences + self._starts} times"
