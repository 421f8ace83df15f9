"""Channels last: the transposes that NCHW frameworks leave, folded, cancelled, or moved until they can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgeq.graph import DType, Graph, Operator, Tensor
from edgeq.graph.rewrite import compact, without_dead

Perm = tuple[int, ...]

_UNARY = frozenset(
    (
        *("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU", "HARD_SWISH", "GELU", "ELU"),
        *("LOGISTIC", "TANH", "EXP", "LOG", "SQRT", "RSQRT", "ABS", "NEG", "SQUARE", "SIN", "COS"),
        *("FLOOR", "CEIL", "ROUND", "CAST", "FAKE_QUANT"),
    )
)
_BINARY = frozenset(("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW"))


def channels_last(graph: Graph) -> tuple[Graph, tuple[str, ...]]:
    """Fold transposes; the graph computes the same but for the layout of inputs and outputs that notes name.

    - A transpose of a constant is done now; two in a row become one, or none.
    - One before element-wise operators or CONCATENATION goes behind them, where it may meet its opposite.
    - One before a flattening RESHAPE and FULLY_CONNECTED goes into the order of the weights.
    - At an input that is read channels last only, and at an output, the model's own shape changes.
    """
    folding = _Folding(graph)
    while any(rule() for rule in folding.rules):
        pass
    folding.reshapes()
    done = folding.graph
    return compact(without_dead(done)), tuple(folding.notes)


class _Folding:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.notes: list[str] = []
        self.rules = (
            self._constants, self._pairs, self._inputs, self._outputs, self._weights, self._behind
        )  # fmt: skip

    def _constants(self) -> bool:
        for position, op, perm in self._transposes():
            tensor = self.graph[op.inputs[0]]
            if tensor.data is not None:
                self._set(op.outputs[0], data=np.ascontiguousarray(tensor.data.transpose(perm)))
                self._drop(position)
                return True
        return False

    def _pairs(self) -> bool:
        made = self._makers()
        for position, op, perm in self._transposes():
            before = made.get(op.inputs[0])
            earlier = None if before is None else self._perm(before)
            if before is not None and earlier is not None:
                joined = tuple(earlier[i] for i in perm)
                self._put(position, self._transpose(before.inputs[0], op.outputs[0], joined))
                self.graph = without_dead(self.graph)
                return True
            if perm == tuple(range(len(perm))) and self._forward(op.outputs[0], op.inputs[0]):
                self._drop(position)
                return True
        return False

    def _inputs(self) -> bool:
        for index in self.graph.inputs:
            readers = [(i, op) for i, op in enumerate(self.graph.operators) if index in op.inputs]
            shape = self.graph[index].shape
            last = (0, *range(2, len(shape)), 1)
            if len(shape) < 3 or not readers or index in self.graph.outputs:
                continue
            if any(op.outputs[0] in self.graph.outputs or not self._is(op, last) for _, op in readers):
                continue
            wanted = tuple(shape[i] for i in last)
            self._set(index, shape=wanted, shape_signature=wanted)
            for position, op in reversed(readers):
                self._substitute(op.outputs[0], index)
                self._drop(position)
            self.notes.append(
                f"Input '{self.graph[index].label}' had its channels first, {list(shape)}; "
                f"it takes {list(wanted)} now."
            )
            return True
        return False

    def _is(self, op: Operator, perm: Perm) -> bool:
        """Whether an operator moves its input's axes so; a RESHAPE may, where there is one channel."""
        if op.opcode == "RESHAPE":
            shape = self.graph[op.inputs[0]].shape
            return shape[1] == 1 and self.graph[op.outputs[0]].shape == tuple(shape[i] for i in perm)
        return self._perm(op) == perm

    def _outputs(self) -> bool:
        for position, op, perm in self._transposes():
            source, result = op.inputs[0], op.outputs[0]
            taken = {*self.graph.inputs, *self.graph.outputs}
            first = (0, len(perm) - 1, *range(1, len(perm) - 1))
            if result not in self.graph.outputs or perm != first or len(perm) < 3 or source in taken:
                continue
            if any(result in other.inputs for other in self.graph.operators):
                continue
            before, after = self.graph[result], self.graph[source]
            self._set(source, name=before.name, alias=before.alias)
            self.graph = self.graph.replace(
                outputs=tuple(source if i == result else i for i in self.graph.outputs)
            )
            self._drop(position)
            self.notes.append(
                f"Output '{before.label}' had its channels first, {list(before.shape)}; "
                f"it gives {list(after.shape)} now."
            )
            return True
        return False

    def _weights(self) -> bool:
        for position, op, perm in self._transposes():
            flat = self._only_reader(op.outputs[0], "RESHAPE")
            dense = None if flat is None else self._only_reader(flat.outputs[0], "FULLY_CONNECTED")
            if flat is None or dense is None or perm[0] != 0 or dense.inputs[0] != flat.outputs[0]:
                continue
            shape = self.graph[op.inputs[0]].shape
            weights = self.graph[dense.inputs[1]]
            if weights.data is None or weights.quant is not None or shape[0] != 1:
                continue
            if weights.shape[1] != np.prod(shape) or self.graph[flat.outputs[0]].shape != (
                1,
                weights.shape[1],
            ):
                continue
            turned = weights.data.reshape(weights.shape[0], *(shape[i] for i in perm[1:]))
            back = (0, *(perm.index(axis) for axis in range(1, len(perm))))
            data = np.ascontiguousarray(turned.transpose(back)).reshape(weights.shape)
            index = self._add(replace(weights, data=data))
            self._put(
                self.graph.operators.index(dense),
                replace(dense, inputs=(dense.inputs[0], index, *dense.inputs[2:])),
            )
            self._put(
                self.graph.operators.index(flat), replace(flat, inputs=(op.inputs[0], *flat.inputs[1:]))
            )
            self._drop(position)
            return True
        return False

    def _behind(self) -> bool:
        made = self._makers()
        for position, op in enumerate(self.graph.operators):
            if op.opcode not in _UNARY | _BINARY | {"CONCATENATION"} or len(op.outputs) != 1:
                continue
            before = [made.get(i) for i in op.inputs]
            perms = {perm for one in before if one is not None and (perm := self._perm(one)) is not None}
            if len(perms) != 1:
                continue
            (perm,) = perms
            sources = [self._source(i, one, perm, op) for i, one in zip(op.inputs, before, strict=True)]
            if None in sources or self.graph[op.outputs[0]].shape == ():
                continue
            result = self.graph[op.outputs[0]]
            back = np.argsort(perm)
            shape = tuple(result.shape[i] for i in back)
            inner = self._add(replace(result, shape=shape, shape_signature=shape))
            options = dict(op.options)
            if op.opcode == "CONCATENATION":
                options["axis"] = perm[int(str(options["axis"])) % len(perm)]
            inputs = tuple(self._resolved(source, perm) for source in sources if source is not None)
            moved = replace(op, inputs=inputs, outputs=(inner,), options=options)
            self._put(position, moved, self._transpose(inner, op.outputs[0], perm))
            self.graph = without_dead(self.graph)
            return True
        return False

    def _source(self, index: int, maker: Operator | None, perm: Perm, op: Operator) -> int | None:
        """What an operand is before the transpose; None where it cannot be had without another one."""
        if maker is not None and self._perm(maker) == perm:
            readers = [other for other in self.graph.operators if index in other.inputs]
            alone = all(other is op for other in readers) and index not in self.graph.outputs
            return maker.inputs[0] if alone else None
        tensor = self.graph[index]
        whole = tensor.elements == 1 or len(tensor.shape) == len(perm)
        return index if tensor.is_constant and whole and op.opcode in _BINARY else None

    def _resolved(self, index: int, perm: Perm) -> int:
        """The operand itself, or a constant with its axes put back."""
        tensor = self.graph[index]
        if tensor.data is None or len(tensor.shape) != len(perm) or tensor.elements == 1:
            return index
        data = np.ascontiguousarray(tensor.data.transpose(np.argsort(perm)))
        return self._add(replace(tensor, data=data, shape=data.shape, shape_signature=data.shape))

    def reshapes(self) -> None:
        """Transposes that only move axes of size 1 leave memory as it is: RESHAPE does the same."""
        for position, op, perm in list(self._transposes()):
            shape = self.graph[op.inputs[0]].shape
            kept = [i for i in perm if shape[i] != 1]
            if kept == sorted(kept):
                wanted = tuple(shape[i] for i in perm)
                sizes = self._add_integers("shape", wanted)
                options = {"new_shape": wanted}
                self._put(position, Operator("RESHAPE", (op.inputs[0], sizes), op.outputs, options))

    def _transposes(self) -> Iterator[tuple[int, Operator, Perm]]:
        for position, op in enumerate(self.graph.operators):
            perm = self._perm(op)
            if perm is not None:
                yield position, op, perm

    def _perm(self, op: Operator) -> Perm | None:
        if op.opcode != "TRANSPOSE" or len(op.inputs) < 2:
            return None
        order = self.graph[op.inputs[1]].data
        perm = None if order is None else tuple(int(i) for i in np.asarray(order, np.int64).reshape(-1))
        rank = len(self.graph[op.inputs[0]].shape)
        return perm if perm is not None and sorted(perm) == list(range(rank)) else None

    def _makers(self) -> dict[int, Operator]:
        return {index: op for op in self.graph.operators for index in op.outputs}

    def _only_reader(self, index: int, opcode: str) -> Operator | None:
        readers = [op for op in self.graph.operators if index in op.inputs]
        alone = len(readers) == 1 and index not in self.graph.outputs
        return readers[0] if alone and readers[0].opcode == opcode else None

    def _forward(self, result: int, source: int) -> bool:
        """Have ``source`` stand where ``result`` did; False where both have to be there under their names."""
        if result in self.graph.outputs:
            if source in self.graph.inputs or source in self.graph.outputs:
                return False
            self._set(source, name=self.graph[result].name, alias=self.graph[result].alias)
        self._substitute(result, source)
        return True

    def _substitute(self, old: int, new: int) -> None:
        def named(indices: Sequence[int]) -> Perm:
            return tuple(new if i == old else i for i in indices)

        operators = tuple(
            op if old not in op.inputs else replace(op, inputs=named(op.inputs))
            for op in self.graph.operators
        )
        self.graph = self.graph.replace(operators=operators, outputs=named(self.graph.outputs))

    def _transpose(self, source: int, result: int, perm: Perm) -> Operator:
        return Operator("TRANSPOSE", (source, self._add_integers("perm", perm)), (result,))

    def _add_integers(self, name: str, values: Sequence[int]) -> int:
        data: npt.NDArray[np.int32] = np.array(values, np.int32)
        return self._add(Tensor(name, data.shape, DType.INT32, data=data))

    def _add(self, tensor: Tensor) -> int:
        self.graph = self.graph.replace(tensors=(*self.graph.tensors, tensor))
        return len(self.graph.tensors) - 1

    def _set(self, index: int, **changes: object) -> None:
        tensors = list(self.graph.tensors)
        tensors[index] = replace(tensors[index], **changes)  # type: ignore[arg-type]  # as Graph.replace
        self.graph = self.graph.replace(tensors=tuple(tensors))

    def _put(self, position: int, *operators: Operator) -> None:
        now = self.graph.operators
        self.graph = self.graph.replace(operators=(*now[:position], *operators, *now[position + 1 :]))

    def _drop(self, position: int) -> None:
        self._put(position)
