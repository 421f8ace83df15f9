"""An operator as the rules look at it: activations, parameters, and shapes as the chip lays them out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor

BYTES = frozenset({DType.INT8, DType.UINT8})

CONSTANT_INPUTS = {
    "CONV_2D": (1, 2),
    "DEPTHWISE_CONV_2D": (1, 2),
    "EXPAND_DIMS": (1,),
    "FULLY_CONNECTED": (1, 2),
    "MEAN": (1,),
    "PAD": (1,),
    "PRELU": (1,),
    "REDUCE_MAX": (1,),
    "REDUCE_MIN": (1,),
    "RESHAPE": (1,),
    "RESIZE_BILINEAR": (1,),
    "RESIZE_NEAREST_NEIGHBOR": (1,),
    "SLICE": (1, 2),
    "SPLIT": (0,),
    "STRIDED_SLICE": (1, 2, 3),
    "SUM": (1,),
    "TILE": (1,),
    "TRANSPOSE": (1,),
    "TRANSPOSE_CONV": (0, 1, 3),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (*range(1, 18), *range(20, 24)),
}
"""Which inputs are parameters: weights, biases, axes, sizes. The others are activations."""


@dataclass(frozen=True)
class OperatorView:
    """One operator of a graph."""

    graph: Graph
    index: int

    @property
    def operator(self) -> Operator:
        """The operator itself."""
        return self.graph.operators[self.index]

    @property
    def opcode(self) -> str:
        """Its opcode."""
        return self.operator.opcode

    def option(self, name: str, default: object = None) -> object:
        """A builtin option; ``default`` where the operator has none of that name."""
        return self.operator.options.get(name, default)

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """The inputs that are weights, biases, axes or sizes, as far as they are given."""
        places = CONSTANT_INPUTS.get(self.opcode, ())
        return tuple(
            self.graph[tensor]
            for place, tensor in enumerate(self.operator.inputs)
            if place in places and tensor != ABSENT
        )

    @property
    def data(self) -> tuple[Tensor, ...]:
        """The inputs that are not parameters, constants among them."""
        places = CONSTANT_INPUTS.get(self.opcode, ())
        return tuple(
            self.graph[tensor]
            for place, tensor in enumerate(self.operator.inputs)
            if place not in places and tensor != ABSENT
        )

    @property
    def activations(self) -> tuple[Tensor, ...]:
        """The inputs that other operators, or the caller, compute; an LSTM's kept state is not among them."""
        return tuple(tensor for tensor in self.data if not tensor.is_constant and not tensor.is_variable)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """What it computes."""
        return tuple(self.graph[tensor] for tensor in self.operator.outputs)

    @property
    def output(self) -> Tensor:
        """Its first output."""
        return self.graph[self.operator.outputs[0]]

    def constant(self, place: int) -> npt.NDArray[np.generic] | None:
        """The values of an input; None where it is absent or not constant."""
        inputs = self.operator.inputs
        if place >= len(inputs) or inputs[place] == ABSENT:
            return None
        return self.graph[inputs[place]].data

    def integers(self, place: int) -> tuple[int, ...] | None:
        """The values of an input; None where it is absent, not constant, or not of integers."""
        values = self.constant(place)
        return (
            tuple(values.reshape(-1).tolist()) if values is not None and values.dtype.kind in "iu" else None
        )

    def axes(self, place: int, rank: int) -> tuple[int, ...]:
        """A constant input of axes, counted from the front; empty where it is not constant."""
        return tuple(axis % rank for axis in self.integers(place) or ()) if rank else ()


def innermost(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """The (y, x, z) that the chip sees of a shape: its innermost dimensions, 1 where there are fewer."""
    y, x, z = (1, 1, 1, *shape)[-3:]
    return y, x, z


def outer(shape: tuple[int, ...]) -> int:
    """How often a shape repeats its three innermost dimensions."""
    return math.prod(shape[:-3])


def is_flat(shape: tuple[int, ...]) -> bool:
    """Whether a tensor has no rows: then the chip keeps it on one tile instead of spreading it over all."""
    return innermost(shape)[0] == 1


def size(tensor: Tensor) -> int:
    """Bytes of an 8-bit tensor."""
    return math.prod(tensor.shape)


def quantized(tensor: Tensor) -> bool:
    """Whether it holds 8-bit integers with a scale."""
    return tensor.dtype in BYTES and tensor.quant is not None
