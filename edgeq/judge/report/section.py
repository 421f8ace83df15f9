"""What a section of the report is: a value that knows its key, its JSON and the schema of that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

Schema = dict[str, Any]
"""A JSON Schema, 2020-12."""


@dataclass(frozen=True)
class Section:
    """One part of a report; a subclass is listed in ``edgeq.judge.report.report.SECTIONS``.

    Attributes:
        key: of the report's JSON object.
        schema: of what ``to_json`` gives.
        is_optional: whether the key is left out where the section is missing; else each of its keys is null.
    """

    key: ClassVar[str]
    schema: ClassVar[Schema]
    is_optional: ClassVar[bool] = False

    def to_json(self) -> object:
        """JSON values, in the schema's order."""
        return asdict(self)


def record(description: str, *, null: bool = False, **properties: Schema) -> Schema:
    """An object that has these keys and no others."""
    return {
        "description": description,
        "type": _type("object", null=null),
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def count(description: str, *, null: bool = False) -> Schema:
    """An integer of 0 or more."""
    return {"type": _type("integer", null=null), "minimum": 0, "description": description}


def number(description: str, **limits: int) -> Schema:
    """A real number, or null."""
    return {"type": _type("number", null=True), **limits, "description": description}


def text(description: str, *, null: bool = False) -> Schema:
    """A string."""
    return {"type": _type("string", null=null), "description": description}


def _type(name: str, *, null: bool) -> str | list[str]:
    return [name, "null"] if null else name
