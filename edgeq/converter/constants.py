"""Constants of a float graph: real, whatever the file keeps them as, and moved where operators move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter.params import Array, dequantize
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.graph.ends import hybrid_weights
from edgeq.interpreter import run_all_tensors

_MOVES = ("TRANSPOSE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS")


def float_constants(graph: Graph, notes: list[str]) -> Graph:
    """Weights that a float model keeps as integers or as float16, made float32.

    Raises:
        ModelError: one without values, or an integer one without a scale.
    """
    tensors = list(graph.tensors)
    renamed: dict[int, int] = {}
    operators: list[Operator] = []
    halves: list[str] = []
    hybrids: list[str] = []
    for op in graph.operators:
        source = op.inputs[0] if op.inputs else ABSENT
        if op.opcode == "DEQUANTIZE" and source != ABSENT and tensors[source].is_constant:
            tensors[op.outputs[0]] = _as_float(tensors[source], tensors[op.outputs[0]].name)
            (halves if graph[source].dtype is DType.FLOAT16 else hybrids).append(graph[source].name)
            continue
        inputs = []
        stored = hybrid_weights(graph, op)
        for index in op.inputs:
            if index in stored:
                if index not in renamed:
                    hybrids.append(graph[index].name)
                    tensors.append(_as_float(tensors[index], tensors[index].name))
                    renamed[index] = len(tensors) - 1
                inputs.append(renamed[index])
            else:
                inputs.append(index)
        operators.append(replace(op, inputs=tuple(inputs)))
    if hybrids:
        notes.append(
            f"Weights were integers already (dynamic range): {_some(hybrids)}. "
            "The model is not truly float: they were dequantized first, and what was lost then stays lost."
        )
    if halves:
        notes.append(f"Weights were float16: {_some(halves)}; they were made float32.")
    return graph.replace(tensors=tuple(tensors), operators=tuple(operators))


def moved(graph: Graph) -> Graph:
    """The graph without operators that only move a float constant's values: they are moved now.

    A constant that training gave parameters keeps them, along the axis where its channels come to lie.
    """
    tensors = list(graph.tensors)
    kept = []
    for op in graph.operators:
        tensor = tensors[op.inputs[0]] if op.inputs and op.inputs[0] != ABSENT else None
        fixed = all(i == ABSENT or tensors[i].is_constant for i in op.inputs)
        if op.opcode not in _MOVES or tensor is None or not fixed or not tensor.dtype.is_float:
            kept.append(op)
            continue
        result = tensors[op.outputs[0]]
        tensors[op.outputs[0]] = replace(
            result, data=_move(tensors, op, np.asarray(tensor.data)), quant=_moved_params(tensors, op, tensor)
        )
    return graph.replace(tensors=tuple(tensors), operators=tuple(kept))


def precomputed(graph: Graph) -> Graph:
    """The graph without operators that compute reals from constants alone, as an unrolled loop does of its
    first state: LiteRT computes them now. Products with zeros are zeros, and sums with them what is added.

    Raises:
        ModelError: LiteRT refuses them.
    """
    while True:
        found = _without_zeros(_computed(graph))
        if len(found.operators) == len(graph.operators):
            return found
        graph = found


def _computed(graph: Graph) -> Graph:
    found: set[int] = set()
    fixed: list[Operator] = []
    for op in graph.operators:
        known = all(i == ABSENT or graph[i].is_constant or i in found for i in op.inputs)
        real = all(graph[i].dtype is DType.FLOAT32 and not graph[i].is_variable for i in op.outputs)
        given = not op.outputs or any(index in graph.outputs for index in op.outputs)
        if op.inputs and known and real and not given and not op.opcode.startswith("RANDOM"):
            found.update(op.outputs)
            fixed.append(op)
    if not found:
        return graph
    nothing = Tensor("nothing", (1,), DType.FLOAT32)
    alone = graph.replace(
        tensors=(*graph.tensors, nothing),
        operators=tuple(fixed),
        inputs=(len(graph.tensors),),
        outputs=tuple(sorted(found)),
    )
    values = run_all_tensors(write_model(alone), [np.zeros(1, np.float32)])
    tensors = list(graph.tensors)
    for index in found:
        tensors[index] = replace(tensors[index], data=values[index][0])
    kept = tuple(op for op in graph.operators if not op.outputs or not found.issuperset(op.outputs))
    return graph.replace(tensors=tuple(tensors), operators=kept)


def _without_zeros(graph: Graph) -> Graph:
    tensors = list(graph.tensors)
    same: dict[int, int] = {}
    kept: list[Operator] = []
    for op in graph.operators:
        inputs = tuple(same.get(i, i) for i in op.inputs)
        zeros = [i for i in inputs if i != ABSENT and _is_zero(tensors[i])]
        plain = op.options.get("fused_activation_function", "NONE") == "NONE" and not _is_trained(tensors, op)
        if not zeros or op.opcode not in ("ADD", "MUL") or not plain or op.outputs[0] in graph.outputs:
            kept.append(replace(op, inputs=inputs))
            continue
        result = op.outputs[0]
        other = inputs[1] if inputs[0] == zeros[0] else inputs[0]
        if op.opcode == "MUL":
            tensors[result] = replace(tensors[result], data=np.zeros(tensors[result].shape, np.float32))
        elif tensors[other].shape == tensors[result].shape:
            same[result] = other
        else:
            kept.append(replace(op, inputs=inputs))
    return graph.replace(tensors=tuple(tensors), operators=tuple(kept))


def _is_trained(tensors: Sequence[Tensor], op: Operator) -> bool:
    """Whether training gave its output parameters."""
    return any(tensors[index].quant is not None for index in op.outputs)


def _is_zero(tensor: Tensor) -> bool:
    return tensor.data is not None and tensor.dtype is DType.FLOAT32 and not np.any(tensor.data)


def _move(tensors: Sequence[Tensor], op: Operator, values: Array) -> Array:
    if op.opcode == "TRANSPOSE":
        values = np.transpose(values, np.asarray(tensors[op.inputs[1]].data).reshape(-1).tolist())
    return np.ascontiguousarray(values).reshape(tensors[op.outputs[0]].shape)


def _moved_params(tensors: Sequence[Tensor], op: Operator, tensor: Tensor) -> QuantParams | None:
    quant = tensor.quant
    if quant is None or not quant.is_per_channel:
        return quant
    own = [-1 if axis == quant.axis else 1 for axis in range(len(tensor.shape))]
    channels = np.broadcast_to(np.arange(len(quant.scales)).reshape(own), tensor.shape)
    after = _move(tensors, op, channels)
    for axis, size in enumerate(after.shape):
        along = np.arange(size).reshape([-1 if i == axis else 1 for i in range(after.ndim)])
        if size == len(quant.scales) and (after == along).all():
            return replace(quant, axis=axis)
    return None


def _as_float(tensor: Tensor, name: str) -> Tensor:
    if tensor.data is None:
        raise ModelError(f"tensor '{name}' has no values")
    if tensor.dtype.is_float:
        return replace(
            tensor, name=name, dtype=DType.FLOAT32, quant=None, data=tensor.data.astype(np.float32)
        )
    if tensor.quant is None:
        raise ModelError(
            f"constant '{name}' is {tensor.dtype.value} without a scale", "export the model anew"
        )
    return replace(
        tensor, name=name, dtype=DType.FLOAT32, quant=None, data=dequantize(tensor.data, tensor.quant)
    )


def _some(names: list[str]) -> str:
    count = "1 tensor" if len(names) == 1 else f"{len(names)} tensors"
    return f"{count} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
