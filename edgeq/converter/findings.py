"""What calibration shows of a model that limits its int8 form, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from edgeq.converter import params
from edgeq.converter.calibrate import Range
from edgeq.converter.ops import RULES
from edgeq.converter.params import Array, Floats
from edgeq.converter.rounded import Rounded
from edgeq.converter.statistics import Statistics
from edgeq.data import Dataset
from edgeq.graph import ABSENT, DType, Graph, write_model
from edgeq.interpreter import run

OUTLIER = 8.0
"""A channel that spans so many times what half of the channels do not exceed is one."""
POOR_INPUT = 30.0
"""Decibels: below, the input's own quantization is worth a word."""
_FEWEST_CHANNELS = 4
_SHOWN = 3
_BLOCK = 64 << 20
"""Bytes of samples that run at a time."""
_INT32_MAX = 2**31 - 1


def of_channels(
    graph: Graph, seen: Statistics, ranges: Mapping[int, Range], rounded: Rounded
) -> tuple[str, ...]:
    """Channels without life, and channels that set a scale for all others.

    Args:
        graph: the float graph that is quantized.
        seen: its statistics.
        ranges: of every activation.
        rounded: its weights.
    """
    return (*_guarded(graph, rounded), *_dead(graph, seen, ranges), *_outliers(graph, seen))


def _guarded(graph: Graph, rounded: Rounded) -> Iterator[str]:
    widened = total = 0
    for (index, axis), (_, quant) in rounded.weights.items():
        own = params.channel_maxima(np.asarray(graph[index].data, np.float32), axis)
        total += len(own)
        widened += int((own * np.float32(1.001) < quant.scales * np.float32(127)).sum())
    if widened:
        yield (
            f"{widened:,} of {total:,} output channels have all but no weights beside their biases: their "
            "scale was widened, for else the int32 bias would overflow."
        )


def _dead(graph: Graph, seen: Statistics, ranges: Mapping[int, Range]) -> Iterator[str]:
    found: list[tuple[int, int, int]] = []
    for position in seen.columns:
        index = graph.operators[position].outputs[0]
        spread, step = seen.spreads[index], params.activation(*ranges[index]).scale
        span = spread.high.max(axis=0) - spread.low.min(axis=0)
        found.append((int((span < step).sum()), len(span), position))
    dead, total = sum(count for count, _, _ in found), sum(count for _, count, _ in found)
    if dead:
        count, channels, worst = max(found)
        yield (
            f"{dead:,} of {total:,} channels are nearly dead: they stay within one step of int8 for all "
            f"calibration samples, most of them in {graph.describe(worst)} ({count} of {channels})."
        )


def _outliers(graph: Graph, seen: Statistics) -> Iterator[str]:
    found: list[tuple[float, str]] = []
    fixed = _of_fixed_scale(graph)
    for index, spread in seen.spreads.items():
        if index in graph.inputs or index in fixed:
            continue
        told = _outlier(spread.low.min(axis=0), spread.high.max(axis=0), "channel")
        if told is not None:
            found.append((told[0], f"{told[1]} of tensor '{graph[index].name}' {told[2]}"))
    for _, sentence in sorted(found, reverse=True)[:_SHOWN]:
        yield sentence


def _of_fixed_scale(graph: Graph) -> frozenset[int]:
    """What operators make whose scale no channel sets (SOFTMAX)."""
    fixed = (op for op in graph.operators if op.opcode in RULES and RULES[op.opcode].fixed is not None)
    return frozenset(index for op in fixed for index in op.outputs)


def _outlier(low: Floats, high: Floats, what: str) -> tuple[float, str, str] | None:
    """How far the widest of several ranges exceeds the others, which it is, and what to say of it."""
    span = np.maximum(high, 0) - np.minimum(low, 0)
    alive = span[span > 0]
    if len(alive) < _FEWEST_CHANNELS:
        return None
    widest, usual = int(np.argmax(span)), float(np.median(alive))
    times = float(span[widest]) / usual
    if times < OUTLIER:
        return None
    told = (
        f"spans {low[widest]:.4g} to {high[widest]:.4g}, {times:.0f} times as much as the usual {what}: "
        "it sets the scale of all."
    )
    return times, f"{what.capitalize()} {widest}", told


