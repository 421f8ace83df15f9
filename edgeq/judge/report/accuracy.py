"""How often the model is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, number, record

Share = float | None


@dataclass(frozen=True)
class Accuracy(Section):
    """Shares of right answers, 0 to 1; None where not measured.

    Attributes:
        float: of the float model in the interpreter.
        int8: of the int8 model in the oracle.
        device: of the int8 model on the device.
    """

    key: ClassVar[str] = "accuracy"
    schema: ClassVar[Schema] = record(
        "Shares of samples decided as labelled, 0 to 1; null without labels.",
        float=number("Of the float model in the interpreter.", minimum=0, maximum=1),
        int8=number("Of the int8 model in the oracle.", minimum=0, maximum=1),
        device=number("Of the int8 model on the device.", minimum=0, maximum=1),
    )

    float: Share
    int8: Share
    device: Share
