"""What a device is judged on: the user's data, or random inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgeq.base.errors import DataError, UsageError
from edgeq.graph import Graph

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.checker import Checked
    from edgeq.data import Dataset
    from edgeq.judge.report import Thresholds
    from edgeq.targets import Place

DEFAULT_SAMPLES = 20
"""How many random inputs judge the device where there is no data."""


@dataclass(frozen=True)
class Trial:
    """What the device is judged on.

    Attributes:
        data: a data spec or the data itself; None for seeded random inputs.
        normalize: (mean, std) of image pixels; None for what the model suggests.
        limit: how many samples of ``data`` at most.
        samples, seed: how many random inputs, and their seed.
    """

    data: str | Dataset | None = None
    normalize: tuple[float, float] | None = None
    limit: int | None = None
    samples: int = DEFAULT_SAMPLES
    seed: int = 0


def given_data(plan: Trial, graph: Graph) -> Dataset | None:
    """The data that the user gave, for the model as the user gave it."""
    if plan.data is None:
        return None
    if isinstance(plan.data, str):
        from edgeq.data import load_data

        return load_data(plan.data, graph.input_tensors, normalize=plan.normalize, limit=plan.limit)
    data, limit = plan.data, plan.limit
    return replace(
        data, x=tuple(array[:limit] for array in data.x), y=None if data.y is None else data.y[:limit]
    )


def data_for(plan: Trial, given: Dataset | None, checked: Checked) -> Dataset:
    """The given data, or seeded random inputs for the int8 model."""
    from edgeq.data import random_data

    if given is not None:
        return given
    return random_data(checked.graph.input_tensors, plan.samples, plan.seed)


def refuse_impossible(thresholds: Thresholds, data: Dataset | None) -> None:
    """An accuracy can only be asked for where there are labels: say so before minutes of work."""
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


def refuse_place(thresholds: Thresholds, board: Board, place: Place | None) -> None:
    """Refuse a place where the board cannot be, and to ask a simulator for time: it counts instructions.

    Raises:
        UsageError: either.
    """
    from edgeq.targets import USUAL_PLACE, on_hardware, refuse_unable

    place = place or USUAL_PLACE
    refuse_unable(board, place)
    if thresholds.max_latency is None or on_hardware(board, place):
        return
    raise UsageError(
        f"--max-latency asks for milliseconds, and {board.id} has none: instructions are no milliseconds",
        "use --max-instructions, or judge on a board of hardware",
    )
