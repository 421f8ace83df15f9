"""How often the model is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, number, record, text

Share = float | None

USUAL_DROP = 0.05
"""The loss of accuracy, as a share of all samples, above which it is no longer the usual price of int8."""

LEAST_LOST = 3
"""So many samples are lost by it at least: of ten, one is a tenth, and may be an accident."""

_ROUNDING = 1e-9  # differences of shares are not exact in floating point


def lost(before: Share, after: Share, samples: int, most: float) -> Share:
    """The drop from one accuracy to another where it is more than ``most`` and no accident; else None."""
    if before is None or after is None or before - after <= most + _ROUNDING:
        return None
    return before - after if (before - after) * samples > LEAST_LOST - 0.5 else None


@dataclass(frozen=True)
class Accuracy(Section):
    """Shares of right answers, 0 to 1; None where not measured.

    Attributes:
        float: of the float model in the interpreter.
        int8: of the int8 model in the oracle.
        device: of the int8 model on the device.
        output: the name of the output that is judged; None without labels.
    """

    key: ClassVar[str] = "accuracy"
    schema: ClassVar[Schema] = record(
        "Shares of samples decided as labelled, 0 to 1; null without labels.",
        float=number("Of the float model in the interpreter.", minimum=0, maximum=1),
        int8=number("Of the int8 model in the oracle.", minimum=0, maximum=1),
        device=number("Of the int8 model on the device.", minimum=0, maximum=1),
        output=text("The output that is judged; null without labels.", null=True),
    )

    float: Share
    int8: Share
    device: Share
    output: str | None = None