def of_inputs(graph: Graph, data: Dataset, ranges: Mapping[int, Range]) -> tuple[str, ...]:
    """Inputs of which one part spans far beyond the rest, and what quantizing the inputs alone costs."""
    notes = []
    for index, array in zip(graph.inputs, data.x, strict=True):
        if graph[index].dtype is not DType.FLOAT32:
            continue
        for axis in range(1, array.ndim):
            others = tuple(i for i in range(array.ndim) if i != axis)
            low, high = array.min(axis=others), array.max(axis=others)
            told = _outlier(np.asarray(low, np.float32), np.asarray(high, np.float32), "index")
            if told is not None:
                notes.append(f"{told[1]} of axis {axis} of input '{graph[index].name}' {told[2]}")
    noise = input_sqnr(graph, data, ranges)
    if noise < POOR_INPUT:
        notes.append(
            f"With nothing but the input in int8 the logits are at {noise:.1f} dB already, which no "
            "quantizer mends: scale the input's parts alike before the model, and train it so."
        )
    return tuple(notes)


def input_sqnr(graph: Graph, data: Dataset, ranges: Mapping[int, Range]) -> float:
    """The SQNR of the logits in dB when only the model's inputs are quantized; infinite without any error.

    All samples count.
    """
    model = write_model(graph.replace(outputs=logits(graph)))
    signal = noise = 0.0
    block = max(1, _BLOCK * len(data) // sum(array.nbytes for array in data.x))
    for start in range(0, len(data), block):
        real = [array[start : start + block] for array in data.x]
        rounded = [
            _through_int8(graph, index, x, ranges) for index, x in zip(graph.inputs, real, strict=True)
        ]
        both = [np.concatenate(pair) for pair in zip(real, rounded, strict=True)]
        for output in run(model, both, resolver="optimized"):
            exact, found = np.split(output.astype(np.float64), 2)
            signal += float((exact**2).sum())
            noise += float(((exact - found) ** 2).sum())
    if not (noise > 0 and signal > 0):
        return float("inf")
    return float(10 * np.log10(signal / noise))


def _through_int8(graph: Graph, index: int, values: Array, ranges: Mapping[int, Range]) -> Array:
    if graph[index].dtype is not DType.FLOAT32:
        return values
    quant = params.activation(*ranges[index])
    return params.dequantize(params.quantize_at(np.asarray(values, np.float32), quant), quant)


def logits(graph: Graph) -> tuple[int, ...]:
    """The outputs, or what a last operator of fixed scale (SOFTMAX) makes them from, before any QUANTIZE."""
    made = {index: op for op in graph.operators for index in op.outputs}
    found = []
    for index in graph.outputs:
        op = made.get(index)
        while op is not None and op.opcode == "QUANTIZE" and op.inputs[0] in made:
            op = made[op.inputs[0]]
        squashed = op is not None and op.opcode in RULES and RULES[op.opcode].fixed is not None
        found.append(op.inputs[0] if op is not None and squashed else index)
    return tuple(dict.fromkeys(found))


def saturated(graph: Graph) -> tuple[str, ...]:
    """Biases of an integer graph that are at the end of int32."""
    notes = []
    for position, op in enumerate(graph.operators):
        rule = RULES.get(op.opcode)
        if rule is None or rule.bias is None or rule.bias >= len(op.inputs) or op.inputs[rule.bias] == ABSENT:
            continue
        data: npt.NDArray[np.generic] | None = graph[op.inputs[rule.bias]].data
        if data is None or data.dtype != np.int32:
            continue
        ends = int((np.abs(np.asarray(data, np.int64)) >= _INT32_MAX).sum())
        if ends:
            notes.append(
                f"{graph.describe(position)}: {ends} of {data.size} biases do not fit int32 and are cut off."
            )
    return _first(notes)


def _first(notes: Sequence[str]) -> tuple[str, ...]:
    left = len(notes) - _SHOWN
    return (*notes[:_SHOWN], *([f"So it is in {left} operators more."] if left > 0 else []))
