"""From a model's first output to the class it decides for, and how often that is right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.data import dequantize
from edgeq.graph import Graph

Array = npt.NDArray[np.generic]
Classes = npt.NDArray[np.int64]

_KEEPS_VALUES = frozenset({"QUANTIZE", "DEQUANTIZE", "RESHAPE"})
_HALF = 0.5


def decisions(output: Array, graph: Graph) -> Classes:
    """The class of each sample: the arg-max of the first output, the first of equals.

    A single value per sample is a binary answer: class 1 above one half where it comes from a LOGISTIC, above
    zero where it is a logit.

    Args:
        output: the first output, ``[n, ...]``, in the model's own type.
        graph: the model.

    Returns:
        int64 ``[n]``.
    """
    values = output.reshape(len(output), -1)
    if values.shape[1] > 1:
        best: Classes = np.argmax(values, axis=1).astype(np.int64)
        return best
    tensor = graph.output_tensors[0]
    real = dequantize(values[:, 0], tensor)
    return (real > (_HALF if _ends_in_logistic(graph) else 0.0)).astype(np.int64)


def accuracy(output: Array, labels: Classes | None, graph: Graph) -> float | None:
    """The share of samples whose decision is their label, 0 to 1; None without labels.

    Raises:
        DataError: a label that the model has no output for.
    """
    if labels is None:
        return None
    classes = max(2, int(np.prod(output.shape[1:], dtype=np.int64)))
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        worst = int(labels.min()) if labels.min() < 0 else int(labels.max())
        raise DataError(
            f"label {worst} in the data, and the model has outputs for classes 0 to {classes - 1}",
            "give y as class numbers from 0 on, in the order of the model's outputs",
        )
    return float(np.mean(decisions(output, graph) == labels))


def _ends_in_logistic(graph: Graph) -> bool:
    makers = {tensor: op for op in graph.operators for tensor in op.outputs}
    op = makers.get(graph.outputs[0])
    while op is not None and op.opcode in _KEEPS_VALUES:
        op = makers.get(op.inputs[0])
    return op is not None and op.opcode == "LOGISTIC"
