"""What a device is judged on: the user's data, or random inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgeq.base.errors import DataError, UsageError
from edgeq.graph import Graph

if TYPE_CHECKING:
    from edgeq.data import Dataset, Samples
    from edgeq.judge.report import Thresholds

DEFAULT_SAMPLES = 20
"""How many random inputs judge the device where there is no data."""


@dataclass(frozen=True)
class EvaluationData:
    """What the device is judged on.

    Attributes:
        data: where the data is, or the data itself; None for seeded random inputs.
        normalize: (mean, std) of image pixels; None for what the model suggests.
        limit: how many samples of ``data`` at most.
        samples, seed: how many random inputs, and their seed.
    """

    data: Samples | None = None
    normalize: tuple[float, float] | None = None
    limit: int | None = None
    samples: int = DEFAULT_SAMPLES
    seed: int = 0


def given_data(plan: EvaluationData, graph: Graph) -> Dataset | None:
    """The data that the user gave, for the model as the user gave it; None where none was given.

    Raises:
        DataError: it does not suit the model.
    """
    from edgeq.data import load_samples

    if plan.data is None:
        return None
    return load_samples(plan.data, graph.input_tensors, normalize=plan.normalize, limit=plan.limit)


def data_for(plan: EvaluationData, given: Dataset | None, graph: Graph) -> Dataset:
    """The given data, or seeded random inputs for the int8 model."""
    from edgeq.data import random_data

    return given if given is not None else random_data(graph.input_tensors, plan.samples, plan.seed)


def refuse_impossible(thresholds: Thresholds, data: Dataset | None) -> None:
    """An accuracy can only be asked for where there are labels: say so before minutes of work.

    Raises:
        UsageError: there is no data.
        DataError: it has no labels.
    """
    asked = thresholds.min_accuracy is not None or thresholds.max_accuracy_drop is not None
    if not asked:
        return
    if data is None:
        raise UsageError("an accuracy is asked for, but there is no test data", "give --data with labels y")
    if data.y is None:
        raise DataError(
            f"an accuracy is asked for, but {data.source} has no labels",
            "add an array y with a class per sample",
        )
