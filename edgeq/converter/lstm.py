"""A float LSTM in numpy: for the ranges inside it, which no interpreter shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgeq.graph import ABSENT, Graph, Operator

Floats = npt.NDArray[np.float32]
Range = tuple[float, float]
See = Callable[[Operator, int, Floats], None]
"""Is shown an operator, the position of the first matrix that multiplies rows, and these [n, columns]."""

LSTM_STATE, LSTM_CELL = 18, 19
_TINY = np.float32(1e-8)
"""Under the root of a normalization, as in TensorFlow Lite's kernel."""


def lstm_ranges(graph: Graph, op: Operator, inputs: Floats, see: See | None = None) -> dict[int, Range]:
    """The ranges of the cell, of the hidden state before projection, and of gates before normalization.

    Args:
        graph: the float graph.
        op: a UNIDIRECTIONAL_SEQUENCE_LSTM with its five intermediate tensors.
        inputs: float32 ``[n, *shape]``; every sample starts with state and cell 0.
        see: is shown what its matrices multiply.

    Returns:
        (min, max) by tensor index.
    """
    layer = _Layer(graph, op, see)
    ordered = np.moveaxis(inputs, 1 if op.options.get("time_major") else 2, 0)  # [steps, n, batch, depth]
    layer.run(ordered.reshape(len(ordered), -1, inputs.shape[-1]))
    return {index: (float(low), float(high)) for index, (low, high) in layer.seen.items()}


class _Layer:
    def __init__(self, graph: Graph, op: Operator, see: See | None) -> None:
        self._op = op
        self._see = see or (lambda op, position, rows: None)
        self._given: list[Floats | None] = [
            None
            if index == ABSENT or graph[index].data is None
            else np.asarray(graph[index].data, np.float32)
            for index in op.inputs
        ]
        self._given += [None] * (24 - len(self._given))
        self.seen: dict[int, tuple[np.float32, np.float32]] = {}

    def run(self, x: Floats) -> None:
        """Steps [steps, samples, depth] through the layer."""
        recurrent, bias = self._given[8], self._given[15]
        assert recurrent is not None and bias is not None  # noqa: S101  # the check saw to it
        state = np.zeros((x.shape[1], recurrent.shape[1]), np.float32)
        cell = np.zeros((x.shape[1], recurrent.shape[0]), np.float32)
        for now in x:
            state, cell = self._step(now, state, cell)

    def _step(self, x: Floats, state: Floats, cell: Floats) -> tuple[Floats, Floats]:
        self._see(self._op, 1, x)
        self._see(self._op, 5, state)
        forget = _sigmoid(self._gate(1, x, state, cell))
        update = np.tanh(self._gate(2, x, state, None))
        enter = 1 - forget if self._given[1] is None else _sigmoid(self._gate(0, x, state, cell))
        cell = _clipped(forget * cell + enter * update, self._op.options.get("cell_clip"))
        self._look(self._op.inputs[LSTM_CELL], cell)
        hidden: Floats = _sigmoid(self._gate(3, x, state, cell)) * np.tanh(cell)
        self._look(self._op.intermediates[4], hidden)
        projection, bias = self._given[16], self._given[17]
        if projection is None:
            return hidden, cell
        self._see(self._op, 16, hidden)
        state = hidden @ projection.T + (0 if bias is None else bias)
        return _clipped(state, self._op.options.get("proj_clip")), cell

    def _gate(self, gate: int, x: Floats, state: Floats, cell: Floats | None) -> Floats:
        """A gate before its activation: 0 input, 1 forget, 2 cell, 3 output."""
        weights, recurrent = self._given[1 + gate], self._given[5 + gate]
        bias, norm = self._given[12 + gate], self._given[20 + gate]
        hole = None if cell is None else self._given[{0: 9, 1: 10, 3: 11}[gate]]
        assert weights is not None and recurrent is not None  # noqa: S101  # the check saw to it
        total: Floats = x @ weights.T + state @ recurrent.T
        if hole is not None and cell is not None:
            total = total + hole * cell
        if norm is not None:
            self._look(self._op.intermediates[gate], total)
            spread = total.var(axis=1, keepdims=True)
            total = (total - total.mean(axis=1, keepdims=True)) / np.sqrt(spread + _TINY) * norm
        return total if bias is None else total + bias

    def _look(self, index: int, values: Floats) -> None:
        low, high = values.min(), values.max()
        before = self.seen.get(index, (low, high))
        self.seen[index] = (min(low, before[0]), max(high, before[1]))


def _sigmoid(x: Floats) -> Floats:
    found: Floats = (1 / (1 + np.exp(-x.astype(np.float64)))).astype(np.float32)
    return found


def _clipped(x: Floats, limit: object) -> Floats:
    found: Floats = np.clip(x, -limit, limit) if isinstance(limit, float) and limit > 0 else x
    return found
