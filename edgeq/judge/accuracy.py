"""From a model's output to the class it decides for, and how often that is right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.data import dequantize
from edgeq.graph import Graph
from edgeq.judge.bounds import UNKNOWN, bounds_of

Array = npt.NDArray[np.generic]
Classes = npt.NDArray[np.int64]


def decisions(output: Array, graph: Graph, position: int = 0) -> Classes:
    """The class of each sample: the arg-max of an output, the first of equals.

    A single value per sample is a binary answer: class 1 above :func:`threshold`; but a whole number that is
    not quantized names the class itself.

    Args:
        output: the output, ``[n, ...]``, in the model's own type.
        graph: the model.
        position: which of its outputs it is.

    Returns:
        int64 ``[n]``.
    """
    values = output.reshape(len(output), -1)
    if values.shape[1] > 1:
        best: Classes = np.argmax(values, axis=1).astype(np.int64)
        return best
    if names_classes(graph, position):
        return values[:, 0].astype(np.int64)
    real = dequantize(values[:, 0], graph.output_tensors[position])
    return (real > threshold(graph, position)).astype(np.int64)


def names_classes(graph: Graph, position: int = 0) -> bool:
    """Whether an output is one whole number a sample, which names the class."""
    tensor = graph.output_tensors[position]
    is_whole = tensor.quant is None and not tensor.dtype.is_float
    return is_whole and int(np.prod(tensor.shape[1:], dtype=np.int64)) == 1


def classes_of(graph: Graph, position: int = 0) -> int | None:
    """How many classes an output tells apart, at least 2; None where it names them itself."""
    if names_classes(graph, position):
        return None
    return max(2, int(np.prod(graph.output_tensors[position].shape[1:], dtype=np.int64)))


def threshold(graph: Graph, position: int = 0) -> float:
    """The real value that parts the classes 0 and 1 where an output is a single value.

    It is the middle of what the output can be (``edgeq.judge.bounds``): one half for a sigmoid, whatever
    moves, averages or chooses its values after it; zero for a logit, which has no bounds.
    """
    low, high = bounds_of(graph).get(graph.outputs[position], UNKNOWN)
    return (low + high) / 2 if abs(low) < float("inf") and abs(high) < float("inf") else 0.0


def accuracy(output: Array, labels: Classes | None, graph: Graph, position: int = 0) -> float | None:
    """The share of samples whose decision is their label, 0 to 1; None without labels.

    Raises:
        DataError: a label that the model has no output for.
    """
    if labels is None:
        return None
    refuse_labels(labels, classes_of(graph, position))
    return float(np.mean(decisions(output, graph, position) == labels))


def meant_as_classes(values: npt.NDArray[np.float32], graph: Graph, position: int = 0) -> Classes | None:
    """Labels that came as floats as class numbers, int64 ``[n]``; None where they are a regression's values.

    One whole number a sample is a class where the output has a value for each, or is one between 0 and 1.

    Args:
        values: float32 ``[n, ...]``.
        graph: the model.
        position: which of its outputs they are of.
    """
    classes = classes_of(graph, position)
    if classes is None or values.size != len(values) or not np.isin(values, np.arange(classes)).all():
        return None
    has_one = int(np.prod(graph.output_tensors[position].shape[1:], dtype=np.int64)) == 1
    if has_one and bounds_of(graph).get(graph.outputs[position], UNKNOWN) != (0, 1):
        return None
    return values.reshape(-1).astype(np.int64)


def refuse_targets(targets: npt.NDArray[np.float32], outputs: int) -> None:
    """Refuse the values of a regression where an output has another number of values a sample.

    Raises:
        DataError: it has.
    """
    there = int(np.prod(targets.shape[1:], dtype=np.int64))
    if there != outputs:
        raise DataError(
            f"y has {there} values a sample, and the judged output of the model has {outputs}",
            "give y the output's shape; --output names another output, and --task classification takes whole "
            "numbers as classes",
        )


def refuse_labels(labels: Classes, classes: int | None) -> None:
    """Refuse labels that an output with so many classes has none for; with None any may come.

    Raises:
        DataError: naming the worst.
    """
    if classes is None:
        return
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        worst = int(labels.min()) if labels.min() < 0 else int(labels.max())
        raise DataError(
            f"label {worst} in the data, and the model has outputs for classes 0 to {classes - 1}",
            "give y as class numbers from 0 on, in the order of the model's outputs",
        )
