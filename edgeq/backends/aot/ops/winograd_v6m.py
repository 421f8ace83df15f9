"""Winograd's convolution where a product of words is one word; the rest is winograd.py's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from edgeq.backends.aot.families import V6M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize, requantize_v6m
from edgeq.backends.aot.ops.mac import Ints
from edgeq.backends.aot.ops.requantize_v6m import Rows
from edgeq.backends.aot.ops.winograd import POSITIONS, SHIFTED, TILES, Winograd
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_BLOCKS = (1, 2, 4)
"""Whose inputs are transformed before a filter is."""
_MOST = 48 * 1024
"""Bytes of scratch beyond which more blocks are not worth it."""
_CODE = 3000
"""Bytes of the kernel, about."""


def candidates(layer: Winograd, graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
    """One for each number of blocks, where its sums fit."""
    if not V6M.fits(target) or not layer.can_do:
        return
    demand = layer.layer.demand(layer.weights, layer.rounding)
    reach = max(-int(demand.low.min()), int(demand.high.max()))
    rows = requantize_v6m.plan(demand, np.zeros(len(layer.weights), np.int64))
    bias = mac.folded_bias(layer.weights, layer.layer) - SHIFTED * layer.weights.sum(axis=1)
    if rows is None or reach + int(np.abs(bias).max()) >= 2**25:  # 64 times a sum fits a word
        return
    kernel = mac.kernel("conv_winograd", V6M, rows.form)
    across = costs.tiles(layer.geometry.output_width)
    for blocks in _BLOCKS:
        if blocks > 1 and TILES * blocks // 2 >= costs.tiles(layer.geometry.output_height) * across:
            break  # the one before holds all tiles
        carry = layer.carry(TILES * blocks, across)
        inputs = layer.geometry.input_channels
        scratch = 4 * (POSITIONS // 2 * inputs + POSITIONS * TILES * (inputs * blocks + 1)) + carry
        if blocks > 1 and scratch > _MOST:
            break
        work = costs.winograd(layer.geometry, len(layer.weights), blocks)
        cost = costs.instructions(work, V6M, rows.form, target)
        make = partial(
            _step,
            layer,
            graph,
            index,
            kernel=kernel,
            rows=rows,
            bias=bias,
            blocks=blocks,
            carry=carry,
            scratch=scratch,
        )
        yield Candidate(kernel, V6M, cost, scratch, make, _CODE)


def _step(
    layer: Winograd,
    graph: Graph,
    index: int,
    *,
    kernel: str,
    rows: Rows,
    bias: Ints,
    blocks: int,
    carry: int,
    scratch: int,
) -> Step:
    nothing = requantize.Requantization("fast", rows.table, np.zeros(len(bias), np.int64), (-128, 127))
    step = layer.step(
        graph, index, kernel=kernel, blocks=blocks, carry=carry, scratch=scratch, requantization=nothing
    )
    weights = next(constant for constant in step.constants if constant.suffix == "weights")
    biases = Constant(
        "bias",
        "int32_t",
        (bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
        "the input's zero point folded in, for inputs of 0 to 255",
    )
    return replace(step, constants=(weights, biases, rows.constant), code=_CODE)
