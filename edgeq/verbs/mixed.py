"""What a model of int8 and int16 has to reach: an accuracy near the float model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.graph import Graph, write_model

if TYPE_CHECKING:
    from edgeq.converter.raising import Goal
    from edgeq.data import Dataset


def accuracy_goal(model: bytes, graph: Graph, data: Dataset, most: float) -> Goal:
    """Whether an integer graph is at most a share below the float model, on labelled samples.

    Args:
        model, graph: the float model.
        data: real samples.
        most: the largest drop, 0 to 1.

    Raises:
        UsageError: the samples have no labels to measure an accuracy by.
    """
    from edgeq.data import quantize_input
    from edgeq.interpreter import run
    from edgeq.judge import float_answers
    from edgeq.judge.accuracy import accuracy

    real = float_answers(model, graph, data)
    if real is None or real.accuracy is None:
        raise UsageError(
            "the drop of accuracy that a mixed model may have is given, and no labels to measure it by",
            "give labelled samples, or leave --max-accuracy-drop out",
        )
    least = real.accuracy - most

    def reached(made: Graph) -> bool:
        inputs = [quantize_input(x, t) for x, t in zip(data.x, made.input_tensors, strict=True)]
        found = accuracy(run(write_model(made), inputs)[data.output], data.y, made, data.output)
        return found is not None and found >= least

    return reached
