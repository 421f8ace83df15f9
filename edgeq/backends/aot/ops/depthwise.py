"""DEPTHWISE_CONV_2D."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.families import DSP, PLAIN, V7M, Family
from edgeq.backends.aot.kernels import Candidate, choose
from edgeq.backends.aot.ops import conv, costs, depthwise_mve, depthwise_v6m, mac, requantize, wide
from edgeq.backends.aot.ops.channels import Channels, Channelwise, Ranges
from edgeq.backends.aot.ops.geometry import Geometry, by_batch, read_geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Form, Requantization, Rounding
from edgeq.backends.aot.ops.requantize_exact import exact
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, DILATIONS, RECTIFIERS, STRIDES, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import ABSENT, Graph

_ROUNDING: Rounding = "double"
_BAND_BYTES = 2048
"""Of scratch for the padded rows of the 3x3 form; a small plane is taken whole."""
_LEAST_ROWS = 32
"""Padded rows of one channel that a core without the DSP extension takes together, however wide they are."""
_LEAST_ROWS_DSP = 2
"""Output rows that one with it makes together."""
_LANES = 4
"""Channels that the 3x3 form widens together, on cores with the DSP extension."""
_POINTER = 8
"""Bytes of a pointer, on the widest machine that runs the generated code."""


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One call of a depthwise kernel; with a single input channel, a convolution's, which it then is.

    Args:
        graph: an int8 graph.
        index: the operator's.
        target: what it is for; both oracles round a convolution doubly.

    Raises:
        ModelError: where it is not int8, or its channels disagree.
    """
    step = choose(candidates(graph, index, target), target).step
    return (by_batch(graph, index, step),)


