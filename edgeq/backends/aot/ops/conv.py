"""CONV_2D."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from edgeq.backends.aot.families import DSP, PLAIN, Family
from edgeq.backends.aot.kernels import Candidate, choose
from edgeq.backends.aot.ops import (
    conv_mve,
    conv_v6m,
    conv_v7m,
    costs,
    mac,
    mixing,
    requantize,
    rows_of_products,
    wide,
    winograd_v6m,
)
from edgeq.backends.aot.ops.channels import Channels
from edgeq.backends.aot.ops.conv_halfwords import HalfwordConvolution
from edgeq.backends.aot.ops.conv_sums import SummedConvolution
from edgeq.backends.aot.ops.geometry import Geometry, by_batch, has_rows, read_geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Demand, Form, Requantization, Rounding
from edgeq.backends.aot.ops.requantize_exact import exact
from edgeq.backends.aot.ops.winograd import Winograd
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, DILATIONS, RECTIFIERS, STRIDES, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_ROUNDING: Rounding = "double"
_TOGETHER = 4
"""Pixels that the kernels for the DSP extension take together."""


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One call of a convolution kernel.

    Args:
        graph: an int8 graph.
        index: the operator's.
        target: what it is for; both oracles round a convolution doubly.

    Raises:
        ModelError: where it is not int8, or its channels do not divide into groups.
    """
    step = choose(candidates(graph, index, target), target).step
    return (by_batch(graph, index, step),)


