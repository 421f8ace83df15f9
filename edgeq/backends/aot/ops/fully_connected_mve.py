"""Fully connected layers on Helium: eight channels, sixteen inputs at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, costs_mve, mac, requantize_mve
from edgeq.backends.aot.ops.mac import Layer
from edgeq.backends.aot.ops.requantize_mve import Lanes
from edgeq.backends.aot.ops.streams import VECTOR, pack, stream
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

EIGHT = 8
"""Channels whose sums go together."""


def candidates(graph: Graph, index: int, target: Target, *, layer: Layer, title: str) -> Iterator[Candidate]:
    """The kernel for a layer that is rounded from the real product, if there is one for its numbers."""
    lanes = requantize_mve.once(layer.demand(layer.weights, "real"), mac.folded_bias(layer.weights, layer))
    if lanes is None:
        return
    channels, inputs = layer.weights.shape
    depth = mac.round_up(inputs, VECTOR)
    kernel = mac.kernel("fully_connected", MVE, lanes.form)
    scratch = 0 if depth == inputs else depth
    rows = graph[graph.operators[index].inputs[0]].elements // inputs
    work = costs_mve.fully_connected(rows, inputs, channels)
    make = partial(_step, graph, index, layer, lanes, kernel=kernel, scratch=scratch, title=title)
    yield Candidate(kernel, MVE, costs.instructions(work, MVE, lanes.form, target), scratch, make)


def _step(
    graph: Graph, index: int, layer: Layer, lanes: Lanes, *, kernel: str, scratch: int, title: str
) -> Step:
    channels, inputs = layer.weights.shape
    op = graph.operators[index]
    rows = graph[op.inputs[0]].elements // inputs
    weights, table = pack(layer.weights, EIGHT), lanes.by(EIGHT)
    return Step(
        operator=index,
        title=title,
        kernel=kernel,
        params_type="edgeq_fully_connected_mve_params",
        params={
            "filters": "filters",
            "rows": rows,
            "input_depth": inputs,
            "depth": mac.round_up(inputs, VECTOR),
            "block": weights[0].nbytes + table[0].nbytes,
            "output_channels": channels,
            "left": lanes.left,
            "right": -lanes.right,
            "middle": lanes.middle,
            "output_min": lanes.limits[0],
            "output_max": lanes.limits[1],
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=(
            Constant(
                "filters",
                "int8_t",
                np.concatenate([stream(*both) for both in zip(weights, table, strict=True)]),
                f"by {EIGHT} channels: weights by {VECTOR} inputs, int32 multiplier, addend (, correction)",
            ),
        ),
        scratch=scratch,
        macs=rows * channels * inputs,
    )
