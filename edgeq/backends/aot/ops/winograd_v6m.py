"""Winograd's convolution where a product of words is one word; the rest is winograd.py's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import V6M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize, requantize_v6m
from edgeq.backends.aot.ops.mac import Ints
from edgeq.backends.aot.ops.requantize_v6m import Rows
from edgeq.backends.aot.ops.winograd import POSITIONS, SHIFTED, TILES, Winograd, at_positions
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
    """One for each number of blocks, and one of stored filters where flash is there, where its sums fit."""
    if not V6M.fits(target) or not layer.can_do:
        return
    demand = layer.layer.demand(layer.weights, layer.rounding)
    reach = max(-int(demand.low.min()), int(demand.high.max()))
    rows = requantize_v6m.plan(demand, np.zeros(len(layer.weights), np.int64))
    bias = mac.folded_bias(layer.weights, layer.layer) - SHIFTED * layer.weights.sum(axis=1)
    if rows is None or reach + int(np.abs(bias).max()) >= 2**25:  # 64 times a sum fits a word
        return
    kernel = mac.kernel("conv_winograd", V6M, rows.form)
    for blocks, stored in _forms(layer, target):
        carry, scratch = _carry(layer, blocks), _scratch(layer, blocks, stored=stored)
        work = costs.winograd(layer.geometry, len(layer.weights), blocks, stored=stored)
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
            stored=stored,
        )
        yield Candidate(kernel, V6M, cost, scratch, make, _CODE)


def _forms(layer: Winograd, target: Target) -> Iterator[tuple[int, bool]]:
    """Blocks, and whether filters are stored transformed: then more blocks gain nothing but whole rows."""
    tiles = costs.tiles(layer.geometry.output_height) * costs.tiles(layer.geometry.output_width)
    all_blocks = [
        one
        for one in _BLOCKS
        if one == 1 or (TILES * one // 2 < tiles and _scratch(layer, one, stored=False) <= _MOST)
    ]
    yield from ((one, False) for one in all_blocks)
    if target.stored:
        yield next((one for one in all_blocks if _carry(layer, one)), 1), True


def _carry(layer: Winograd, blocks: int) -> int:
    return layer.carry(TILES * blocks, costs.tiles(layer.geometry.output_width))


def _scratch(layer: Winograd, blocks: int, *, stored: bool) -> int:
    """As edgeq_winograd_scratch says beside the kernel."""
    inputs = layer.geometry.input_channels
    filters = 0 if stored else POSITIONS // 2 * inputs
    return 4 * (filters + POSITIONS * TILES * (inputs * blocks + 1)) + _carry(layer, blocks)


def _transformed(weights: Ints) -> npt.NDArray[np.int8]:
    """[output channels, 9 * input channels] filters at their positions, as kernels make them in scratch."""
    fours = at_positions(weights).reshape(len(weights), POSITIONS, -1, 2, 2)  # inputs: fours, lane, half
    return np.ascontiguousarray(fours.swapaxes(3, 4)).astype("<i2").reshape(-1).view(np.int8)


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
    stored: bool,
) -> Step:
    nothing = requantize.Requantization(requantize.INT8, rows.form, rows.table, np.zeros(len(bias), np.int64))
    step = layer.step(
        graph, index, kernel=kernel, blocks=blocks, carry=carry, scratch=scratch, requantization=nothing
    )
    weights = next(constant for constant in step.constants if constant.suffix == "weights")
    if stored:
        order = "int16 [output channel][position][input channel], of four inputs 0, 2, 1, 3"
        weights = Constant("weights", "int8_t", _transformed(layer.weights), order)
    biases = Constant(
        "bias",
        "int32_t",
        (bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
        "the input's zero point folded in, for inputs of 0 to 255",
    )
    return replace(
        step,
        params={**step.params, "stored": int(stored)},
        constants=(weights, biases, rows.constant),
        code=_CODE,
    )