def candidates(graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
    """The kernels that can do it; as :func:`lower`."""
    layer = mac.read_layer(graph, index, channel_axis=0)
    geometry = read_geometry(graph, index)
    groups = _groups(graph, index, geometry, layer)
    grouped = f", {groups} groups" if groups > 1 else ""
    convolution = Convolution(
        layer=layer,
        geometry=geometry,
        weights=layer.weights.reshape(len(layer.bias), -1),
        groups=groups,
        rounding=_ROUNDING,
        title=f"CONV_2D {geometry.text}{grouped}{mac.activation_text(layer.activation)}",
    )
    return convolution.candidates(graph, index, target)


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution, also where the model calls it otherwise.

    Attributes:
        layer: the operator's tensors.
        geometry: where its windows lie.
        weights: int64 [output channels, inputs of a group].
        groups: into which the input's and the output's channels are divided.
        rounding: of the requantization.
        title: of the step.
    """

    layer: Layer
    geometry: Geometry
    weights: Ints
    groups: int
    rounding: Rounding
    title: str

    def candidates(self, graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
        """The kernels of convolutions, for an operator; one alone where weights do not fit int8."""
        if self.layer.is_wide:
            yield wide.candidate(
                graph,
                index,
                self.layer,
                self.geometry,
                self.weights,
                rounding=self.rounding,
                groups=self.groups,
                title=self.title,
            )
            return
        vectors = conv_mve.VectorConvolution(self.layer, self.geometry, self.weights, self.groups, self.title)
        yield from vectors.candidates(graph, index, target, self.rounding)
        packed = conv_v6m.PackedConvolution(self.layer, self.geometry, self.weights, self.groups, self.title)
        yield from packed.candidates(graph, index, target, self.rounding)
        demand = self.layer.demand(self.weights, self.rounding)
        combine = all(mac.can_combine(weights) for weights in self._by_group())
        affine = requantize.affine(demand) if combine else None
        bounded = affine is not None and affine.is_bounded
        for family in (PLAIN, DSP):
            scratch = self._scratch(family)
            shared = (f"edgeq_gather_{family.name}.c", *(("edgeq_conv_dsp.c",) if family is DSP else ()))
            for form in requantize.forms(affine):
                kernel = mac.kernel("conv", family, form)
                make = partial(
                    self._step,
                    graph,
                    index,
                    family,
                    sources=(f"{kernel}.c", *shared),
                    affine=None if form == "exact" else affine,
                    form=form,
                    kernel=kernel,
                    scratch=scratch,
                )
                work = costs.conv(
                    self.geometry, len(self.weights), self.weights.shape[1], self.groups, family
                )
                instructions = costs.instructions(work, family, form, target, bounded=bounded)
                rows = 0 if has_rows(graph, index) else None
                usual = Candidate(kernel, family, instructions, scratch, make, rows=rows)
                yield usual
                if family is DSP and self.groups == 1 and form == requantize.forms(affine)[0]:
                    yield from self._of_halfwords(demand, usual).candidates(work, target)
                    if self._has_blocks:
                        summed = SummedConvolution(self.geometry, self.weights, form, usual)
                        yield from summed.candidates(work, target, bounded=bounded)
                    yield from self._by_rows(graph, index, target)
        words = conv_v7m.WordConvolution(
            self.layer, self.geometry, self.weights, self.groups, self.rounding, self.title
        )
        yield from words.candidates(graph, index, target)
        by_tiles = Winograd(self.layer, self.geometry, self.weights, self.rounding, self.title)
        yield from by_tiles.candidates(graph, index, target)
        yield from winograd_v6m.candidates(by_tiles, graph, index, target)

    @property
    def _has_blocks(self) -> bool:
        """Whether pixels enough share each weight that is loaded."""
        return self.geometry.output_height * self.geometry.output_width >= _TOGETHER

    def _of_halfwords(self, demand: Demand, usual: Candidate) -> HalfwordConvolution:
        bias = mac.folded_bias(self.weights, self.layer)
        return HalfwordConvolution(demand, self._gathered(DSP)[0], bias, usual, not self._has_blocks)

    def _by_rows(self, graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
        """As a fully connected layer, where pixels are rows: where the network has its kernel for others."""
        geometry = self.geometry
        if not geometry.is_pointwise or geometry.joined.input_width != geometry.joined.output_width:
            return
        layer = replace(self.layer, weights=self.weights)
        affine = rows_of_products.affine(layer, self.rounding)
        if affine is not None:
            yield rows_of_products.candidate(
                graph,
                index,
                target,
                layer=layer,
                affine=affine,
                family=DSP,
                form=affine.form,
                title=self.title,
                borrowed=True,
            )

    def _by_group(self) -> Ints:
        channels, inputs = self.weights.shape
        return self.weights.reshape(self.groups, channels // self.groups, inputs)

    def _scratch(self, family: Family) -> int:
        """As edgeq_conv_plain_scratch and edgeq_conv_dsp_scratch say beside the kernels."""
        inputs = self.weights.shape[1]
        depth = mac.round_up(inputs, 4)
        direct = self.geometry.is_pointwise and inputs % 4 == 0
        if family is PLAIN:
            return 0 if direct else depth
        return 8 * depth + (0 if direct else depth + 4)

    def _gathered(self, family: Family) -> Ints:
        """The weights by group, their inputs in the order in which a family's kernels read them.

        With the DSP extension that is the words of every row of the window, then what is left of each row.
        """
        weights = self._by_group()
        if family is PLAIN:
            return weights
        rows = self.geometry.kernel_height
        inputs = np.arange(weights.shape[2]).reshape(rows, -1)
        whole = inputs.shape[1] // 4 * 4
        return weights[:, :, np.concatenate([inputs[:, :whole].reshape(-1), inputs[:, whole:].reshape(-1)])]

    def _step(
        self,
        graph: Graph,
        index: int,
        family: Family,
        *,
        kernel: str,
        sources: tuple[str, ...],
        scratch: int,
        affine: Requantization | None,
        form: Form,
    ) -> Step:
        layer, geometry, groups = self.layer, self.geometry, self.groups
        channels, inputs = self.weights.shape
        requantization = affine or exact(layer.demand(self.weights, self.rounding))
        combined = affine is not None
        bias = mac.folded_bias(self.weights, layer) - requantization.base
        group_channels = geometry.input_channels // groups
        op = graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_conv_params",
            params={
                "weights": "weights",
                "bias": "bias",
                "requant": "requant",
                **geometry.params,
                "output_channels": channels,
                "groups": groups,
                "group_channels": group_channels,
                "row_bytes": geometry.kernel_width * group_channels,
                "contiguous": int(groups == geometry.dilation_height == geometry.dilation_width == 1),
                "depth": mac.round_up(inputs, 4),
                "input_zero_point": layer.input_zero_point,
                "output_zero_point": layer.output_zero_point,
                "output_min": requantization.limits[0],
                "output_max": requantization.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=sources,
            constants=(
                *mac.pair_constants(self._gathered(family), bias.reshape(groups, -1), combined=combined),
                mac.requant_constant(requantization, form),
            ),
            scratch=scratch,
            macs=geometry.output_height * geometry.output_width * channels * inputs,
            rows=geometry.rows if has_rows(graph, index) else None,
            block=geometry.blocks(_TOGETHER) if family is DSP and groups == 1 else None,
        )


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    layer = mac.read_layer(graph, index, channel_axis=0)
    geometry = read_geometry(graph, index)
    if layer.is_wide or _groups(graph, index, geometry, layer) > 1:
        return None
    taps = geometry.kernel_height * geometry.kernel_width
    return mixing.of(graph, index, layer, taps, at_edges=geometry.overhangs, rounding=_ROUNDING)


def _groups(graph: Graph, index: int, geometry: Geometry, layer: Layer) -> int:
    per_group = int(layer.weights.shape[3])
    if per_group == 0 or geometry.input_channels % per_group:
        raise ModelError(
            f"{graph.describe(index)}: {geometry.input_channels} input channels do not divide into groups "
            f"of {per_group}",
            "the weights' last dimension must divide the input's channels",
        )
    groups = geometry.input_channels // per_group
    if len(layer.bias) % groups:
        raise ModelError(
            f"{graph.describe(index)}: {len(layer.bias)} output channels do not divide into {groups} groups",
            "the number of filters must be a multiple of the number of groups",
        )
    return groups


OPERATORS = (
    Op(
        "CONV_2D",
        Support(
            8,
            (Operand("input"), WEIGHTS, BIAS),
            shapes.conv,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            positive=STRIDES + DILATIONS,
        ),
        lower,
        "groups and dilation; [kernels.md](kernels.md)",
        channels=_channels,
        candidates=candidates,
        unsigned=True,
    ),
)
