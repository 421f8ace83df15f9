"""Convolutions whose windows are taken row by row, with sums that wait in scratch; docs/kernels.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edgeq.backends.aot.families import DSP
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints
from edgeq.backends.aot.ops.requantize import Form
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target


@dataclass(frozen=True, eq=False)
class SummedConvolution:
    """Such a convolution, of one group.

    Attributes:
        geometry: where its windows lie.
        weights: int64 [output channels, inputs].
        form: of its requantization.
        usual: the kernel that takes whole windows, whose parameters it shares.
    """

    geometry: Geometry
    weights: Ints
    form: Form
    usual: Candidate

    def candidates(
        self, work: tuple[costs.Work, ...], target: Target, *, bounded: bool
    ) -> Iterator[Candidate]:
        """The kernel, where a window has rows of whole words, and pixels and channels leave none over."""
        g, channels = self.geometry, len(self.weights)
        if self.form == "exact" or min(g.kernel_height, g.kernel_width) < 2:
            return
        if self._row % 4 or channels % 2 or g.output_width % 4 or self._scratch >= self.usual.scratch:
            return
        pixels = g.output_height * g.output_width
        resumed = costs.Work("pixels by rows", 0, 0, 0, pixels * channels, pixels)
        cost = costs.instructions((*work, resumed), DSP, self.form, target, bounded=bounded)
        yield replace(
            self.usual,
            kernel=mac.kernel("conv_sums", DSP, self.form),
            instructions=cost,
            scratch=self._scratch,
            make=self._step,
            beside=True,
        )

    def _step(self) -> Step:
        kernel = mac.kernel("conv_sums", DSP, self.form)
        return replace(
            self.usual.step,
            kernel=kernel,
            sources=(f"{kernel}.c", "edgeq_conv_sums_dsp.c", "edgeq_gather_dsp.c"),
            constants=tuple(
                self._by_rows(constant) if constant.suffix == "weights" else constant
                for constant in self.usual.step.constants
            ),
            scratch=self._scratch,
        )

    def _by_rows(self, weights: Constant) -> Constant:
        pairs, rows = len(self.weights) // 2, self.geometry.kernel_height
        values = weights.values.reshape(pairs, rows, self._row).swapaxes(0, 1).reshape(-1)
        comment = f"int8, two output channels a halfword: [{rows}][{pairs}][{self._row}]"
        return replace(weights, values=values, comment=comment)

    @property
    def _row(self) -> int:
        """Inputs of a row of the window."""
        return int(self.weights.shape[1]) // self.geometry.kernel_height

    @property
    def _scratch(self) -> int:
        """As edgeq_conv_sums_dsp_scratch says beside the kernel."""
        return 9 * self._row + 4 + 16 * len(self.weights)
