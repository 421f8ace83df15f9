"""The bench: one model that holds the float model, the quantized one, and every layer of it alone.

    float model     x ─▶ conv ─▶ y                                    what is right
    quantized model q(x) ─▶ conv8 ─▶ …                                with all errors before it: cumulative
    each layer      q(y before) ─▶ conv8                              alone: local
                    dq(q(y before)) ─▶ conv                           what its inputs' steps alone do
                    y before ─▶ conv with conv8's weights             what its weights alone do

One inference computes all of it, so that a sample can be looked at and forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter.params import dequantize
from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor
from edgeq.judge.layers.pairs import CONVERSIONS, INTEGERS, Pairs

NONE = -1


@dataclass(frozen=True)
class Row:
    """One layer's tensors on the bench.

    Attributes:
        operator: position in the quantized model; ``NONE`` for a model's input.
        tensor: its result there.
        real, cumulative, local, exact, weights: tensors of the bench; ``NONE`` where there is none.
    """

    operator: int
    tensor: int
    real: int
    cumulative: int
    local: int = NONE
    exact: int = NONE
    weights: int = NONE


def build(real: Graph, other: Graph, pairs: Pairs) -> tuple[Graph, tuple[Row, ...]]:
    """Put a float model and a quantized one on the bench.

    Args:
        real: the float model, static, its weights float32.
        other: the quantized model.
        pairs: what belongs together.

    Raises:
        ModelError: an input of the quantized model is of a type that no float becomes.
    """
    bench = _Bench(real, other, pairs)
    rows = [
        bench.input_row(index)
        for index in other.inputs
        if other[index].dtype != real[pairs.tensors[index]].dtype
    ]
    for position, op in enumerate(other.operators):
        if op.opcode not in CONVERSIONS:
            rows += [bench.row(position, index) for index in op.outputs if index in pairs.tensors]
    return bench.graph(), tuple(rows)


class _Bench:
    def __init__(self, real: Graph, other: Graph, pairs: Pairs) -> None:
        self._real, self._other, self._pairs = real, other, pairs
        self._tensors: list[Tensor] = list(real.tensors)
        self._operators: list[Operator] = list(real.operators)
        self._constants: dict[int, int] = {}
        self._quantized: dict[int, int] = {}
        self._dequantized: dict[int, int] = {}
        self._whole = {index: self._quantize(index) for index in other.inputs}
        self._copy(other, range(len(other.operators)), self._whole)

    def graph(self) -> Graph:
        """All of it."""
        return self._real.replace(tensors=tuple(self._tensors), operators=tuple(self._operators))

    def input_row(self, index: int) -> Row:
        """An input of the model: nothing but its own steps."""
        real = self._pairs.tensors[index]
        return Row(NONE, index, real, self._whole[index], self._whole[index], real)

    def row(self, position: int, index: int) -> Row:
        """A layer: what it takes to come from known tensors to this one."""
        real = self._pairs.tensors[index]
        row = Row(position, index, real, self._whole[index])
        known = set(self._pairs.tensors)
        inside, edge = _cone(self._other, index, known)
        inside_real, edge_real = _cone(self._real, real, {self._pairs.tensors[i] for i in edge})
        if not edge_real <= {self._pairs.tensors[i] for i in edge}:
            return row
        local = {i: self._quantize(i) for i in edge}
        self._copy(self._other, inside, local)
        exact = {self._pairs.tensors[i]: self._back(i) for i in edge}
        self._copy(self._real, inside_real, exact)
        return replace(
            row, local=local[index], exact=exact[real], weights=self._by_weights(inside, inside_real, real)
        )

    def _by_weights(self, inside: list[int], inside_real: list[int], real: int) -> int:
        """The float layer on true inputs, with the quantized layer's constants."""
        ops = [self._other.operators[i] for i in inside if self._other.operators[i].opcode not in CONVERSIONS]
        if len(ops) != 1 or len(inside_real) != 1:
            return NONE
        op, op_real = ops[0], self._real.operators[inside_real[0]]
        if op.opcode != op_real.opcode:
            return NONE
        changed: dict[int, int] = {}
        for index, index_real in zip(op.inputs, op_real.inputs, strict=False):
            if ABSENT in (index, index_real):
                continue
            tensor, there = self._other[index], self._real[index_real]
            if tensor.data is None or there.data is None or there.dtype is not DType.FLOAT32:
                continue
            if tensor.shape != there.shape:
                return NONE
            if tensor.quant is not None:
                changed[index_real] = self._add(replace(there, data=dequantize(tensor.data, tensor.quant)))
        if not changed:
            return NONE
        read = (i for i in op_real.inputs if i != ABSENT and not self._tensors[i].is_variable)
        changed = {**{i: i for i in read}, **changed}
        self._copy(self._real, inside_real, changed)
        return changed[real]

    def _quantize(self, index: int) -> int:
        """The float model's value as the quantized model would write it there."""
        tensor, real = self._other[index], self._pairs.tensors[index]
        if tensor.dtype is self._tensors[real].dtype:
            return real
        if tensor.dtype not in INTEGERS or tensor.quant is None:
            raise ModelError(
                f"tensor '{tensor.label}' of {self._other.name} is {tensor.dtype.value}, the float "
                f"model's is {self._tensors[real].dtype.value}",
                "give the float model that the int8 model was made from",
            )
        if index not in self._quantized:
            self._quantized[index] = self._add(replace(tensor, is_variable=False))
            self._operators.append(Operator("QUANTIZE", (real,), (self._quantized[index],), version=2))
        return self._quantized[index]

    def _back(self, index: int) -> int:
        """The same as a float again."""
        quantized = self._quantize(index)
        if self._tensors[quantized].dtype is DType.FLOAT32 or index not in self._quantized:
            return quantized
        if index not in self._dequantized:
            plain = replace(self._tensors[quantized], dtype=DType.FLOAT32, quant=None)
            self._dequantized[index] = self._add(plain)
            made = (self._dequantized[index],)
            self._operators.append(Operator("DEQUANTIZE", (quantized,), made, version=3))
        return self._dequantized[index]

    def _copy(self, graph: Graph, positions: Iterable[int], known: dict[int, int]) -> None:
        """Add operators of a graph once more.

        Args:
            graph: the float or the quantized one.
            positions: of the operators, in order.
            known: the bench's tensor for each of the graph's; what the operators make is added to it.
        """
        for position in positions:
            op = graph.operators[position]
            self._operators.append(
                replace(
                    op,
                    inputs=tuple(self._place(graph, i, known) for i in op.inputs),
                    outputs=tuple(self._place(graph, i, known) for i in op.outputs),
                    intermediates=tuple(self._place(graph, i, known) for i in op.intermediates),
                )
            )

    def _place(self, graph: Graph, index: int, known: dict[int, int]) -> int:
        if index == ABSENT or index in known:
            return known.get(index, ABSENT)
        tensor = graph[index]
        if tensor.is_constant and not tensor.is_variable:
            if graph is self._real:
                return index
            if index not in self._constants:
                self._constants[index] = self._add(tensor)
            return self._constants[index]
        known[index] = self._add(tensor)
        return known[index]

    def _add(self, tensor: Tensor) -> int:
        self._tensors.append(tensor)
        return len(self._tensors) - 1


