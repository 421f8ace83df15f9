"""Operators whose inputs are all constant: computed here, once, by the oracle, so that they are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.graph.model import ABSENT, Graph


def fold(lowerable: Lowerable) -> Lowerable:
    """Makes the outputs of constant operators constants; the operators stay in their places.

    Raises:
        ModelError: the interpreter refuses the model.
    """
    graph = lowerable.graph
    found = _constant_outputs(graph)
    if not found:
        return lowerable
    from edgeq.interpreter import run_all_tensors, sample_shape

    zeros = [np.zeros((1, *sample_shape(t.shape)), t.dtype.numpy) for t in graph.input_tensors]
    computed = run_all_tensors(lowerable.model, zeros)
    tensors = list(graph.tensors)
    for index in found:
        tensor = tensors[index]
        values = computed[index].astype(tensor.dtype.numpy).reshape(tensor.shape)
        tensors[index] = replace(tensor, data=values)
    return replace(lowerable, graph=graph.replace(tensors=tuple(tensors)))


def _constant_outputs(graph: Graph) -> list[int]:
    known = {index for index, tensor in enumerate(graph.tensors) if tensor.is_constant}
    found: list[int] = []
    for op in graph.operators:
        if op.inputs and all(tensor == ABSENT or tensor in known for tensor in op.inputs):
            known.update(op.outputs)
            found += op.outputs
    return found
