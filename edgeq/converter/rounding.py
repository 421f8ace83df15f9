"""Weights and biases of the automatic mode: scales with a guard, GPTQ, the mean error into the bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from edgeq.converter import params
from edgeq.converter.calibrate import Range
from edgeq.converter.gptq import round_weights
from edgeq.converter.ops import RULES
from edgeq.converter.params import Array, Floats
from edgeq.converter.quantize import weight_maxima
from edgeq.converter.rounded import Rounded
from edgeq.converter.rows import Layout
from edgeq.converter.statistics import Columns
from edgeq.graph import ABSENT, Graph, QuantParams, read_model, write_model
from edgeq.interpreter import compute

_NAME = "edgeq.converter.rounding:work"

_SHRINK = 0.1
_RIDGE = 1e-4
"""Shares of the mean diagonal that a covariance gets: of all columns, and of a depthwise channel's few."""
_ROUNDS = 4
Key = tuple[int, int]


def choose_weights(graph: Graph, columns: Mapping[int, Columns], ranges: Mapping[int, Range]) -> Rounded:
    """Round the weights of convolutions and fully connected operators, and correct their biases.

    A bias that was corrected may need wider weights, and other weights another correction, so this goes on
    until no scale changes any more. The guard keeps biases within half of int32; the last correction, which
    may be left, is far smaller than the other half. All this happens in a child process.

    Args:
        graph: a float graph whose operators all have biases.
        columns: what the operators multiply their weights by, by operator position.
        ranges: of every activation.
    """
    plan = {
        "columns": [(position, asdict(found.layout)) for position, found in columns.items()],
        "ranges": list(ranges.items()),
    }
    given = [array for found in columns.values() for array in (found.mean, found.covariance)]
    arrays = iter(compute(_NAME, plan, given, write_model(graph)))
    users = _users(graph, columns)
    weights: dict[Key, tuple[Array, QuantParams]] = {}
    biases: dict[int, Floats] = {}
    for key, positions in users.items():
        whole, scales = next(arrays), np.asarray(next(arrays), np.float32)
        axis = key[1] if len(scales) > 1 else 0
        weights[key] = whole, QuantParams(scales, np.zeros(len(scales), np.int64), axis)
        for position in positions:
            biases[position] = np.asarray(next(arrays), np.float32)
    return Rounded(weights, biases)


def work(plan: dict[str, Any], arrays: Sequence[Array], model: bytes) -> list[Array]:
    """The child's part: the arguments of :func:`choose_weights` as it sends them.

    Returns:
        For each weights tensor its integers, its scales, and the bias of each operator that uses it.
    """
    each = iter(arrays)
    columns = {
        int(position): Columns(Layout(**fields), *(np.asarray(next(each), np.float32) for _ in range(2)))
        for position, fields in plan["columns"]
    }
    ranges = {int(index): (float(low), float(high)) for index, (low, high) in plan["ranges"]}
    graph = read_model(model)
    rounded = _choose(graph, columns, ranges)
    found: list[Array] = []
    for key, positions in _users(graph, columns).items():
        whole, quant = rounded.weights[key]
        found += [whole, quant.scales, *(rounded.biases[position] for position in positions)]
    return found


def _choose(graph: Graph, columns: Mapping[int, Columns], ranges: Mapping[int, Range]) -> Rounded:
    weights: dict[Key, tuple[Array, QuantParams]] = {}
    biases: dict[int, Floats] = {}
    used: dict[Key, Floats] = {}
    users = _users(graph, columns)
    for _ in range(_ROUNDS):
        maxima = weight_maxima(graph, ranges, biases)
        stale = [key for key in users if key not in used or not np.array_equal(used[key], maxima[key])]
        for key in stale:
            used[key] = maxima[key]
            source = graph.operators[users[key][0]].inputs[0]
            filled = params.fill_dead(maxima[key], params.activation(*ranges[source]).scale)
            whole, quant = _rounded(graph, key, filled, [columns[position] for position in users[key]])
            weights[key] = whole, quant
            error = _floats(graph, key[0]) - params.dequantize(whole, quant)
            for position in users[key]:
                biases[position] = _bias(graph, position) + _mean_shift(columns[position], error)
        if not stale:
            break
    return Rounded(weights, biases)


def _users(graph: Graph, columns: Mapping[int, Columns]) -> dict[Key, list[int]]:
    """Operator positions by the weights that they share; without weights that anything else uses too."""
    found: dict[Key, list[int]] = {}
    for position, op in enumerate(graph.operators):
        rule = RULES.get(op.opcode)
        if rule is not None and rule.weights is not None:
            found.setdefault((op.inputs[rule.weights], rule.axis), []).append(position)
    alike = {}
    for key, positions in found.items():
        shapes = {columns[p].covariance.shape if p in columns else () for p in positions}
        if len(shapes) == 1 and () not in shapes:
            alike[key] = positions
    return alike


def _rounded(graph: Graph, key: Key, maxima: Floats, seen: Sequence[Columns]) -> tuple[Array, QuantParams]:
    layout = seen[0].layout
    real = _floats(graph, key[0])
    depthwise = layout.kind == "DEPTHWISE_CONV_2D"
    _, quant = params.quantize_weights(real, maxima, key[1])
    covariance = sum(one.covariance for one in seen[1:]) + seen[0].covariance
    grouped = round_weights(
        np.asarray(layout.weights(real), np.float32),
        np.asarray(layout.outputs(quant.scales), np.float32),
        covariance,
        _RIDGE if depthwise else _SHRINK,
    )
    return layout.back(grouped, real.shape).astype(np.int8), quant


def _mean_shift(seen: Columns, error: Floats) -> Floats:
    """What each output is off by on average, float32 [channels]."""
    grouped = np.asarray(seen.layout.weights(error), np.float64)
    shift = seen.layout.channels(np.einsum("gok,gk->go", grouped, seen.mean.astype(np.float64)))
    return shift.astype(np.float32)


def _bias(graph: Graph, position: int) -> Floats:
    op = graph.operators[position]
    if len(op.inputs) < 3 or op.inputs[2] == ABSENT:
        return np.zeros(graph[op.outputs[0]].shape[-1], np.float32)
    return _floats(graph, op.inputs[2]).reshape(-1)


def _floats(graph: Graph, index: int) -> Floats:
    return np.asarray(graph[index].data, np.float32)
