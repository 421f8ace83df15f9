"""Constants kept in fewer bits, and made float32 by a DEQUANTIZE before the operators that read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor
from edgeq.graph.rewrite import compact

Store = Callable[[Operator, int, Tensor], "tuple[Tensor, int] | None"]
"""For an operator, the position of one of its float32 constants, and that: the constant as it is stored and
the version of the DEQUANTIZE (0 where the operator reads it itself), or None to leave it."""


def with_stored(graph: Graph, store: Store) -> Graph:
    """The graph with its float32 constants stored as ``store`` says."""
    tensors = list(graph.tensors)
    first: list[Operator] = []
    operators: list[Operator] = []
    known: dict[tuple[int, object], int] = {}
    for op in graph.operators:
        inputs = list(op.inputs)
        for position, index in enumerate(op.inputs):
            if index == ABSENT or not graph[index].is_constant or graph[index].dtype is not DType.FLOAT32:
                continue
            kept = store(op, position, graph[index])
            if kept is None:
                continue
            tensor, version = kept
            axes = None if tensor.quant is None else (tensor.quant.axis, len(tensor.quant.scales))
            key = (index, (version, axes))
            if key not in known:
                tensors.append(tensor)
                known[key] = len(tensors) - 1
                if version:
                    tensors.append(replace(graph[index], name=f"{tensor.name}_real", data=None))
                    first.append(Operator("DEQUANTIZE", (known[key],), (len(tensors) - 1,), version=version))
                    known[key] = len(tensors) - 1
            inputs[position] = known[key]
        operators.append(replace(op, inputs=tuple(inputs)))
    return compact(graph.replace(tensors=tuple(tensors), operators=(*first, *operators)))
