"""FULLY_CONNECTED."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from edgeq.backends.aot.families import DSP, PLAIN
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
    rows_of_products,
)
from edgeq.backends.aot.ops.channels import Channels
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Rounding
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
    affine = None if layer.is_wide else rows_of_products.affine(layer, rounding)
    if affine is not None:
        bounded = affine.is_bounded
        for family in (PLAIN, DSP):
            for form in requantize.forms(affine)[:-1]:  # the exact form is the convolution's alone
                yield rows_of_products.candidate(
                    graph, index, target, layer=layer, affine=affine, family=family, form=form, title=title
                )
        yield from fully_connected_v7m.candidate(
            graph, index, target, layer=layer, affine=affine, title=title
        )
        if depth % 4 == 0:
            form = affine.form
            kernel = mac.kernel("fully_connected_bytes", DSP, form)
            make = partial(
                rows_of_products.step,
                graph,
                index,
                layer,
                affine,
                DSP,
                form=form,
                kernel=kernel,
                scratch=0,
                title=title,
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
