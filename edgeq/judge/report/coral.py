"""What an Edge TPU, or the CPU beside one, was found to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

from edgeq.judge.report.section import Schema, Section, count, number, record, text


@dataclass(frozen=True)
class Temperature:
    """Degrees Celsius before the model was loaded and after the last inference; None without a sensor."""

    before: float | None
    after: float | None


@dataclass(frozen=True)
class Milliseconds:
    """By the clock of the device's machine.

    Attributes:
        load: until the model was ready, the delegate's start included.
        first: the first inference, which brings the weights to the device.
        warm_p50, warm_p95: of the ``warm_runs`` inferences after it; None where there were none.
    """

    load: float
    first: float
    warm_p50: float | None
    warm_p95: float | None
    warm_runs: int


@dataclass(frozen=True)
class Part:
    """One of the parts that a model was cut into: what ran it, and the median milliseconds of its inferences.

    Attributes:
        device: as the delegate names it; None where it was not asked for by name.
    """

    processor: Literal["edgetpu", "cpu"]
    device: str | None
    warm_p50: float


@dataclass(frozen=True)
class Coral(Section):
    """Only for an Edge TPU.

    Attributes:
        host: ``user@host``, or ``"local"``.
        processor: ``"cpu"`` where it was tried without the Edge TPU.
        interpreter: the package that ran the model, and its version.
        runtime: what libedgetpu says of itself; None without it.
        link: how the device is connected; None where none is.
        throughput_per_s: inferences one after the other, copies of inputs and outputs included; of several
            parts, which work at the same time.
        parts: of a model that was cut into several, in their order; else none.
        companions: how many models that it was compiled along with had a turn before each inference.
        mapped, operators: how many of how many run on the Edge TPU, as the compiler says; None without it.
    """

    key: ClassVar[str] = "coral"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "Only for an Edge TPU.",
        host=text("user@host, or local."),
        processor={
            "enum": ["edgetpu", "cpu"],
            "description": "cpu where it was tried without the Edge TPU.",
        },
        interpreter=text("The package that ran it, and its version."),
        runtime=text("What libedgetpu says of itself.", null=True),
        link=text("How the device is connected.", null=True),
        temperature_c=record(
            "Degrees Celsius; null where there is no sensor or it is off.",
            before=number("Before the model was loaded."),
            after=number("After the last inference."),
        ),
        latency_ms=record(
            "Milliseconds by the clock of the device's machine.",
            load=number("Until the model was ready."),
            first=number("The first inference, which brings the weights to the device."),
            warm_p50=number("The median of the inferences after it."),
            warm_p95=number("What 95 of 100 of them do not exceed."),
            warm_runs=count("How many they are."),
        ),
        throughput_per_s=number(
            "Inferences a second, one after the other, with the copies of inputs and outputs."
        ),
        mapped=count("Operators that run on the Edge TPU, as the compiler says; null without it.", null=True),
        operators=count("Of so many.", null=True),
        parts={
            "description": "Of a model that was cut: its parts in their order, which work at the same time.",
            "type": "array",
            "items": record(
                "A part.",
                processor={"enum": ["edgetpu", "cpu"], "description": "What ran it."},
                device=text("Which Edge TPU, as the delegate names it.", null=True),
                warm_p50=number("The median milliseconds of its inferences after the first."),
            ),
        },
        companions=count("Models compiled along with it that had a turn before each inference."),
    )

    host: str
    processor: Literal["edgetpu", "cpu"]
    interpreter: str
    runtime: str | None
    link: str | None
    temperature_c: Temperature
    latency_ms: Milliseconds
    throughput_per_s: float
    mapped: int | None = None
    operators: int | None = None
    parts: tuple[Part, ...] = ()
    companions: int = 0

    def to_json(self) -> object:
        """JSON values, in the schema's order."""
        return {**asdict(self), "parts": [asdict(part) for part in self.parts]}
