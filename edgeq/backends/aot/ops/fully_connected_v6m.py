"""Fully connected layers where a product of words is one word: a row as words, four weights in a word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from edgeq.backends.aot.families import V6M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, costs_v6m, mac, requantize_v6m
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_v6m import Rows
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_CHANNELS = 8
"""At once, padded with zeros."""
_UNSIGNED = 128
"""What is added to a weight, so that four are bytes of a word."""
_REACH = 126 << 16
"""A span's sums of products, at most: digits of a byte tell what their halves of a word lack."""
_CODE = 1000
"""Bytes of the kernel, about."""


def candidates(
    graph: Graph, index: int, target: Target, *, layer: Layer, rounding: Rounding, title: str
) -> Iterator[Candidate]:
    """The kernel, where there is one for the layer's numbers."""
    if not V6M.fits(target):
        return
    channels, inputs = layer.weights.shape
    demand = layer.demand(layer.weights, rounding)
    none = np.zeros(channels, np.int64)
    shared = None if layer.per_channel else requantize_v6m.plan(demand.joined(), none[:1])
    rows = shared or requantize_v6m.plan(demand, none)
    if rows is None:
        return
    count = graph[graph.operators[index].inputs[0]].elements // inputs
    kernel = mac.kernel("fully_connected", V6M, rows.form)
    span = _span(layer.weights)
    work = costs_v6m.fully_connected(count, inputs, channels, span)
    cost = costs.instructions(work, V6M, rows.form, target)
    depth = mac.round_up(inputs, 4)
    scratch = 4 * (depth - (-depth // span))
    make = partial(
        _step, graph, index, layer, rows, kernel=kernel, count=count, span=span, scratch=scratch, title=title
    )
    yield Candidate(kernel, V6M, cost, scratch, make, _CODE)


def _span(weights: Ints) -> int:
    """Inputs, a multiple of four, of which no channel's sum reaches too far."""
    inputs = int(weights.shape[1])
    span = mac.round_up(inputs, 4)
    while 128 * np.add.reduceat(np.abs(weights), np.arange(0, inputs, span), axis=1).max() > _REACH:
        span = mac.round_up(span // 2, 4)
    return span


def _step(
    graph: Graph,
    index: int,
    layer: Layer,
    rows: Rows,
    *,
    kernel: str,
    count: int,
    span: int,
    scratch: int,
    title: str,
) -> Step:
    channels, inputs = layer.weights.shape
    depth = mac.round_up(inputs, 4)
    eights = mac.round_up(channels, _CHANNELS)
    weights = np.pad(layer.weights + _UNSIGNED, ((0, eights - channels), (0, depth - inputs)))
    words = np.ascontiguousarray(weights.reshape(-1, _CHANNELS, depth).transpose(0, 2, 1).astype(np.uint8))
    bias = np.pad(mac.folded_bias(layer.weights, layer), (0, eights - channels))
    op = graph.operators[index]
    return Step(
        operator=index,
        title=title,
        kernel=kernel,
        params_type="edgeq_fully_connected_v6m_params",
        params={
            "weights": "weights",
            "bias": "bias",
            "requant": "requant",
            "rows": count,
            "input_depth": inputs,
            "depth": depth,
            "span": span,
            "output_channels": channels,
            "requant_stride": rows.table.shape[1] if len(rows.table) > 1 else 0,
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=(
            Constant("weights", "uint32_t", words.reshape(-1).view("<u4"), "four a word, each 128 more"),
            Constant(
                "bias",
                "int32_t",
                (bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
                "input zero point folded in",
            ),
            rows.constant,
        ),
        scratch=scratch,
        macs=count * channels * inputs,
        code=_CODE,
    )
