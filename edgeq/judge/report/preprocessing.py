"""What raw values of the inputs undergo before they are the model's real values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from edgeq.graph import Graph, Preprocessing
from edgeq.graph.names import called
from edgeq.graph.preprocessing import Steps, together
from edgeq.judge.report.section import Schema, Section, count, number, record, text


@dataclass(frozen=True)
class Preprocessed(Section):
    """By input, for those whose raw values are not taken as they are."""

    key: ClassVar[str] = "preprocessing"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = {
        "type": "array",
        "description": "What raw values undergo before they are an input's; only where something is done.",
        "items": record(
            "Of one input: real = (raw - mean) / std, in float32.",
            input=text("The input's name."),
            mean=number("Of the raw values."),
            std=number("Of the raw values."),
            image=record(
                "What images are made into first; null where the input is none.",
                null=True,
                width=count("In pixels."),
                height=count("In pixels."),
                colour={"enum": ["grey", "RGB", "RGBA"], "description": "Of a pixel's bytes, 0 to 255."},
                resize={"const": "bilinear", "description": "Pillow's filter; the ratio is not kept."},
            ),
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
