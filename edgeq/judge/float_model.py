"""The float model that an int8 one was made from: how often it is right, and whether it is one at all."""

from __future__ import annotations

import numpy as np

from edgeq.checker import Finding
from edgeq.data import Dataset
from edgeq.graph import ABSENT, Graph, Tensor
from edgeq.interpreter import run
from edgeq.judge.accuracy import accuracy
from edgeq.judge.report.findings import finding


def float_accuracy(model: bytes, graph: Graph, data: Dataset) -> float | None:
    """The accuracy of a float model on real-valued samples.

    Args:
        model, graph: a model that takes float32.
        data: its samples.

    Returns:
        0 to 1; None without labels, where the samples are no real values, or where it computes in integers.

    Raises:
        ModelError, DataError: as ``judge``.
    """
    if data.y is None or any(x.dtype != np.float32 for x in data.x) or computes_in_integers(graph):
        return None
    return accuracy(run(model, data.x, resolver="default")[0], data.y, graph)


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