def candidates(graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
    """The kernels that can do it; as :func:`lower`."""
    layer, geometry = _read_layer(graph, index), read_geometry(graph, index)
    channels = len(layer.bias)
    weights = layer.weights.reshape(-1, channels).T
    title = f"DEPTHWISE_CONV_2D {geometry.text}{mac.activation_text(layer.activation)}"
    if layer.is_wide:
        groups = geometry.input_channels
        yield wide.candidate(
            graph, index, layer, geometry, weights, rounding=_ROUNDING, groups=groups, title=title
        )
        return
    if geometry.input_channels == 1:
        convolution = conv.Convolution(layer, geometry, weights, 1, _ROUNDING, title)
        yield from convolution.candidates(graph, index, target)
        return
    yield from depthwise_mve.VectorDepthwise(layer, geometry, weights, title).candidates(graph, index, target)
    if _is_3x3(geometry):
        planes = depthwise_v6m.PlaneDepthwise(layer, geometry, weights, title)
        yield from planes.candidates(graph, index, target, _ROUNDING)
    affine = requantize.affine(layer.demand(weights, _ROUNDING))
    depthwise = _Depthwise(layer, geometry, weights, affine, title)
    for family in (PLAIN, V7M, DSP):
        if affine is not None and _is_3x3(geometry):
            yield from depthwise.candidates_3x3(graph, index, family, target)
        elif family is not V7M:
            yield depthwise.candidate(graph, index, family, target)


def _read_layer(graph: Graph, index: int) -> Layer:
    layer = mac.read_layer(graph, index, channel_axis=3)
    source, output = (
        graph[t].shape[-1] for t in (graph.operators[index].inputs[0], graph.operators[index].outputs[0])
    )
    channels = len(layer.bias)
    if channels % source or output != channels:
        raise ModelError(
            f"{graph.describe(index)}: {channels} filters for {source} input channels",
            "a depthwise convolution has a whole number of filters a channel",
        )
    return layer


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    op, layer, geometry = graph.operators[index], _read_layer(graph, index), read_geometry(graph, index)
    channels = len(layer.bias)
    weights = layer.weights.reshape(-1, channels).T
    if layer.is_wide:
        return None

    def ranges(inputs: Mapping[int, Ranges]) -> Ranges:
        each = inputs[op.inputs[0]]
        each = Ranges(each.low[:, None], each.high[:, None])
        return Ranges(
            *requantize.outputs(layer.demand(weights, _ROUNDING, each, at_edges=geometry.overhangs))
        )

    sources = np.arange(channels) // (channels // geometry.input_channels)
    operands = {place: graph[t] for place, t in enumerate(op.inputs) if place > 0 and t != ABSENT}
    return Channelwise({op.inputs[0]: sources}, ranges, operands)


@dataclass(frozen=True, eq=False)
class _Depthwise:
    """A depthwise convolution: weights int64 [channels, taps]; its requantization, if it is an affine one."""

    layer: Layer
    geometry: Geometry
    weights: Ints
    affine: Requantization | None
    title: str

    @property
    def _is_bounded(self) -> bool:
        return self.affine is not None and self.affine.is_bounded

    def candidates_3x3(self, graph: Graph, index: int, family: Family, target: Target) -> Iterator[Candidate]:
        """The kernels for windows of 3x3, equal strides of 1 or 2 and no dilation.

        On cores that have more than plain kernels along the longer side; with the DSP extension, with more
        scratch, rows are filled in less often.
        """
        for band in dict.fromkeys(_bands(self.geometry, family)):
            for form in requantize.forms(self.affine)[:-1]:  # the exact form is the other kernel's alone
                kernel = mac.kernel("depthwise_3x3", family, form)
                packed = partial(_pack_3x3, self.weights, transposed=band.transposed)
                make = partial(
                    self._step,
                    graph,
                    index,
                    kernel=kernel,
                    family=family,
                    form=form,
                    band=band,
                    packed=packed,
                )
                work = costs.depthwise_3x3(
                    self.geometry.transposed if band.transposed else self.geometry,
                    len(self.weights),
                    family,
                    form,
                    band.rows,
                )
                instructions = costs.instructions(work, family, form, target, bounded=self._is_bounded)
                yield Candidate(
                    kernel,
                    family,
                    instructions,
                    band.scratch,
                    make,
                    rows=None if band.transposed else band.rows,
                )

    def candidate(self, graph: Graph, index: int, family: Family, target: Target) -> Candidate:
        """The kernel for any shape; in its affine form it always corrects by the sign."""
        geometry = self.geometry
        taps = geometry.kernel_height * geometry.kernel_width
        scratch = taps * _POINTER + mac.round_up(geometry.input_channels, 4)
        form: Form = "exact" if self.affine is None else "signed"
        kernel = mac.kernel("depthwise", family, "exact" if self.affine is None else "fast")
        packed = partial(_pack, self.weights)
        band = _Band(0, 0, scratch)
        make = partial(
            self._step, graph, index, kernel=kernel, family=family, form=form, band=band, packed=packed
        )
        work = costs.depthwise(geometry, len(self.weights), family)
        instructions = costs.instructions(work, family, form, target, bounded=self._is_bounded)
        return Candidate(kernel, family, instructions, scratch, make, rows=0)

    def _step(
        self,
        graph: Graph,
        index: int,
        *,
        kernel: str,
        family: Family,
        form: Form,
        band: _Band,
        packed: Callable[[], Constant],
    ) -> Step:
        layer, weights = self.layer, self.weights
        geometry = self.geometry.transposed if band.transposed else self.geometry
        requantization = self.affine or exact(layer.demand(weights, _ROUNDING))
        bias = mac.folded_bias(weights, layer) - requantization.base
        op = graph.operators[index]
        sources: tuple[str, ...] = (f"{kernel}.c",)
        if band.rows and family is DSP:
            sources = (*sources, f"edgeq_gather_pairs_{family.name}.c")
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_depthwise_params",
            params={
                "weights": "weights",
                "bias": "bias",
                "requant": "requant",
                **geometry.params,
                "multiplier": len(weights) // geometry.input_channels,
                "band": band.rows,
                "columns": band.columns,
                "transposed": int(band.transposed),
                "input_zero_point": layer.input_zero_point,
                "output_zero_point": layer.output_zero_point,
                "output_min": requantization.limits[0],
                "output_max": requantization.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(
                f"{kernel}.c",
                *((f"edgeq_gather_pairs_{family.name}.c",) if band.rows and family is DSP else ()),
            ),
            constants=(
                packed(),
                Constant(
                    "bias",
                    "int32_t",
                    (bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
                    "input zero point folded in",
                ),
                mac.requant_constant(requantization, form),
            ),
            scratch=band.scratch,
            macs=geometry.output_height * geometry.output_width * weights.size,
            rows=None if band.transposed else geometry.rows,
            planes=band.rows if family is DSP and len(weights) == geometry.input_channels else 0,
        )


def _is_3x3(geometry: Geometry) -> bool:
    strides = (geometry.stride_height, geometry.stride_width)
    return (
        (geometry.kernel_height, geometry.kernel_width) == (3, 3)
        and strides in ((1, 1), (2, 2))
        and (geometry.dilation_height, geometry.dilation_width) == (1, 1)
    )


@dataclass(frozen=True)
class _Band:
    """What the 3x3 form computes from one filling of its scratch: output rows; columns; bytes of scratch.

    ``transposed`` where its rows are the columns of the tensors.
    """

    rows: int
    columns: int
    scratch: int
    transposed: bool = False


def _bands(geometry: Geometry, family: Family) -> Iterator[_Band]:
    """The bands to choose from; their scratch as edgeq_depthwise_3x3_*_scratch say beside the kernels."""
    if family is PLAIN:  # bytes of one channel
        stride = geometry.stride_width
        columns = _padded(geometry.output_width, stride)
        padded = max(_BAND_BYTES // columns, _LEAST_ROWS)
        rows = min((padded - 3) // stride + 1, geometry.output_height)
        yield _Band(rows, columns, mac.round_up(((rows - 1) * stride + 3) * columns, 4))
        return
    transposed = geometry.output_height > geometry.output_width
    if family is V7M:  # halfwords of one channel
        turned = geometry.transposed if transposed else geometry
        stride = turned.stride_width
        columns = (turned.output_width - 1) * stride + 3
        padded = max(_BAND_BYTES // (2 * columns), _LEAST_ROWS)
        rows = min((padded - 3) // stride + 1, turned.output_height)
        yield _Band(rows, columns, mac.round_up(2 * ((rows - 1) * stride + 3) * columns, 4), transposed)
        return
    for most in (_BAND_BYTES, 4 * _BAND_BYTES):
        yield _band(geometry.transposed if transposed else geometry, most, transposed=transposed)
    for rows in (4, _LEAST_ROWS_DSP):
        yield _of_rows(geometry, rows)


def _padded(outputs: int, stride: int) -> int:
    return (mac.round_up(outputs, 2) - 1) * stride + 3


def _band(geometry: Geometry, most: int, *, transposed: bool) -> _Band:
    columns = _padded(geometry.output_width, geometry.stride_width)
    pair_bytes = columns * 4 * _LANES  # a word is a column of two padded input rows
    per_pair = 2 // geometry.stride_width
    pairs = min(most // pair_bytes, mac.round_up(geometry.output_height, 2) // per_pair + 1)
    rows = max(_LEAST_ROWS_DSP, (pairs - 1) * per_pair // 2 * 2)
    return _Band(rows, columns, (rows // per_pair + 1) * pair_bytes, transposed)


def _of_rows(geometry: Geometry, rows: int) -> _Band:
    columns = _padded(geometry.output_width, geometry.stride_width)
    rows = min(rows, mac.round_up(geometry.output_height, 2))
    pairs = rows * geometry.stride_width // 2 + 1
    return _Band(rows, columns, pairs * columns * 4 * _LANES)


def _pack_3x3(weights: Ints, *, transposed: bool) -> Constant:
    """[channels, 9] weights as [channels][column] of rows 0, 1, 1, 2.

    Of such a word the even bytes are rows (0, 1), the odd ones rows (1, 2), each a factor of a dual product.
    """
    windows: Ints = weights.reshape(-1, 3, 3)
    columns = windows if transposed else windows.transpose(0, 2, 1)
    packed = columns[:, :, (0, 1, 1, 2)].astype(np.int8).reshape(-1)
    return Constant("weights", "int8_t", packed, "[channel][column]: rows 0, 1, 1, 2")


def _pack(weights: Ints) -> Constant:
    return Constant("weights", "int8_t", weights.T.astype(np.int8).reshape(-1), "[tap][channel]")


OPERATORS = (
    Op(
        "DEPTHWISE_CONV_2D",
        Support(
            7,
            (Operand("input"), WEIGHTS, BIAS),
            shapes.depthwise,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=3,
            multiplies=True,
            positive=STRIDES + DILATIONS,
        ),
        lower,
        "any multiplier and dilation; [kernels.md](kernels.md)",
        channels=_channels,
        candidates=candidates,
        unsigned=True,
    ),
)
