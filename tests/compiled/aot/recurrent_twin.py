"""LiteRT's integer LSTM and SVDF in numpy: what their kernels in C are to compute, step by step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import multiply, quantize_multiplier
from edgeq.graph import ABSENT, Graph

Ints = npt.NDArray[np.int64]
UNIT = np.float32(2.0**-15)


def high_mul(a: Ints, b: Ints | int) -> Ints:
    """The high half of twice a product of int16s, ties upward, saturated."""
    return np.minimum((a * b + (1 << 14)) >> 15, 32767)


def half_away(x: Ints, shift: int) -> Ints:
    """x / 2^shift, ties away from zero."""
    return x if shift == 0 else (x + (1 << (shift - 1)) - (x < 0)) >> shift


def shifted(x: Ints, left: int) -> Ints:
    return np.clip(x << left, -32768, 32767)


def wrapped(x: Ints) -> Ints:
    return (x + 32768) % 65536 - 32768


def exponential(a: Ints, bits: int) -> Ints:
    """exp of what is not above 0, with ``bits`` integer bits, as Q0.15."""
    fraction = 15 - bits
    quarter = 1 << (fraction - 2)
    folded = (a & (quarter - 1)) - quarter
    x = shifted(folded, bits) + (1 << 12)
    x2 = high_mul(x, x)
    x3, x4 = high_mul(x2, x), high_mul(x2, x2)
    inner = half_away(high_mul(half_away(x4, 2) + x3, 10923) + x2, 1)
    result = np.clip(28918 + high_mul(x + inner, 28918), -32768, 32767)
    remainder = folded - a
    factors = {-2: 25520, -1: 19875, 0: 12055, 1: 4435, 2: 600, 3: 11, 4: 0}
    for power, factor in factors.items():
        if bits > power:
            result = np.where(remainder & (1 << (fraction + power)), high_mul(result, factor), result)
    if bits > 5:
        result = np.where(a < -(1 << (20 - bits)), 0, result)
    return np.where(a == 0, 32767, result)


def _newton(a: Ints) -> tuple[Ints, Ints]:
    """1 / ((a + 1) / 2) as Q2.13, for a from 0 to 1 as Q0.15."""
    total = a + 32767
    half = (total + 1) >> 1
    x = 23130 + high_mul(half, -15420)
    for _ in range(3):
        x = wrapped(x + shifted(high_mul(x, 8192 - high_mul(half, x)), 2))
    return x, half


def logistic(a: Ints) -> Ints:
    """Q3.12 to Q0.15."""
    x, _ = _newton(exponential(wrapped(-np.abs(a)), 3))
    positive = shifted(x, 1)
    return np.where(a == 0, 16384, np.where(a > 0, positive, 32767 - positive))


def tanh(a: Ints, bits: int) -> Ints:
    """``bits`` integer bits to Q0.15."""
    x, _ = _newton(exponential(wrapped(-np.abs(a)), bits + 1))
    found = shifted(x - 8192, 2)
    return np.where(a == 0, 0, np.where(a < 0, -found, found))


def lstm(graph: Graph, xs: Ints, begins: npt.NDArray[np.bool_]) -> Ints:
    """The outputs of an LSTM alone in its graph, [n, *shape of its output], in LiteRT's integers."""
    op = graph.operators[0]
    given = {i: graph[t] for i, t in enumerate(op.inputs) if t != ABSENT}
    values = {i: np.asarray(t.data).astype(np.int64) for i, t in given.items() if t.data is not None}
    scale = {i: np.float32(t.quant.scale) for i, t in given.items() if t.quant}
    zero = {i: t.quant.zero_point for i, t in given.items() if t.quant}
    between = graph[op.intermediates[4]].quant
    assert between is not None
    bits = 15 + int(np.log2(scale[19]))
    clip = float(str(op.options["cell_clip"])) / float(scale[19])
    to_state = quantize_multiplier(float(UNIT / np.float32(between.scale) * UNIT))
    time_major = bool(op.options["time_major"])

    def before(gate: int, x: Ints, state: Ints) -> Ints:
        sums = (x - zero[0]) @ values[1 + gate].T + values[12 + gate]
        more = (state - zero[18]) @ values[5 + gate].T
        first = quantize_multiplier(float(scale[1 + gate] * scale[0] / np.float32(2**-12)))
        second = quantize_multiplier(float(scale[5 + gate] * scale[18] / np.float32(2**-12)))
        return np.clip(
            np.clip(multiply(sums, *first), -32768, 32767) + multiply(more, *second), -32768, 32767
        )

    found = []
    state, cell = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for sample, anew in zip(xs.astype(np.int64), begins, strict=True):
        if anew:
            state, cell = np.full(given[18].shape, zero[18]), np.zeros(given[19].shape, np.int64)
        rows = sample.reshape(given[0].shape)
        outputs = []
        for x in rows if time_major else rows.swapaxes(0, 1):
            forget = logistic(before(1, x, state))
            enter = logistic(before(0, x, state)) if 1 in values else 32767 - forget
            added = half_away(enter * tanh(before(2, x, state), 3), 15 + bits)
            cell = np.clip(half_away(forget * cell, 15) + added, -32768, 32767)
            if clip > 0:
                cell = np.clip(cell, -int(min(clip, 32767)), int(min(clip, 32767)))
            product = logistic(before(3, x, state)) * tanh(cell, bits)
            state = np.clip(multiply(product, *to_state) + between.zero_point, -128, 127)
            outputs.append(state)
        y = np.stack(outputs)
        found.append(y if time_major else y.swapaxes(0, 1))
    return np.stack(found)


def svdf(graph: Graph, xs: Ints, begins: npt.NDArray[np.bool_]) -> Ints:
    """The outputs of an SVDF alone in its graph, [n, batch, units]."""
    op = graph.operators[0]
    x, features, times, state, y = (graph[t] for t in (*op.inputs[:3], op.inputs[4], *op.outputs))
    assert x.quant and features.quant and times.quant and state.quant and y.quant
    scales = [np.float32(t.quant.scale) for t in (x, features, times, state, y) if t.quant]
    first = quantize_multiplier(float(scales[1] * scales[0] / scales[3]))
    second = quantize_multiplier(float(scales[3] * scales[2] / scales[4]))
    matrix, weights = (np.asarray(t.data).astype(np.int64) for t in (features, times))
    bias = 0 if op.inputs[3] == ABSENT else np.asarray(graph[op.inputs[3]].data).astype(np.int64)
    rank = int(str(op.options["rank"]))
    found = []
    memory = np.zeros((x.shape[0], *weights.shape), np.int64)
    for sample, anew in zip(xs.astype(np.int64), begins, strict=True):
        if anew:
            memory[:] = 0
        sums = (sample.reshape(x.shape) - x.quant.zero_point) @ matrix.T
        newest = np.clip(multiply(sums, *first), -32768, 32767)
        memory = np.concatenate([memory[:, :, 1:], newest[:, :, None]], axis=2)
        total = (memory * weights).sum(axis=2).reshape(len(memory), -1, rank).sum(axis=2) + bias
        found.append(np.clip(multiply(total, *second) + y.quant.zero_point, -128, 127))
    return np.stack(found)
