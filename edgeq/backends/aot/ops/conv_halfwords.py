"""Convolutions from weights that are halfwords in flash, with the DSP extension; docs/kernels.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import DSP
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac
from edgeq.backends.aot.ops.mac import Ints
from edgeq.backends.aot.ops.requantize import Demand
from edgeq.backends.aot.ops.requantize_uniform import Uniform, uniform
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target

_KERNEL = mac.kernel("conv_halfwords", DSP, "fast")
_SHIFT = 12
"""EDGEQ_HALFWORDS_SHIFT: accumulators of most layers have room for it, and their channels differ by less."""
_CODE = 1100
"""Bytes of the kernel beside that of other convolutions, about."""


@dataclass(frozen=True, eq=False)
class HalfwordConvolution:
    """Such a convolution.

    Attributes:
        demand: of its requantization.
        weights: int64 [output channels, inputs], in the order in which windows are gathered.
        bias: int64 [channels], the input's zero point folded in.
        usual: the kernel of packed weights, whose parameters it shares.
        borrowed: whether too few pixels share a weight for it to be taken for its own sake.
    """

    demand: Demand
    weights: Ints
    bias: Ints
    usual: Candidate
    borrowed: bool = False

    def candidates(self, work: tuple[costs.Work, ...], target: Target) -> Iterator[Candidate]:
        """The kernel, where flash is there for twice the weights and one shift is exact for all channels."""
        if not target.stored or target.small or not DSP.fits(target) or len(self.weights) % 2:
            return
        found = uniform(self.demand, _SHIFT)
        if found is None:
            return
        renamed = tuple(
            replace(part, loop=f"{part.loop} of halfwords") if part.products else part for part in work
        )
        cost = costs.instructions(renamed, DSP, "fast", target, bounded=found.is_bounded)
        make = partial(self._step, found)
        yield Candidate(
            _KERNEL, DSP, cost, self.usual.scratch, make, _CODE, self.usual.rows, borrowed=self.borrowed
        )

    def _step(self, found: Uniform) -> Step:
        usual = self.usual.step
        low, high = found.limits
        params = {**usual.params, "bias": None, "requant": None, "output_min": low, "output_max": high}
        return replace(
            usual,
            kernel=_KERNEL,
            sources=(f"{_KERNEL}.c", f"edgeq_gather_{DSP.name}.c"),
            params=params,
            constants=(
                Constant(
                    "weights",
                    "int16_t",
                    self._stream(found),
                    "by pairs of channels: biases; by two inputs the weights of both; multipliers, addends",
                ),
            ),
            code=_CODE,
        )

    def _stream(self, found: Uniform) -> npt.NDArray[np.int16]:
        """edgeq_halfwords.h has its order."""
        pairs = len(self.weights) // 2
        scaled = mac.in_fours(self.weights) << found.left[:, None]
        halfwords = scaled.reshape(pairs, 2, -1, 2).transpose(0, 2, 1, 3)
        biases = mac.words((self.bias - found.base) << found.left)
        parts = (biases, halfwords.astype(np.int16), mac.words(found.table.astype(np.int64)))
        return np.concatenate([part.reshape(pairs, -1) for part in parts], axis=1).reshape(-1)
