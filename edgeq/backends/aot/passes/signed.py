"""uint8 as int8: what rounds alike computes with bytes that are 128 less, by the kernels of int8."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import form
from edgeq.backends.aot.ops.flipping import UNSIGNED
from edgeq.graph.model import ABSENT, DType, Graph, Operator, QuantParams, Tensor


def signed(lowerable: Lowerable) -> Lowerable:
    """Gives every operator that can do so int8 twins of its uint8 tensors.

    Where a model's input or output, or an operator that cannot, wants the other, one is flipped from the
    other. Weights become symmetric where they fit int8 so.
    """
    graph = lowerable.graph
    moved = [index for index in range(len(graph.operators)) if _moves(graph, index)]
    if not moved:
        return lowerable
    tensors = list(graph.tensors)
    twins: dict[int, int] = {}
    changed = list(graph.operators)
    for index in moved:
        op, weights = graph.operators[index], _weights(graph, index)
        for tensor in (*op.inputs, *op.outputs):
            if tensor not in twins and _is_unsigned(graph, tensor):
                twins[tensor] = len(tensors)
                tensors.append(_twin(graph[tensor], is_weights=tensor in weights))
        changed[index] = replace(
            op,
            inputs=tuple(twins.get(t, t) for t in op.inputs),
            outputs=tuple(twins.get(t, t) for t in op.outputs),
            options={**op.options, UNSIGNED: True},
        )
    return replace(
        lowerable,
        graph=graph.replace(tensors=tuple(tensors), operators=tuple(changed)),
        flips={**lowerable.flips, **_flips(graph, tuple(changed), twins)},
    )


def _is_unsigned(graph: Graph, tensor: int) -> bool:
    return tensor != ABSENT and graph[tensor].dtype is DType.UINT8 and graph[tensor].quant is not None


def _moves(graph: Graph, index: int) -> bool:
    """Whether an operator is one of uint8, wholly, that computes alike of int8."""
    op = graph.operators[index]
    taken = form(graph, index)
    if not taken.unsigned or graph[op.outputs[0]].is_constant:
        return False
    own = [t for operand, t in taken.support.roles(op) if t != ABSENT and operand.role == "activation"]
    results = [t for t in op.outputs if graph[t].dtype in (DType.INT8, DType.UINT8)]
    return bool(own) and all(_is_unsigned(graph, tensor) for tensor in (*own, *results))


def _weights(graph: Graph, index: int) -> set[int]:
    roles = form(graph, index).support.roles(graph.operators[index])
    return {tensor for operand, tensor in roles if operand.role == "weights"}


def _twin(tensor: Tensor, *, is_weights: bool) -> Tensor:
    quant = tensor.quant
    if quant is None:
        raise LookupError(f"{tensor.label} has no quantization")
    less = 128
    if tensor.data is not None and is_weights:
        centred = tensor.data.astype(np.int64) - quant.zero_point
        if centred.min(initial=0) >= -128 and centred.max(initial=0) <= 127:
            less = quant.zero_point
    data = None if tensor.data is None else (tensor.data.astype(np.int64) - less).astype(np.int8)
    moved = QuantParams(quant.scales, quant.zero_points - less, quant.axis)
    return replace(tensor, dtype=DType.INT8, quant=moved, data=data)


def _flips(graph: Graph, changed: tuple[Operator, ...], twins: dict[int, int]) -> dict[int, int]:
    """By tensor, the twin that it is made of: the one that is there first."""
    made = {tensor for op in changed for tensor in op.outputs} | set(graph.inputs)
    read = {tensor for op in changed for tensor in op.inputs} | set(graph.outputs)
    flips: dict[int, int] = {}
    for tensor, twin in twins.items():
        if graph[tensor].is_constant:
            continue
        if twin in made:
            if tensor in read:
                flips[tensor] = twin
        elif tensor in made:
            flips[twin] = tensor
    return flips
