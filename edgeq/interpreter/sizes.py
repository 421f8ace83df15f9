"""Static shapes: the batch frozen to 1, and what is computed from shapes alone computed now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor, refuse_open_shape, write_model
from edgeq.interpreter.adaptor import Array
from edgeq.interpreter.session import run_all_tensors, sample_shape

_OF_SIZES = ("RANK", "SHAPE", "ZEROS_LIKE")
"""Operators that look at their input's size alone."""
_WHOLE = (DType.INT32, DType.INT64)


def static(model: bytes, graph: Graph, notes: list[str]) -> Graph:
    """The graph with every shape known; what was done is added to ``notes``.

    Raises:
        ModelError: a dynamic dimension other than the batch.
    """
    for index in graph.inputs:
        refuse_open_shape(graph[index])
    if any(graph[index].is_dynamic for index in graph.inputs):
        notes.append("The dynamic batch is frozen to 1.")
    shaped = {i for i in _shape_only(graph) if i not in graph.outputs or graph[i].dtype in _WHOLE}
    tensors = [replace(tensor, shape_signature=tensor.shape) for tensor in graph.tensors]
    operators = graph.operators
    if shaped or _has_loose_shapes(graph):
        samples = [_nothing(tensor) for tensor in graph.input_tensors]
        values = run_all_tensors(model, samples)
        for op in graph.operators:
            for index in op.outputs:
                if index in values and tensors[index].data is None:
                    value = values[index][0]
                    constant = value if index in shaped else None
                    tensors[index] = replace(
                        tensors[index], shape=value.shape, shape_signature=value.shape, data=constant
                    )
        operators = tuple(op for op in operators if not all(i in shaped for i in op.outputs))
        given = {index: _given(tensors, index) for index in graph.outputs if index in shaped}
        operators += tuple(given.values())
        outputs = tuple(given[i].outputs[0] if i in given else i for i in graph.outputs)
        graph = graph.replace(outputs=outputs)
        if shaped:
            notes.append("Operators that only compute shapes were replaced by their results.")
    return graph.replace(tensors=tuple(tensors), operators=operators)


def _given(tensors: list[Tensor], index: int) -> Operator:
    """What gives a constant as an output of the model: a copy of its name."""
    constant = tensors[index]
    sizes = np.array(constant.shape, np.int32)
    tensors[index] = replace(constant, name=f"{constant.name}/value", alias="")
    tensors.append(Tensor(f"{constant.name}/shape", sizes.shape, DType.INT32, data=sizes))
    tensors.append(replace(constant, data=None))
    return Operator("RESHAPE", (index, len(tensors) - 2), (len(tensors) - 1,))


def _nothing(tensor: Tensor) -> Array:
    """One sample of zeros for an input.

    Raises:
        ModelError: it takes what numpy has no form of.
    """
    try:
        dtype = tensor.dtype.numpy
    except KeyError as error:
        raise ModelError(
            f"input {tensor.name!r} takes {tensor.dtype.value}, for which there are no samples",
            "cut off what turns it into numbers, and do that before the model",
        ) from error
    return np.zeros((1, *sample_shape(tensor.shape)), dtype)


def resolved(graph: Graph) -> Graph | None:
    """A graph's form with what hangs on sizes alone computed; None where there is no such thing.

    Nor where the interpreter, which computes it, refuses the model, more than its batch is open, or the model
    gives what constants alone decide: runtimes compute that.
    """
    shaped = _shape_only(graph)
    if not (shaped or _has_loose_shapes(graph)):
        return None
    if shaped.intersection(graph.outputs) and not any(op.opcode in _OF_SIZES for op in graph.operators):
        return None
    try:
        return static(write_model(graph), graph, [])
    except ModelError:
        return None


def _has_loose_shapes(graph: Graph) -> bool:
    """Whether the file does not say of a computed tensor what its sizes are for one sample."""
    return any(_is_loose(graph, op, graph[i]) for op in graph.operators for i in op.outputs)


def _is_loose(graph: Graph, op: Operator, made: Tensor) -> bool:
    """More than its first size is open, or that, which converters write as 1, is no batch of the model."""
    if any(size < 0 for size in made.shape_signature[1:]):
        return True
    mixes = op.opcode == "RESHAPE" and made.elements != graph[op.inputs[0]].elements
    return made.is_dynamic and (mixes or op.opcode == "SPACE_TO_BATCH_ND")


def _shape_only(graph: Graph) -> frozenset[int]:
    """Integer tensors that are computed from shapes and constants alone."""
    found: set[int] = set()
    for op in graph.operators:
        known = all(i == ABSENT or graph[i].is_constant or i in found for i in op.inputs)
        integer = all(graph[i].dtype in _WHOLE for i in op.outputs)
        if op.opcode in _OF_SIZES or (integer and known and op.inputs):
            found.update(op.outputs)
    return frozenset(found)