def _cone(graph: Graph, target: int, known: set[int]) -> tuple[list[int], set[int]]:
    """The operators between known tensors and a target, in order, and which known tensors they read.

    What is made from constants alone belongs to it. An input of the model counts as known.
    """
    made = _makers(graph)
    inside: set[int] = set()
    edge: set[int] = set()
    waiting = [target]
    while waiting:
        index = waiting.pop()
        if index not in made:
            edge.add(index)
            continue
        if made[index] in inside:
            continue
        inside.add(made[index])
        for source in graph.operators[made[index]].inputs:
            if source == ABSENT or graph[source].is_constant or graph[source].is_variable:
                continue
            if source in known:
                edge.add(source)
            else:
                waiting.append(source)
    return sorted(inside), edge


def _makers(graph: Graph) -> Mapping[int, int]:
    return {index: position for position, op in enumerate(graph.operators) for index in op.outputs}


def levels(tensor: Tensor) -> tuple[float, float] | None:
    """The smallest and largest real value that a quantized tensor can hold; None of a float one."""
    if tensor.quant is None or tensor.dtype.is_float:
        return None
    limits = np.iinfo(tensor.dtype.numpy.name)
    low, high = (
        tensor.quant.scale * (int(end) - tensor.quant.zero_point) for end in (limits.min, limits.max)
    )
    return low, high
