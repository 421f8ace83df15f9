"""GPTQ for the matrices of layers with a state, LSTM and SVDF; the mean error goes into an LSTM's biases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from edgeq.converter import params
from edgeq.converter.gptq import round_weights
from edgeq.converter.moments import Moments
from edgeq.converter.params import Array, Floats
from edgeq.converter.recurrent import LSTM
from edgeq.converter.rounded import Rounded
from edgeq.converter.rows import MOST_COLUMNS
from edgeq.graph import ABSENT, Graph, Operator, QuantParams
from edgeq.interpreter import compute

_NAME = "edgeq.converter.recurrent_rounding:work"
_SHRINK = 0.1
_MATRICES: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    LSTM: {1: (1, 2, 3, 4), 5: (5, 6, 7, 8), 16: (16,)},
    "SVDF": {1: (1,)},
}
"""The inputs of an operator that multiply the same rows, by the first of them."""
_BIASES = {
    **{gate: 11 + gate for gate in range(1, 5)},
    **{4 + gate: 11 + gate for gate in range(1, 5)},
    16: 17,
}
"""Of an LSTM: which bias stands behind a matrix."""
_NORMALIZED = 20
"""From this input on, an LSTM's coefficients of normalization; a gate's bias comes after it."""


class Seen:
    """What the matrices of layers with a state are multiplied with: means and covariances of rows."""

    def __init__(self) -> None:
        self.moments: dict[tuple[int, int], Moments] = {}

    def __call__(self, op: Operator, position: int, rows: Floats) -> None:
        """Take rows [n, columns] that an operator's input ``position`` is multiplied with."""
        wide = rows.shape[-1]
        if wide <= MOST_COLUMNS:
            key = op.outputs[0], position
            self.moments.setdefault(key, Moments(1, wide)).add(rows.reshape(-1, 1, wide))


def round_recurrent(graph: Graph, seen: Seen, rounded: Rounded) -> Rounded:
    """Round the matrices of each LSTM and SVDF by what they are multiplied with; correct an LSTM's biases.

    An SVDF's bias stays: how much of an error its memory sums up depends on how long it has been running.

    Args:
        graph: a float graph.
        seen: of its layers.
        rounded: what is chosen for other operators.

    Returns:
        The same with matrices and vectors.
    """
    uses = Counter(index for op in graph.operators for index in op.inputs)
    chosen: list[tuple[Operator, int, int, int]] = []
    arrays: list[Array] = []
    means: dict[tuple[int, int], Floats] = {}
    for op in graph.operators:
        for first, positions in _MATRICES.get(op.opcode, {}).items():
            if (op.outputs[0], first) not in seen.moments:
                continue
            mean, covariance = seen.moments[op.outputs[0], first].result()
            means[op.outputs[0], first] = mean[0]
            for position in positions:
                index = op.inputs[position]
                if index == ABSENT or uses[index] != 1:
                    continue
                bias = _bias(op, position)
                corrected = bias != ABSENT and uses[bias] == 1
                # without a bias to take the mean error it has to stay small, too: the second moment
                moment = covariance if corrected else covariance + mean[:, :, None] * mean[:, None, :]
                chosen.append((op, first, position, bias if corrected else ABSENT))
                arrays += [np.asarray(graph[index].data, np.float32), moment]
    if not chosen:
        return rounded
    matrices: dict[int, tuple[Array, QuantParams]] = {}
    vectors: dict[int, Floats] = {}
    for (op, first, position, bias), whole in zip(chosen, compute(_NAME, {}, arrays, b""), strict=True):
        index = op.inputs[position]
        real = np.asarray(graph[index].data, np.float32)
        _, quant = params.quantize_constant(real)
        matrices[index] = whole, quant
        if bias != ABSENT:
            error = real - params.dequantize(whole, quant)
            before = vectors[bias] if bias in vectors else np.asarray(graph[bias].data, np.float32)
            vectors[bias] = (before + error @ means[op.outputs[0], first]).astype(np.float32)
    return replace(rounded, matrices=matrices, vectors=vectors)


def work(_plan: dict[str, Any], arrays: Sequence[Array], _model: bytes) -> list[Array]:
    """The child's part: of each matrix and the covariance that goes with it, the matrix's integers."""
    found: list[Array] = []
    for real, covariance in zip(arrays[::2], arrays[1::2], strict=True):
        values = np.asarray(real, np.float32)
        _, quant = params.quantize_constant(values)
        scales = np.full((1, len(values)), quant.scale, np.float32)
        whole = round_weights(values[None], scales, np.asarray(covariance, np.float32), _SHRINK)
        found.append(whole[0].astype(np.int8))
    return found


def _bias(op: Operator, position: int) -> int:
    """The bias that takes the mean error of a matrix; ABSENT where none can."""
    if op.opcode != LSTM or (position < 16 and len(op.inputs) > _NORMALIZED):
        return ABSENT
    return op.inputs[_BIASES[position]]
