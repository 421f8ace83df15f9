"""Dilated convolutions of training: SPACE_TO_BATCH_ND, CONV_2D, BATCH_TO_SPACE_ND, and only then the bias.

Frameworks write a dilated convolution so, and its fake quantization stands behind the bias. With the bias and
the activation inside the convolution, all that follows only moves values, and has one range.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from edgeq.converter.params import Floats
from edgeq.graph import ABSENT, Graph, Operator, Tensor

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_MOVES = ("BATCH_TO_SPACE_ND", "RESHAPE", "SQUEEZE", "EXPAND_DIMS")


def biases_inside(graph: Graph) -> Graph:
    """The graph with each constant that is added behind such a convolution as the convolution's own bias."""
    tensors, operators = list(graph.tensors), list(graph.operators)
    makers = {index: position for position, op in enumerate(operators) for index in op.outputs}
    readers = Counter((*graph.outputs, *(index for op in operators for index in op.inputs)))
    gone: set[int] = set()
    for position, op in enumerate(operators):
        chain = _chain(graph, op, makers, readers) if op.opcode == "ADD" else None
        if chain is None:
            continue
        convolution, last = operators[chain[-1]], operators[chain[0]]
        added = op.inputs[1] if op.inputs[0] == last.outputs[0] else op.inputs[0]
        bias = _bias(tensors, convolution) + np.asarray(tensors[added].data, np.float32).reshape(-1)
        tensors.append(Tensor(f"{tensors[added].name}_bias", bias.shape, tensors[added].dtype, data=bias))
        fused = {"fused_activation_function": op.options.get("fused_activation_function", "NONE")}
        operators[chain[-1]] = replace(
            convolution,
            inputs=(*convolution.inputs[:2], len(tensors) - 1),
            options={**convolution.options, **fused},
        )
        operators[chain[0]] = replace(operators[chain[0]], outputs=op.outputs)
        gone.add(position)
    kept = tuple(op for position, op in enumerate(operators) if position not in gone)
    return graph.replace(tensors=tuple(tensors), operators=kept)


def _chain(graph: Graph, add: Operator, makers: dict[int, int], readers: Counter[int]) -> list[int] | None:
    """Positions of what lies between an ADD of a bias and its convolution, which is the last."""
    constants = [index for index in add.inputs if graph[index].is_constant]
    if len(add.inputs) != 2 or len(constants) != 1:
        return None
    index = add.inputs[1] if add.inputs[0] == constants[0] else add.inputs[0]
    channels = graph[add.outputs[0]].shape[-1:]
    found: list[int] = []
    while index in makers and readers[index] == 1 and graph[index].shape[-1:] == channels:
        op = graph.operators[makers[index]]
        found.append(makers[index])
        if op.opcode in _CONVOLUTIONS:
            spread = any(graph.operators[i].opcode == "BATCH_TO_SPACE_ND" for i in found)
            return found if spread and _takes(graph, op, add, constants[0]) else None
        if op.opcode not in _MOVES or graph[index].quant is not None:
            return None
        index = op.inputs[0]
    return None


def _takes(graph: Graph, convolution: Operator, add: Operator, added: int) -> bool:
    """Whether what is added is one value for each channel, and nothing stands between it and the sums."""
    output = graph[convolution.outputs[0]]
    per_channel = graph[added].elements == graph[added].shape[-1:][0] if graph[added].shape else False
    return (
        output.quant is None
        and convolution.options.get("fused_activation_function", "NONE") == "NONE"
        and per_channel
        and graph[added].elements == output.shape[-1]
        and all(graph[i].is_constant for i in convolution.inputs[2:] if i != ABSENT)
        and graph[add.outputs[0]].elements == max(graph[i].elements for i in add.inputs)
    )


def _bias(tensors: list[Tensor], convolution: Operator) -> Floats:
    if len(convolution.inputs) < 3 or convolution.inputs[2] == ABSENT:
        return np.zeros(tensors[convolution.outputs[0]].shape[-1], np.float32)
    return np.asarray(tensors[convolution.inputs[2]].data, np.float32).reshape(-1)
