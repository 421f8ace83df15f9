"""The float model that an int8 one was made from: what it answers, and whether it is one at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.checker import Finding
from edgeq.data import Dataset, dequantize
from edgeq.graph import ABSENT, Graph, Tensor
from edgeq.interpreter import run
from edgeq.judge.accuracy import accuracy
from edgeq.judge.report.findings import finding

_BYTE = 255


@dataclass(frozen=True, eq=False)
class FloatAnswers:
    """What a float model gave for labelled samples.

    Attributes:
        accuracy: the share of right decisions, 0 to 1; None where labels are no classes.
        real: the judged output, float32 ``[n, ...]``.
        divided: of the same samples divided by 255, where they span bytes' values; else None.
    """

    accuracy: float | None
    real: npt.NDArray[np.float32]
    divided: float | None = None


def float_answers(model: bytes, graph: Graph, data: Dataset) -> FloatAnswers | None:
    """Run a float model on labelled, real-valued samples.

    Args:
        model, graph: a model that takes float32.
        data: its samples.

    Returns:
        None without labels, where the samples are no real values, or where it computes in integers.

    Raises:
        ModelError, DataError: as ``judge``.
    """
    if not data.is_labelled or any(x.dtype != np.float32 for x in data.x) or computes_in_integers(graph):
        return None
    output = data.apart(run(model, data.x, begins=data.begins, resolver="default"))[data.output]
    share = accuracy(output, data.y, graph, data.output)
    divided = None if share is None or not _as_bytes(data) else _divided(model, graph, data)
    return FloatAnswers(share, dequantize(output, graph.output_tensors[data.output]), divided)


def _as_bytes(data: Dataset) -> bool:
    """Whether all inputs have the range of pixels, which most models take divided."""
    return all(x.size and x.min() >= 0 and _BYTE / 2 < x.max() <= _BYTE for x in data.x)


def _divided(model: bytes, graph: Graph, data: Dataset) -> float | None:
    inputs = [x / np.float32(_BYTE) for x in data.x]
    output = data.apart(run(model, inputs, begins=data.begins, resolver="default"))[data.output]
    return accuracy(output, data.y, graph, data.output)


def computes_in_integers(graph: Graph) -> bool:
    """Whether an operator computes in quantized integers, whatever the model takes and gives.

    Fake quantization does not count: there QUANTIZE and DEQUANTIZE stand side by side, and the rest is float.
    """
    return any(
        op.opcode not in ("QUANTIZE", "DEQUANTIZE")
        and any(_is_integer(graph[i]) for i in op.outputs)
        and any(_is_integer(graph[i]) and not graph[i].is_constant for i in op.inputs if i != ABSENT)
        for op in graph.operators
    )


def _is_integer(tensor: Tensor) -> bool:
    return tensor.quant is not None and not tensor.dtype.is_float


def no_float_model(graph: Graph) -> tuple[Finding, ...]:
    """A word where a model with real inputs or outputs computes in integers: it cannot be its own measure."""
    is_real = any(tensor.dtype.is_float for tensor in (*graph.input_tensors, *graph.output_tensors))
    if not (is_real and computes_in_integers(graph)):
        return ()
    message = (
        f"{graph.name} computes in integers behind its real inputs and outputs: there is no float model to "
        "compare with, so the accuracy of one is not told"
    )
    return (finding("no-float-model", "info", message, "give the float model that it was made from"),)
