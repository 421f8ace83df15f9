"""What each layer costs, and who is in the arena when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from edgeq.judge.report.section import Schema, Section, count, number, record, text


@dataclass(frozen=True)
class Layers(Section):
    """One inference in parts, as ``edgeq profile`` tells it.

    Attributes:
        layers: in the order in which they run, with the schema's keys and maybe more (a profile's ``Layer``).
        arena: bytes.
        buffers: of the arena (a profile's ``Buffer``).
    """

    key: ClassVar[str] = "layers"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "What each layer costs, and who is in the arena when; only where a simulator tells what it executed.",
        layers={
            "type": "array",
            "description": "In the order in which they run.",
            "items": record(
                "One call of a kernel.",
                title=text("Operator and shapes."),
                layer=text("The name of the tensor that it writes."),
                kernel=text("The C function."),
                macs=count("Multiply-accumulates."),
                instructions=count("Executed by it.", null=True),
                cycles_estimated=count("Null where the core has no timings.", null=True),
                share=number("Of the inference.", minimum=0, maximum=1),
            ),
        },
        arena=count("Its bytes."),
        buffers={
            "type": "array",
            "description": "Bytes of the arena that are in use from layer first to layer last.",
            "items": record(
                "One tensor, or scratch.",
                offset=count("In the arena."),
                size=count("Bytes."),
                first={"type": "integer", "description": "-1 for an input."},
                last=count("The number of layers for an output."),
                tensor=count("Whose they are; null for scratch.", null=True),
            ),
        },
    )

    layers: tuple[Mapping[str, Any], ...]
    arena: int
    buffers: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, object]:
        """What a reader of the report asks for, of each."""
        kept = self.schema["properties"]["layers"]["items"]["properties"]
        return {
            "layers": [{name: layer[name] for name in kept} for layer in self.layers],
            "arena": self.arena,
            "buffers": [dict(buffer) for buffer in self.buffers],
        }
