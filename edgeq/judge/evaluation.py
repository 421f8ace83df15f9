"""What a device is judged on: the user's data, or random inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from edgeq.base.errors import DataError, UsageError
from edgeq.graph import Graph
from edgeq.graph.names import called, has_several, positions
from edgeq.graph.variables import keeps_state
from edgeq.judge.accuracy import classes_of, meant_as_classes, refuse_labels, refuse_targets

if TYPE_CHECKING:
    from edgeq.data import Dataset, Samples, Task
    from edgeq.judge.report import Thresholds

DEFAULT_SAMPLES = 20
"""How many random inputs judge the device where there is no data."""
RANDOM_STEPS = 5
"""Random inputs of a sequence, for models that keep a state."""
_EACH_ANEW = (
    "The model keeps a state, and it is reset before each sample; --stateful takes the data as sequences."
)


@dataclass(frozen=True)
class EvaluationData:
    """What the device is judged on.

    Attributes:
        data: where the data is, or the data itself; None for seeded random inputs.
        normalize: (mean, std) of image pixels; None for what the model suggests.
        limit: how many samples of ``data`` at most.
        labels: the name of the array of labels in ``data``; None for ``y``.
        task: what labels are: class numbers, or the values of a regression; None for what their type and the
            output say.
        output: the name of the output that is judged by them; None for the first.
        samples, seed: how many random inputs, and their seed.
        stateful: whether ``data`` are sequences, over which a model keeps its state.
    """

    data: Samples | None = None
    normalize: tuple[float, float] | None = None
    limit: int | None = None
    labels: str | None = None
    task: Task | None = None
    output: str | None = None
    samples: int = DEFAULT_SAMPLES
    seed: int = 0
    stateful: bool = False


def given_data(plan: EvaluationData, graph: Graph) -> Dataset | None:
    """The data that the user gave, for the model as the user gave it; None where none was given.

    Raises:
        DataError: it does not suit the model.
        UsageError: the model has no such output.
    """
    from edgeq.data import Dataset, load_samples

    if plan.data is None:
        return None
    position = judged_output(plan.output, graph)
    data = load_samples(
        plan.data,
        graph.input_tensors,
        normalize=plan.normalize,
        limit=plan.limit,
        labels=plan.labels,
        task=plan.task,
        in_order=graph.is_in_source_order,
        stateful=plan.stateful,
    )
    if keeps_state(graph) and not plan.stateful and data.lengths is None:
        data = replace(data, notes=(*data.notes, _EACH_ANEW))
    data = data if plan.output is None else replace(data, output=position)
    if not 0 <= data.output < len(graph.outputs):
        raise DataError(
            f"{data.source} is for output {data.output}, and {graph.name} has {len(graph.outputs)} outputs",
            "give the output's position, from 0 on",
        )
    tensor = graph.output_tensors[data.output]
    outputs = int(np.prod(tensor.shape[1:], dtype=np.int64))
    if not any(size < 0 for size in tensor.shape_signature[1:]):
        if plan.task is None and not isinstance(plan.data, Dataset):
            data = _of_its_task(data, graph)
        if data.y is not None:
            refuse_labels(data.y, classes_of(graph, data.output))
        if data.targets is not None:
            refuse_targets(data.targets, outputs)
    return _telling_output(data, graph)


def _of_its_task(data: Dataset, graph: Graph) -> Dataset:
    """Whole floats as class numbers where the judged output shows that they are, and a note where they may
    be."""
    if data.targets is None:
        return data
    classes = meant_as_classes(data.targets, graph, data.output)
    if classes is not None:
        note = "The whole numbers in y are taken as classes; --task regression takes them as values."
        return replace(data, y=classes, targets=None, notes=(*data.notes, note))
    if data.targets.size == len(data.targets) and np.isin(data.targets, (0, 1)).all():
        note = "y is 0 and 1 only, and taken as values; --task classification takes them as classes."
        return replace(data, notes=(*data.notes, note))
    return data


def _telling_output(data: Dataset, graph: Graph) -> Dataset:
    """With a note on which of several outputs the labels are of."""
    names = called(graph.output_tensors, "output")
    if len(names) < 2 or not data.is_labelled:  # several
        return data
    note = (
        f"Labels are those of output '{names[data.output]}', {data.output + 1} of {len(names)} "
        f"({', '.join(names)}); --output names another."
    )
    return replace(data, notes=(*data.notes, note))


def judged_output(name: str | None, graph: Graph) -> int:
    """The position of the output of that name; the first for None.

    Raises:
        UsageError: no output has it.
    """
    if name is None:
        return 0
    known = positions(graph.output_tensors, "output")
    if name not in known:
        several = has_several(graph.output_tensors, name)
        raise UsageError(
            f"{graph.name} has {'several outputs' if several else 'no output'} named {name}",
            f"its outputs are {', '.join(called(graph.output_tensors, 'output'))}",
        )
    return known[name]


def data_for(plan: EvaluationData, given: Dataset | None, graph: Graph) -> Dataset:
    """The given data, or seeded random inputs for the int8 model."""
    from edgeq.data import random_data

    if given is not None:
        return given
    steps = RANDOM_STEPS if keeps_state(graph) else None
    return random_data(graph.input_tensors, plan.samples, plan.seed, steps=steps)


def refuse_impossible(thresholds: Thresholds, data: Dataset | None) -> None:
    """An accuracy or an error can only be asked for where there are labels: say so before minutes of work.

    Raises:
        UsageError: there is no data.
        DataError: it has no labels, or such for another task.
    """
    shares = thresholds.min_accuracy is not None or thresholds.max_accuracy_drop is not None
    errors = any(limit is not None for limit in (thresholds.max_mae, thresholds.max_rmse, thresholds.min_r2))
    if not (shares or errors):
        return
    what = "an accuracy" if shares else "an error (MAE, RMSE or R²)"
    if data is None:
        raise UsageError(f"{what} is asked for, but there is no test data", "give --data with labels y")
    if shares and data.y is None:
        raise DataError(
            f"{what} is asked for, but {data.source} has "
            + ("no labels" if data.targets is None else "values of a regression, no classes"),
            "add an array y with a class per sample; --task classification takes whole numbers as classes",
        )
    if errors and data.targets is None:
        raise DataError(
            f"an error (MAE, RMSE or R²) is asked for, but {data.source} has "
            + ("no labels" if data.y is None else "class numbers as labels"),
            "add an array y with the values that the output should have; --task regression takes integers",
        )
