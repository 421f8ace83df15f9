"""What one inference costs: instructions in a simulator, cycles and time on a real core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from edgeq.checker import Finding
from edgeq.judge.report.findings import finding
from edgeq.judge.report.section import Schema, Section, count, number, record

CLOCK_TOLERANCE = 0.03
"""Oscillators inside a chip are within two percent; a line with USB in it makes one more."""


@dataclass(frozen=True)
class Instructions:
    """What a simulator has counted.

    Attributes:
        first: executed instructions of the first inference.
        warm: the median of the next few.
        cycles_estimated: of the median one, by the core's timings; None where nobody knows them.
    """

    unit: ClassVar[str] = "instructions"
    keys: ClassVar[Schema] = {
        "instructions_first": count("Executed instructions of the first inference.", null=True),
        "instructions_warm": count("The median of the few after it.", null=True),
        "cycles_estimated": count(
            "Cycles of that, estimated by the core's published timings; null where there are none.", null=True
        ),
    }

    first: int
    warm: int
    cycles_estimated: int | None = None

    def to_json(self) -> dict[str, object]:
        """The values of ``keys``."""
        return dict(zip(self.keys, (self.first, self.warm, self.cycles_estimated), strict=True))


@dataclass(frozen=True)
class Cycles:
    """What a real core's cycle counter and clock say.

    Attributes:
        first: cycles of the first inference.
        warm: the median of the next few.
        hz: the core's clock, as the firmware tells it.
        drift: by which share the device's clock is faster than the host's; None where they were not compared.
    """

    unit: ClassVar[str] = "cycles"
    keys: ClassVar[Schema] = {
        "cycles_first": count("Cycles of the first inference, on a board of hardware.", null=True),
        "cycles_warm": count("The median of the few after it.", null=True),
        "clock_hz": count("The core's clock, as the firmware tells it.", null=True),
        "ms_first": number(
            "Milliseconds of the first inference; null where the host's clock does not agree.", minimum=0
        ),
        "ms_warm": number("Milliseconds of the median of the few after it.", minimum=0),
    }

    first: int
    warm: int
    hz: int | None
    drift: float | None

    @property
    def is_clock_right(self) -> bool:
        """Whether the clock is what it says, as far as the host can tell."""
        return self.hz is not None and self.drift is not None and abs(self.drift) <= CLOCK_TOLERANCE

    def milliseconds(self, cycles: int) -> float | None:
        """The time of so many; None where the clock is not known to be right."""
        return 1000 * cycles / self.hz if self.hz is not None and self.is_clock_right else None

    def to_json(self) -> dict[str, object]:
        """The values of ``keys``."""
        times = self.milliseconds(self.first), self.milliseconds(self.warm)
        return dict(zip(self.keys, (self.first, self.warm, self.hz, *times), strict=True))


@dataclass(frozen=True)
class Spread:
    """Of the inferences after the first, in what the board counts.

    Attributes:
        runs: how many were counted.
        least, p50, p95, most: of them; p95 is what 95 of 100 do not exceed.
    """

    schema: ClassVar[Schema] = record(
        "Of the inferences after the first, in instructions or cycles; null where none were counted.",
        null=True,
        runs=count("How many were counted: up to 50 on hardware, a few in a simulator."),
        least=count("The fewest."),
        p50=count("The median."),
        p95=count("What 95 of 100 of them do not exceed."),
        most=count("The most."),
    )

    runs: int
    least: int
    p50: int
    p95: int
    most: int

    @classmethod
    def of(cls, counts: Sequence[int]) -> Spread | None:
        """Of so many; None of none."""
        if not counts:
            return None
        ranked = sorted(counts)
        last = len(ranked) - 1
        return cls(len(ranked), ranked[0], ranked[last // 2], ranked[-(-last * 95 // 100)], ranked[last])


@dataclass(frozen=True)
class Latency(Section):
    """What one inference costs.

    Attributes:
        cost: by the unit that the board counts; None where it counts none.
        macs: the model's multiply-accumulates; None where the project does not say.
        spread: of the inferences after the first.
    """

    key: ClassVar[str] = "latency"
    schema: ClassVar[Schema] = record(
        "Cost of one inference; null where the board cannot count.",
        **Instructions.keys,
        macs=count("Multiply-accumulates of one inference.", null=True),
        **Cycles.keys,
        spread=Spread.schema,
    )

    cost: Instructions | Cycles | None
    macs: int | None
    spread: Spread | None = None

    def to_json(self) -> dict[str, object]:
        """Every key; null for those of the costs that were not counted."""
        known = {} if self.cost is None else self.cost.to_json()
        spread = None if self.spread is None else asdict(self.spread)
        return {**dict.fromkeys(self.schema["properties"]), **known, "macs": self.macs, "spread": spread}

    def findings(self) -> tuple[Finding, ...]:
        """A warning where the clock is not right, so that there are no milliseconds."""
        cycles = self.cost
        if not isinstance(cycles, Cycles) or cycles.is_clock_right:
            return ()
        if cycles.hz is None or cycles.drift is None:
            message = "the board's clock is not known, so its cycles are not told in milliseconds"
            hint = "the port's edgeq_port_hz gives it"
        else:
            message = (
                f"the board's clock is not the {cycles.hz:,} Hz that it says: it runs "
                f"{1 + cycles.drift:.3f} times as fast as the host's, so cycles are not told in milliseconds"
            )
            hint = "check `clock` in the board file: the crystal's frequency, and whether there is one"
        return (finding("clock", "warning", message, hint),)
