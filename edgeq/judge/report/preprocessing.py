"""What raw values of the inputs undergo before they are the model's real values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from edgeq.features.preprocessing import Preprocessing, Steps, together
from edgeq.graph import Graph
from edgeq.graph.names import called
from edgeq.judge.report.section import Schema, Section, number, record, text


@dataclass(frozen=True)
class Preprocessed(Section):
    """By input, for those whose raw values are not taken as they are."""

    key: ClassVar[str] = "preprocessing"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = {
        "type": "array",
        "description": "What raw values undergo before they are an input's; only where something is done.",
        "items": record(
            "Of one input: real = (value - mean) / std, in float32, of what the stages make of a raw sample.",
            input=text("The input's name."),
            mean=number("Of the raw values."),
            std=number("Of the raw values."),
            raw={
                "description": "What a raw sample is: its kind (image, sound, sensor), its sizes; null where "
                "only its numbers are known.",
                "type": ["object", "null"],
            },
            stages={
                "description": "What is done to it first, in order: each by its name and its parameters.",
                "type": "array",
                "items": {"type": "object", "required": ["stage"]},
            },
        ),
    }

    steps: tuple[tuple[str, Preprocessing], ...]

    @classmethod
    def of(cls, graph: Graph, data: Steps = ()) -> Preprocessed | None:
        """What is known of a model, and of data for it; None where nothing is done."""
        known = together(graph.preprocessing, data) if data else graph.preprocessing
        names = called(graph.input_tensors, "input")
        found = tuple((name, step) for name, step in zip(names, known, strict=True) if step is not None)
        return cls(found) if found else None

    def to_json(self) -> list[dict[str, Any]]:
        """One object each."""
        return [{"input": name, **step.to_json()} for name, step in self.steps]
