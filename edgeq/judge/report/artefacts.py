"""Where what was made is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section


@dataclass(frozen=True)
class Artefacts(Section):
    """Paths by name, in the order in which they were made."""

    key: ClassVar[str] = "artefacts"
    schema: ClassVar[Schema] = {
        "type": "object",
        "description": "Paths of what was made, by name.",
        "additionalProperties": {"type": "string"},
    }

    paths: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, str]:
        """The paths."""
        return dict(self.paths)
