"""What the device answers beside what is true, for a regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, record, text

MOST_POINTS = 512


@dataclass(frozen=True)
class Scatter(Section):
    """Some of the values of a regression, evenly spread over the samples.

    Attributes:
        output: the name of the output that is judged.
        points: (true value, the device's), in the data's unit and order.
    """

    key: ClassVar[str] = "scatter"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "Values of the judged output, true and on the device; only where labels are values.",
        output=text("The output that is judged."),
        points={
            "type": "array",
            "description": f"[true, device], at most {MOST_POINTS}, evenly spread over the samples.",
            "items": {"type": "array", "items": {"type": "number"}},
        },
    )

    output: str
    points: tuple[tuple[float, float], ...]

    def to_json(self) -> dict[str, object]:
        """Lists in the place of tuples."""
        return {"output": self.output, "points": [list(point) for point in self.points]}
