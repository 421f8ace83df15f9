"""Operators whose inputs are all constant: computed here, once, by the oracle, so that they are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.graph.model import ABSENT, Graph


def fold(model: bytes, graph: Graph) -> Graph:
    """The graph with the outputs of constant operators as constants; the operators stay in their places.

    Args:
        model: the file that the graph was read from.

    Raises:
        ModelError: the interpreter refuses the model.
    """
    found = _constant_outputs(graph)
    if not found:
        return graph
    from edgeq.interpreter import run_all_tensors

    zeros = [np.zeros((1, *t.shape[1:]), t.dtype.numpy) for t in graph.input_tensors]
    computed = run_all_tensors(model, zeros)
    tensors = list(graph.tensors)
    for index in found:
        tensor = tensors[index]
        values = computed[index].astype(tensor.dtype.numpy).reshape(tensor.shape)
        tensors[index] = replace(tensor, data=values)
    return graph.replace(tensors=tuple(tensors))


def _constant_outputs(graph: Graph) -> list[int]:
    known = {index for index, tensor in enumerate(graph.tensors) if tensor.is_constant}
    found: list[int] = []
    for op in graph.operators:
        if op.inputs and all(tensor == ABSENT or tensor in known for tensor in op.inputs):
            known.update(op.outputs)
            found += op.outputs
    return found
