"""The kernels that go row by row: of fully connected layers, and of pixels that are rows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from edgeq.backends.aot.families import PLAIN, Family
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize
from edgeq.backends.aot.ops.mac import Layer
from edgeq.backends.aot.ops.requantize import Form, Requantization, Rounding
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph


def candidate(
    graph: Graph,
    index: int,
    target: Target,
    *,
    layer: Layer,
    affine: Requantization,
    family: Family,
    form: Form,
    title: str,
    borrowed: bool = False,
) -> Candidate:
    """The kernel of a family, for an operator's rows.

    Args:
        layer: of [channels, inputs] weights.
        affine: what :func:`affine` found for it.
        form: one that can do it, but the exact one.
        borrowed: whether it is taken only where other steps call it anyway.
    """
    channels, inputs = layer.weights.shape
    rows = graph[graph.operators[index].inputs[0]].elements // inputs
    kernel, scratch = mac.kernel("fully_connected", family, form), _scratch(family, inputs)
    make = partial(
        step, graph, index, layer, affine, family, form=form, kernel=kernel, scratch=scratch, title=title
    )
    work = costs.fully_connected(rows, inputs, channels, family)
    instructions = costs.instructions(work, family, form, target, bounded=affine.is_bounded)
    return Candidate(kernel, family, instructions, scratch, make, borrowed=borrowed)


def affine(layer: Layer, rounding: Rounding) -> Requantization | None:
    """One entry for all channels where they have one scale and that is enough."""
    if not mac.can_combine(layer.weights):
        return None
    demand = layer.demand(layer.weights, rounding)
    shared = None if layer.per_channel else requantize.affine(demand.joined())
    return shared or requantize.affine(demand)


def _scratch(family: Family, inputs: int) -> int:
    """As edgeq_fully_connected_plain_scratch and edgeq_fully_connected_dsp_scratch say beside the kernels."""
    depth = mac.round_up(inputs, 4)
    if family is PLAIN:
        return 0 if depth == inputs else depth
    return 2 * depth


def step(
    graph: Graph,
    index: int,
    layer: Layer,
    requantization: Requantization,
    family: Family,
    *,
    form: Form,
    kernel: str,
    scratch: int,
    title: str,
) -> Step:
    """One call of such a kernel."""
    channels, inputs = layer.weights.shape
    depth = mac.round_up(inputs, 4)
    bias = mac.folded_bias(layer.weights, layer) - requantization.base
    rows = graph[graph.operators[index].inputs[0]].elements // inputs
    op = graph.operators[index]
    return Step(
        operator=index,
        title=title,
        kernel=kernel,
        params_type="edgeq_fully_connected_params",
        params={
            "weights": "weights",
            "bias": "bias",
            "requant": "requant",
            "rows": rows,
            "input_depth": inputs,
            "depth": depth,
            "output_channels": channels,
            "requant_stride": mac.requant_stride(requantization, form),
            "output_min": requantization.limits[0],
            "output_max": requantization.limits[1],
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=(
            *(
                mac.pair_constants(layer.weights[None], bias[None], combined=True)
                if family is PLAIN
                else mac.quad_constants(layer.weights, bias)
            ),
            mac.requant_constant(
                requantization if family is PLAIN else _in_fours(requantization),
                form,
                1 if family is PLAIN else 4,
            ),
        ),
        scratch=scratch,
        macs=rows * channels * inputs,
    )


def _in_fours(requantization: Requantization) -> Requantization:
    """The same, where one row is for all channels as four of them."""
    rows = requantization.table
    return requantization if len(rows) > 1 else replace(requantization, table=np.repeat(rows, 4, axis=0))
