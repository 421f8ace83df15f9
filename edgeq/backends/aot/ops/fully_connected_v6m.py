"""Fully connected layers where a product of words is one word: a row as words, weights from a pointer on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from edgeq.backends.aot.families import V6M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize_v6m
from edgeq.backends.aot.ops.mac import Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_v6m import Rows
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_UNSIGNED = 128
"""What is added to a weight, so that LDRB takes it."""
_CODE = 900
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
    work = costs.fully_connected_v6m(count, inputs, channels)
    cost = costs.instructions(work, V6M, rows.form, target)
    scratch = 4 * mac.round_up(inputs, 4)
    make = partial(_step, graph, index, layer, rows, kernel=kernel, count=count, scratch=scratch, title=title)
    yield Candidate(kernel, V6M, cost, scratch, make, _CODE)


def _step(
    graph: Graph,
    index: int,
    layer: Layer,
    rows: Rows,
    *,
    kernel: str,
    count: int,
    scratch: int,
    title: str,
) -> Step:
    channels, inputs = layer.weights.shape
    depth = mac.round_up(inputs, 4)
    weights = np.pad(layer.weights + _UNSIGNED, ((0, 0), (0, depth - inputs)))
    bias = mac.folded_bias(layer.weights, layer)
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
            "output_channels": channels,
            "requant_stride": rows.table.shape[1] if len(rows.table) > 1 else 0,
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=(
            Constant("weights", "uint8_t", weights.astype(np.uint8).reshape(-1), "each 128 more than it is"),
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
