"""What a page is made of: a report's JSON, what it is compared with, and what other verbs found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgeq.judge.baseline import BY_NAME, compare, figures_of
from edgeq.judge.report.changes import Change


@dataclass(frozen=True)
class Run:
    """One report, and what is known beside it.

    Attributes:
        report: its JSON, as ``report.json`` holds it.
        before: an earlier report's, to compare with; None for the baseline that the report itself names.
        layers: what ``edgeq debug --json`` printed of the model; None where nobody gave it.
        ladder: what ``edgeq compare --json`` printed of it; None likewise.
    """

    report: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    layers: Mapping[str, Any] | None = None
    ladder: Mapping[str, Any] | None = None

    @property
    def title(self) -> str:
        """``model on board``."""
        return f"{self.report['model']} on {self.report['board']}"

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every figure then and now; none where there is nothing to compare with."""
        if self.before is not None:
            return compare(figures_of(self.before), figures_of(self.report))
        told = (self.report.get("baseline") or {}).get("changes", ())
        return tuple(Change(**one) for one in told)

    @property
    def since(self) -> str:
        """What the changes are since."""
        if self.before is not None:
            return f"{self.before['model']} on {self.before['board']} ({self.before['runtime']})"
        return "the baseline"

    def figures(self) -> list[tuple[str, str]]:
        """What was measured, as people read it."""
        return [(name, BY_NAME[name].told(value)) for name, value in figures_of(self.report).items()]

    def to_dict(self) -> dict[str, Any]:
        """As ``edgeq report --json`` prints it."""
        return {
            "report": dict(self.report),
            "figures": dict(self.figures()),
            "changes": [vars(change) for change in self.changes],
        }


def told(figure: str, value: float | None) -> str:
    """A figure's value as people read it; a dash where it was not measured."""
    return "-" if value is None else BY_NAME[figure].told(value)
