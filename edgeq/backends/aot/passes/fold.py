"""Operators whose inputs are all constant: computed here, once, by the oracle, so that they are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.graph import ABSENT, Graph, Operator, write_model


def fold(lowerable: Lowerable) -> Lowerable:
    """Makes the outputs of constant operators constants; the operators stay in their places.

    Raises:
        ModelError: no interpreter here computes one of them.
    """
    graph = lowerable.graph
    operators = _of_constants(graph)
    if not operators:
        return lowerable
    from edgeq.interpreter import judged, sample_shape

    found = tuple(index for op in operators for index in op.outputs)
    part = graph.replace(operators=operators, outputs=found, inputs=graph.inputs[:1], initials={})
    zeros = [np.zeros((1, *sample_shape(t.shape)), t.dtype.numpy) for t in part.input_tensors]
    tensors = list(graph.tensors)
    for index, values in zip(found, judged("aot", write_model(part), zeros).outputs, strict=True):
        tensor = tensors[index]
        tensors[index] = replace(tensor, data=values.astype(tensor.dtype.numpy).reshape(tensor.shape))
    return replace(lowerable, graph=graph.replace(tensors=tuple(tensors)))


def _of_constants(graph: Graph) -> tuple[Operator, ...]:
    known = {index for index, tensor in enumerate(graph.tensors) if tensor.is_constant}
    found: list[Operator] = []
    for op in graph.operators:
        if op.inputs and all(tensor == ABSENT or tensor in known for tensor in op.inputs):
            known.update(op.outputs)
            found.append(op)
    return tuple(found)
