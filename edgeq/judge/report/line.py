"""What the line between host and device showed of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, count, number, record


@dataclass(frozen=True)
class Line(Section):
    """The link's quality over one run.

    Attributes:
        frames: requests that were sent, repetitions among them.
        repeats: requests that were sent again.
        refusals: answers that said that a frame came damaged, or that one was missing.
        silences: answers that did not come in time.
        resyncs: times that device and host had to find each other again.
        reconnects: times that the port had to be opened again.
        round_trip_ms: milliseconds of the shortest exchange without an inference; None where there was none.
        resumed: samples whose answers are those of an earlier run that was cut short.
    """

    key: ClassVar[str] = "link"
    schema: ClassVar[Schema] = record(
        "What the line between host and device showed of itself; only of firmware.",
        frames=count("Requests that were sent, repetitions among them."),
        repeats=count("Requests that were sent again."),
        refusals=count("Answers that said that a frame came damaged, or that one was missing."),
        silences=count("Answers that did not come in time."),
        resyncs=count("Times that device and host had to find each other again."),
        reconnects=count("Times that the port had to be opened again."),
        round_trip_ms=number("Milliseconds of the shortest exchange without an inference.", minimum=0),
        resumed=count("Samples whose answers are an earlier run's, which was cut short (--resume)."),
    )
    is_optional: ClassVar[bool] = True

    frames: int
    repeats: int
    refusals: int
    silences: int
    resyncs: int
    reconnects: int
    round_trip_ms: float | None
    resumed: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost."""
        return not (self.repeats or self.refusals or self.silences or self.resyncs or self.reconnects)
