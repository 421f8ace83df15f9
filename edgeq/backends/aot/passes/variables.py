"""Variables: places of their own that outlive an inference, and what they hold at first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.graph.model import DType, Tensor, VariableName
from edgeq.graph.variables import ASSIGN, READ, handles, values_of


def variables(lowerable: Lowerable) -> Lowerable:
    """Gives every resource variable a tensor, which its reads and writes name instead of a handle."""
    graph = lowerable.graph
    names = handles(graph.operators)
    tensors = list(graph.tensors)
    places: dict[VariableName, int] = {}
    for name, value in values_of(graph).items():
        places[name] = len(tensors)
        tensors.append(replace(value, name=name[1], data=None, is_variable=True, alias=""))
    operators = tuple(
        replace(op, inputs=(places[names[op.inputs[0]]], *op.inputs[1:]))
        if op.opcode in (READ, ASSIGN)
        else op
        for op in graph.operators
    )
    states = {i: _at_first(tensor) for i, tensor in enumerate(tensors) if tensor.is_variable}
    for name, value in graph.initials.items():
        if name in places:
            states[places[name]] = _bytes(np.asarray(value.data))
    changed = graph.replace(tensors=tuple(tensors), operators=operators)
    return replace(lowerable, graph=changed, states=states)


def _at_first(tensor: Tensor) -> npt.NDArray[np.uint8]:
    """What a variable tensor is reset to: of int8 its zero point, else zeros."""
    zero = tensor.quant.zero_point if tensor.quant is not None and tensor.dtype is DType.INT8 else 0
    return _bytes(np.full(tensor.shape, zero, tensor.dtype.numpy))


def _bytes(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(values.astype(values.dtype.newbyteorder("<")).tobytes(), np.uint8)
