"""The report: what ``deploy`` and ``run`` found, in the shape that docs/report.md documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from edgeq.checker import Finding
from edgeq.judge.report.accuracy import Accuracy
from edgeq.judge.report.artefacts import Artefacts
from edgeq.judge.report.changes import Changes
from edgeq.judge.report.confusion import Confusion
from edgeq.judge.report.coral import Coral
from edgeq.judge.report.exactness import Exactness
from edgeq.judge.report.findings import Findings
from edgeq.judge.report.latency import Latency
from edgeq.judge.report.layers import Layers
from edgeq.judge.report.line import Line
from edgeq.judge.report.memory import Flash, Ram
from edgeq.judge.report.origin import Origin
from edgeq.judge.report.preprocessing import Preprocessed
from edgeq.judge.report.regression import Regression
from edgeq.judge.report.scatter import Scatter
from edgeq.judge.report.section import Schema, Section

SCHEMA_VERSION = 1

SECTIONS: tuple[type[Section], ...] = (
    Accuracy,
    Regression,
    Confusion,
    Scatter,
    Exactness,
    Latency,
    Flash,
    Ram,
    Layers,
    Preprocessed,
    Line,
    Findings,
    Artefacts,
    Coral,
    Origin,
    Changes,
)
"""Every section, in the order of the report's keys."""

S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class Report:
    """One model on one board, judged.

    Attributes:
        model, board, runtime: the model's name, the board's id, "aot".
        sections: what is known, at most one of each kind; Accuracy and Exactness always.
    """

    model: str
    board: str
    runtime: str
    sections: tuple[Section, ...]

    def get(self, kind: type[S]) -> S | None:
        """The section of that kind; None where there is none."""
        return next((one for one in self.sections if isinstance(one, kind)), None)

    def __getitem__(self, kind: type[S]) -> S:
        """The section of that kind.

        Raises:
            KeyError: there is none.
        """
        section = self.get(kind)
        if section is None:
            raise KeyError(kind.key)
        return section

    def having(self, section: Section) -> Report:
        """A copy with this section in the place of the one of its kind."""
        others = (one for one in self.sections if type(one) is not type(section))
        return replace(self, sections=(*others, section))

    def with_artefacts(self, **paths: Path) -> Report:
        """A copy that names more artefacts."""
        return self.having(Artefacts({**self.artefacts, **{name: str(path) for name, path in paths.items()}}))

    def made_by(self, command: str) -> Report:
        """A copy that tells the command line that made it; none where nothing is known of its origin."""
        origin = self.get(Origin)
        return self if origin is None or not command else self.having(replace(origin, command=command))

    @property
    def verdict(self) -> Literal["pass", "fail"]:
        """``"fail"`` where a finding is an error."""
        return (self.get(Findings) or Findings()).verdict

    @property
    def accuracy(self) -> Accuracy:
        """How often the model is right."""
        return self[Accuracy]

    @property
    def regression(self) -> Regression | None:
        """The errors of a regression; None where labels are classes, or there are none."""
        return self.get(Regression)

    @property
    def exactness(self) -> Exactness:
        """The device against the oracle."""
        return self[Exactness]

    @property
    def latency(self) -> Latency:
        """What one inference costs; nothing is known of it for an Edge TPU, whose times are in ``coral``."""
        return self.get(Latency) or Latency(None, None)

    @property
    def flash(self) -> Flash | None:
        """None where no firmware was made."""
        return self.get(Flash)

    @property
    def ram(self) -> Ram | None:
        """None where no firmware was made."""
        return self.get(Ram)

    @property
    def preprocessing(self) -> Preprocessed | None:
        """What raw values undergo before they are the inputs'; None where they are taken as they are."""
        return self.get(Preprocessed)

    @property
    def link(self) -> Line | None:
        """What the line showed of itself; None where no firmware was asked."""
        return self.get(Line)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the check, of the stages, and of limits that were not met."""
        return (self.get(Findings) or Findings()).found

    @property
    def artefacts(self) -> dict[str, str]:
        """Name to path."""
        return (self.get(Artefacts) or Artefacts()).to_json()

    @property
    def coral(self) -> Coral | None:
        """What an Edge TPU was found to do; None on every other board."""
        return self.get(Coral)

    @property
    def origin(self) -> Origin | None:
        """What was judged, made by what and where; None where nobody told."""
        return self.get(Origin)

    @property
    def changes(self) -> Changes | None:
        """What has changed since the baseline; None where there is none."""
        return self.get(Changes)

    def to_json(self) -> dict[str, object]:
        """JSON values with the keys of schema version 1, in their documented order."""
        told: dict[str, object] = {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.verdict,
            "model": self.model,
            "board": self.board,
            "runtime": self.runtime,
        }
        for kind in SECTIONS:
            section = self.get(kind)
            if section is not None:
                told[kind.key] = section.to_json()
            elif not kind.is_optional:
                told[kind.key] = dict.fromkeys(kind.schema.get("properties", ()))
        return told


def report_schema() -> Schema:
    """The JSON Schema (2020-12) that every report of this version follows; ``schema.json`` holds the same."""
    head: Schema = {
        "schema_version": {
            "const": SCHEMA_VERSION,
            "description": "Changes when a key changes its meaning, type or name, or goes.",
        },
        "verdict": {"enum": ["pass", "fail"], "description": "fail where a finding is an error."},
        "model": {"type": "string", "description": "The model's name."},
        "board": {"type": "string", "description": "The board's id."},
        "runtime": {"type": "string", "description": "What runs the model: aot, or edgetpu."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "edgeq report",
        "description": "One model on one board, judged.",
        "type": "object",
        "properties": {**head, **{kind.key: kind.schema for kind in SECTIONS}},
        "required": [*head, *(kind.key for kind in SECTIONS if not kind.is_optional)],
        "additionalProperties": False,
    }
