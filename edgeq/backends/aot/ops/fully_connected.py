"""FULLY_CONNECTED."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from edgeq.backends.aot.families import DSP, PLAIN, Family
from edgeq.backends.aot.kernels import Candidate, choose
from edgeq.backends.aot.ops import (
    conv,
    costs,
    fully_connected_mve,
    fully_connected_v6m,
    fully_connected_v7m,
    mac,
    mixing,
    requantize,
)
from edgeq.backends.aot.ops.channels import Channels
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Layer
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Form, Requantization, Rounding
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Oracle, Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, RECTIFIERS, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_ROUNDINGS: dict[Oracle, Rounding] = {"litert": "real", "tflm": "double"}


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One call of a kernel: a fully connected one, or a 1x1 convolution's, which takes rows as pixels.

    Args:
        graph: an int8 graph.
        index: the operator's.
        target: what it is for; its oracle decides the rounding.

    Raises:
        ModelError: where it is not int8 with constant weights, or its shapes disagree.
    """
    return (choose(candidates(graph, index, target), target).step,)


def candidates(graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
    """The kernels that can do it; as :func:`lower`."""
    op, place = graph.operators[index], graph.describe(index)
    layer = mac.read_layer(graph, index, channel_axis=0)
    if str(op.options.get("weights_format", "DEFAULT")) != "DEFAULT":
        raise ModelError(f"{place}: shuffled weights", "export the model with plain weights")
    channels, depth = layer.weights.shape
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    if depth == 0 or source.elements % depth or output.elements != source.elements // depth * channels:
        raise ModelError(
            f"{place}: {source.elements} inputs and {output.elements} outputs do not fit weights of "
            f"{channels}x{depth}",
            "export the model again with static shapes",
        )
    rows = source.elements // depth
    times = f"{rows} x " if rows > 1 else ""
    title = f"FULLY_CONNECTED {times}{depth} -> {channels}{mac.activation_text(layer.activation)}"
    rounding = _ROUNDINGS[target.oracle]
    if rounding == "real" and not layer.is_wide:
        yield from fully_connected_mve.candidates(graph, index, target, layer=layer, title=title)
    if not layer.is_wide:
        yield from fully_connected_v6m.candidates(
            graph, index, target, layer=layer, rounding=rounding, title=title
        )
    affine = None if layer.is_wide else _affine(layer, rounding)
    if affine is not None:
        bounded = affine.is_bounded
        for family in (PLAIN, DSP):
            scratch = _scratch(family, depth)
            for form in requantize.forms(affine)[:-1]:  # the exact form is the convolution's alone
                kernel = mac.kernel("fully_connected", family, form)
                make = partial(
                    _step,
                    graph,
                    index,
                    layer,
                    affine,
                    family,
                    form=form,
                    kernel=kernel,
                    scratch=scratch,
                    title=title,
                )
                work = costs.fully_connected(rows, depth, channels, family)
                instructions = costs.instructions(work, family, form, target, bounded=bounded)
                yield Candidate(kernel, family, instructions, scratch, make)
        yield from fully_connected_v7m.candidate(
            graph, index, target, layer=layer, affine=affine, title=title
        )
        if depth % 4 == 0:
            form = affine.form
            kernel = mac.kernel("fully_connected_bytes", DSP, form)
            make = partial(
                _step, graph, index, layer, affine, DSP, form=form, kernel=kernel, scratch=0, title=title
            )
            work = costs.fully_connected(rows, depth, channels, DSP, loop="rows of bytes")
            instructions = costs.instructions(work, DSP, form, target, bounded=bounded)
            yield Candidate(kernel, DSP, instructions, 0, make, beside=True)
    pixels = Geometry(1, rows, depth, 1, rows, channels, 1, 1)
    convolution = conv.Convolution(layer, pixels, layer.weights, 1, rounding, title)
    yield from convolution.candidates(graph, index, target)


def _channels(graph: Graph, index: int, target: Target) -> Channels | None:
    layer = mac.read_layer(graph, index, channel_axis=0)
    depth, last = layer.weights.shape[1], graph[graph.operators[index].inputs[0]].shape[-1]
    if layer.is_wide or last == 0 or depth % last:
        return None  # a row is less than a pixel
    return mixing.of(graph, index, layer, depth // last, rounding=_ROUNDINGS[target.oracle])


def _affine(layer: Layer, rounding: Rounding) -> Requantization | None:
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


def _step(
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


OPERATORS = (
    Op(
        "FULLY_CONNECTED",
        Support(
            14,
            (Operand("input"), WEIGHTS, BIAS),
            shapes.fully_connected,
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            fixed=(("weights_format", "DEFAULT"),),
        ),
        lower,
        "[kernels.md](kernels.md)",
        channels=_channels,
        candidates=candidates,
        unsigned=True,
    ),
)
