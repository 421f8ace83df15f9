"""FULLY_CONNECTED on Armv7-M without the DSP extension: eight channels at once, two of them a product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from edgeq.backends.aot.families import V7M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, segments
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Requantization
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_EIGHT = 8
_SHIFTED = 128
"""What is added to each weight, so that its byte is a number from 0 to 255."""
_STEPS = 16
"""Inputs of the kernel's loop."""
_LONGEST = 255 * _STEPS
"""Inputs of a segment, whose number of loops stands in a byte."""
_UPPER = (2, 3, 6, 7)
"""Channels of eight whose sums are in upper halfwords."""
_MOST = 0xFFFF
"""Inputs, whose number stands in a halfword."""


def candidate(
    graph: Graph, index: int, target: Target, *, layer: Layer, affine: Requantization, title: str
) -> Iterator[Candidate]:
    """The kernel, where the target runs it and there are eight channels.

    Args:
        affine: the layer's requantization, of one entry or of one a channel.
    """
    channels, depth = layer.weights.shape
    if not V7M.fits(target) or channels < _EIGHT or depth > _MOST:
        return
    octets = _Octets.of(layer.weights)
    rows = graph[graph.operators[index].inputs[0]].elements // depth
    kernel = mac.kernel("fully_connected", V7M, affine.form)
    work = costs.fully_connected_v7m(rows, depth, channels, octets.total)
    cost = costs.instructions(work, V7M, affine.form, target, bounded=affine.is_bounded)
    make = partial(_step, graph, index, layer, affine, octets, kernel=kernel, rows=rows, title=title)
    yield Candidate(kernel, V7M, cost, _scratch(layer.weights, octets), make)


@dataclass(frozen=True, eq=False)
class _Octets:
    """Weights by eight channels, cut into segments: as bytes; how many each eight has."""

    stream: bytes
    counts: Ints

    @classmethod
    def of(cls, weights: Ints) -> _Octets:
        parts, counts = [], []
        padded = _by_eights(weights)
        for eight in padded.reshape(-1, _EIGHT, padded.shape[1]):
            cuts = segments.common_cuts(eight, _LONGEST)
            for start, end in pairwise(cuts):
                sixteens = -(-(end - start) // _STEPS)
                parts.append(_head(sixteens * _STEPS - (end - start), sixteens, end))
                parts.append((eight[:, start:end].T + _SHIFTED).astype(np.uint8).tobytes())
            counts.append(len(cuts) - 1)
        return cls(b"".join(parts), np.array(counts, np.int64))

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def bias(self, bias: Ints) -> Ints:
        """By eights, times 256; what segments' sums begin with is taken from those in lower halfwords."""
        eights = _by_eights(bias[:, None]).reshape(-1, _EIGHT)
        lower = ~np.isin(np.arange(_EIGHT), _UPPER)
        scaled: Ints = 256 * (eights - segments.ROUNDING * self.counts[:, None] * lower)
        return scaled


def _head(left_out: int, sixteens: int, end: int) -> bytes:
    return (left_out | sixteens << 8 | end << 16).to_bytes(4, "little")


def _by_eights(rows: Ints) -> Ints:
    return np.pad(rows, ((0, -len(rows) % _EIGHT), (0, 0)))


def _scratch(weights: Ints, octets: _Octets) -> int:
    """As edgeq_fully_connected_v7m_scratch says beside the kernel."""
    channels, depth = weights.shape
    eights = mac.round_up(channels, _EIGHT)
    return 4 * (int(depth) + 1) + 16 * int(octets.counts.max()) + (0 if eights == channels else eights)


def _step(
    graph: Graph,
    index: int,
    layer: Layer,
    affine: Requantization,
    octets: _Octets,
    *,
    kernel: str,
    rows: int,
    title: str,
) -> Step:
    channels, depth = layer.weights.shape
    op = graph.operators[index]
    bias = octets.bias(mac.folded_bias(layer.weights, layer) - affine.base)
    return Step(
        operator=index,
        title=title,
        kernel=kernel,
        params_type="edgeq_fully_connected_v7m_params",
        params={
            "weights": "weights",
            "bias": "bias",
            "requant": "requant",
            "rows": rows,
            "input_depth": depth,
            "output_channels": channels,
            "requant_stride": mac.requant_stride(affine, affine.form),
            "segments": int(octets.counts.max()),
            "output_min": affine.limits[0],
            "output_max": affine.limits[1],
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=(
            Constant(
                "weights",
                "uint8_t",
                np.frombuffer(octets.stream, np.uint8),
                "by eight output channels: segments, a word each and then weights plus 128, [input][8]",
            ),
            Constant(
                "bias",
                "int32_t",
                (bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32).reshape(-1),
                "by eight output channels, times 256, the input's zero point folded in",
            ),
            mac.requant_constant(affine, affine.form, _EIGHT),
        ),
        scratch=_scratch(layer.weights, octets),
        macs=rows * channels * depth,
    )
