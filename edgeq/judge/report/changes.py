"""What has changed since the figures that were accepted last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, number, record, text


@dataclass(frozen=True)
class Change:
    """One figure, then and now.

    Attributes:
        figure: its name (``edgeq.judge.baseline.FIGURES``).
        accepted, now: in the figure's own unit; None where it was not measured.
        percent: of ``accepted``; None where that is zero or one of the two is missing.
        is_worse: whether it got worse by more than is tolerated, or is no longer measured.
    """

    figure: str
    accepted: float | None
    now: float | None
    percent: float | None
    is_worse: bool

    @property
    def is_news(self) -> bool:
        """Whether it is worth a word in a line: one that is measured for the first time is not."""
        return bool(self.percent) or self.is_worse

    @property
    def told(self) -> str:
        """By how much, as people read it: in percent, or what else there is to say."""
        if self.accepted == self.now:
            return "same"
        if self.percent is not None:
            return f"{self.percent:+.2f} %"
        return "new" if self.accepted is None else "not measured any more" if self.now is None else "from 0"


def moved(changes: Iterable[Change]) -> str:
    """What is not as it was, on one line; empty where everything is."""
    return ", ".join(f"{one.figure} {one.told}" for one in changes if one.is_news)


@dataclass(frozen=True)
class Changes(Section):
    """Every figure that was accepted, or is measured now.

    Attributes:
        cell: which entry of the baseline it is: model, board, runtime and compiler.
        changes: empty where nothing was accepted for it yet.
    """

    key: ClassVar[str] = "baseline"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "What has changed since the figures that were accepted last; only where a baseline was given.",
        cell=text("The baseline's entry: model, board, runtime and compiler."),
        changes={
            "type": "array",
            "description": "Figure by figure; empty where none were accepted yet.",
            "items": record(
                "One figure.",
                figure=text("Its name."),
                accepted=number("What was accepted; null where it was not measured then."),
                now=number("What it is; null where it is not measured."),
                percent=number("Of what was accepted; null where that cannot be told."),
                is_worse={"type": "boolean", "description": "By more than is tolerated."},
            ),
        },
    )

    cell: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, object]:
        """One object each."""
        return {"cell": self.cell, "changes": [asdict(one) for one in self.changes]}
