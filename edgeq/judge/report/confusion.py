"""Which classes the device takes for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, count, record, text

MOST_CELLS = 1024


@dataclass(frozen=True)
class Confusion(Section):
    """How often each class was decided for samples of each label.

    Attributes:
        output: the name of the output that is judged.
        samples: of all cells.
        cells: (label, decided class, samples) of those that are not zero, by label; the fullest where there
            are too many.
        left_out: the samples of cells that are not among them.
    """

    key: ClassVar[str] = "confusion"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "How often each class was decided on the device; only where labels are classes.",
        output=text("The output that is judged."),
        samples=count("All of them."),
        cells={
            "type": "array",
            "description": f"At most {MOST_CELLS:,}, by label: [label, decided class, samples].",
            "items": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        },
        left_out=count("Samples of cells that are not told."),
    )

    output: str
    samples: int
    cells: tuple[tuple[int, int, int], ...]
    left_out: int = 0

    def to_json(self) -> dict[str, object]:
        """Lists in the place of tuples."""
        return {
            "output": self.output,
            "samples": self.samples,
            "cells": [list(cell) for cell in self.cells],
            "left_out": self.left_out,
        }

    @property
    def worst(self) -> tuple[int, int, int] | None:
        """The most frequent mistake: (label, decided class, samples); None without any."""
        wrong = [cell for cell in self.cells if cell[0] != cell[1]]
        return max(wrong, key=lambda cell: cell[2], default=None)
