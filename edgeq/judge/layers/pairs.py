"""Which tensor of a quantized model is which of the float model: by name, else by operator order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from edgeq.base.errors import ModelError
from edgeq.graph import DType, Graph, Operator

CONVERSIONS = frozenset({"QUANTIZE", "DEQUANTIZE"})
"""Operators that only change how a value is written."""
INTEGERS = (DType.INT8, DType.UINT8, DType.INT16)
"""The types that quantized activations have."""
_ENOUGH = 0.5
"""A pair of models has at least this share of layers in common."""


@dataclass(frozen=True)
class Pairs:
    """What belongs together.

    Attributes:
        tensors: the float model's tensor by the quantized model's, activations only.
        ordered: how many of them were found by operator order, for want of a common name.
        unmatched: positions of the quantized model's operators of which no result was found.
    """

    tensors: dict[int, int]
    ordered: int
    unmatched: tuple[int, ...]


def match(real: Graph, other: Graph) -> Pairs:
    """Pair the tensors of a float and a quantized model of the same network.

    Raises:
        ModelError: the two are not one network: other inputs, or too little in common.
    """
    found = _inputs(real, other)
    here, there = _named(real), _named(other)
    found.update({index: here[name] for name, index in there.items() if name in here})
    found = {index: there for index, there in found.items() if _alike(real, there, other, index)}
    for index in other.inputs:
        if index not in found:
            raise ModelError(
                f"input '{other[index].label}' of {other.name} is {other[index].dtype.value}, and not "
                "what the float model's becomes",
                "give the float model that the int8 model was made from",
            )
    for op in reversed(other.operators):  # a converted output has its name outside, its value inside
        if op.opcode in CONVERSIONS and op.outputs[0] in found and other[op.inputs[0]].data is None:
            found.setdefault(op.inputs[0], found[op.outputs[0]])
    by_name = len(found)
    left, right = _computing(real), _computing(other)
    if len(left) == len(right):
        for op_real, op in zip(left, right, strict=True):
            for index_real, index in zip(op_real.outputs, op.outputs, strict=False):
                if _alike(real, index_real, other, index):
                    found.setdefault(index, index_real)
    unmatched = tuple(
        position
        for position, op in enumerate(other.operators)
        if op.opcode not in CONVERSIONS
        and any(_carries(other, index) for index in op.outputs)
        and not any(index in found for index in op.outputs)
    )
    ends = all(index in found and found[index] in real.outputs for index in other.outputs)
    few = len(unmatched) > (1 - _ENOUGH) * len(right)
    if few and not (ends and by_name == len(found)):  # names tell of an operator that became several
        raise ModelError(
            f"{real.name} and {other.name} are not one network: they have {len(left)} and {len(right)} "
            f"operators, and {len(right) - len(unmatched)} of the results are found in both",
            "give the float model that the int8 model was made from; or leave the int8 model out, and edgeq "
            "makes one by --calibration",
        )
    return Pairs(found, len(found) - by_name, unmatched)


def _inputs(real: Graph, other: Graph) -> dict[int, int]:
    names = {real[index].name: index for index in real.inputs}
    if len(names) == len(real.inputs) and set(names) == {other[index].name for index in other.inputs}:
        pairs = [(names[other[index].name], index) for index in other.inputs]
    else:
        pairs = list(zip(real.inputs, other.inputs, strict=False))
    if (
        len(pairs) != len(real.inputs)
        or len(real.inputs) != len(other.inputs)
        or any(real[a].shape != other[b].shape for a, b in pairs)
    ):
        shapes = [[list(graph[i].shape) for i in graph.inputs] for graph in (real, other)]
        raise ModelError(
            f"{real.name} and {other.name} are not one network: their inputs are {shapes[0]} and {shapes[1]}",
            "give the float model that the int8 model was made from",
        )
    return {b: a for a, b in pairs}


def _alike(real: Graph, index_real: int, other: Graph, index: int) -> bool:
    return (
        real[index_real].shape == other[index].shape
        and (index in other.inputs) == (index_real in real.inputs)
        and (
            (real[index_real].dtype is DType.FLOAT32 and _carries(other, index))
            or (index in other.inputs and real[index_real].dtype is other[index].dtype)
        )
    )


def _carries(graph: Graph, index: int) -> bool:
    """Whether a tensor carries real values."""
    tensor = graph[index]
    if tensor.dtype is DType.FLOAT32:
        return True
    return tensor.dtype in INTEGERS and tensor.quant is not None and not tensor.quant.is_per_channel


def _computing(graph: Graph) -> list[Operator]:
    return [op for op in graph.operators if op.opcode not in CONVERSIONS]


def _named(graph: Graph) -> dict[str, int]:
    """What operators make, by the names that only one tensor has."""
    made = list(_made(graph))
    counts = Counter(graph[index].name for index in (*graph.inputs, *made))
    return {graph[index].name: index for index in made if counts[graph[index].name] == 1}


def _made(graph: Graph) -> Iterator[int]:
    for op in graph.operators:
        yield from op.outputs
