"""Where a sliding kernel's windows lie."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.step import Block, Rows, Step
from edgeq.base.errors import ModelError
from edgeq.graph.model import Graph, Operator
from edgeq.graph.shapes import padding_before, windows


@dataclass(frozen=True)
class Geometry:
    """A two-dimensional kernel on one sample of an NHWC tensor; sizes in elements."""

    input_height: int
    input_width: int
    input_channels: int
    output_height: int
    output_width: int
    output_channels: int
    kernel_height: int
    kernel_width: int
    stride_height: int = 1
    stride_width: int = 1
    dilation_height: int = 1
    dilation_width: int = 1
    pad_top: int = 0
    pad_left: int = 0

    @property
    def is_pointwise(self) -> bool:
        """Whether each output pixel reads one input pixel."""
        return self.kernel_height == self.kernel_width == 1

    @property
    def overhangs(self) -> bool:
        """Whether a window hangs over the edge."""
        down = (self.output_height - 1) * self.stride_height + (self.kernel_height - 1) * self.dilation_height
        across = (self.output_width - 1) * self.stride_width + (self.kernel_width - 1) * self.dilation_width
        return (
            max(self.pad_top, self.pad_left) > 0
            or down - self.pad_top >= self.input_height
            or across - self.pad_left >= self.input_width
        )

    @property
    def joined(self) -> Geometry:
        """The same with all pixels in one row, where they are read one behind the other."""
        if not self.is_pointwise or self.stride_height != 1 or self.stride_width != 1:
            return self
        pixels = self.output_height * self.output_width
        return replace(self, input_height=1, input_width=pixels, output_height=1, output_width=pixels)

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """[output height, output width]: the windows of which nothing hangs over an edge."""
        top = np.arange(self.output_height) * self.stride_height - self.pad_top
        left = np.arange(self.output_width) * self.stride_width - self.pad_left
        bottom = top + (self.kernel_height - 1) * self.dilation_height
        right = left + (self.kernel_width - 1) * self.dilation_width
        down = (top >= 0) & (bottom < self.input_height)
        across = (left >= 0) & (right < self.input_width)
        found: npt.NDArray[np.bool_] = down[:, None] & across
        return found

    @property
    def rows(self) -> Rows:
        """How a kernel with these parameters makes some rows."""
        extent = (self.kernel_height - 1) * self.dilation_height + 1
        return Rows(extent, self.stride_height, self.pad_top)

    def blocks(self, pixels: int) -> Block:
        """The order of a kernel that makes so many output pixels at a time."""
        return Block(pixels, self.stride_width, self.pad_left)

    @property
    def transposed(self) -> Geometry:
        """The same with rows for columns."""
        swapped = {
            name: getattr(self, name.replace(*pair))
            for name in self.__dict__
            for pair in (("height", "width"), ("width", "height"), ("top", "left"), ("left", "top"))
            if pair[0] in name
        }
        return replace(self, **swapped)

    @property
    def params(self) -> dict[str, int]:
        """The fields of a kernel's parameters, but for the output's channels."""
        fields = dict(self.__dict__)
        del fields["output_channels"]
        return fields

    @property
    def text(self) -> str:
        """As titles give it: ``49x10x1 -> 25x5x64, kernel 10x4, stride 2``."""
        text = (
            f"{self.input_height}x{self.input_width}x{self.input_channels} -> "
            f"{self.output_height}x{self.output_width}x{self.output_channels}, "
            f"kernel {self.kernel_height}x{self.kernel_width}"
        )
        for what, down, across in (
            ("stride", self.stride_height, self.stride_width),
            ("dilation", self.dilation_height, self.dilation_width),
        ):
            if (down, across) != (1, 1):
                text += f", {what} {down}" if down == across else f", {what} {down}x{across}"
        return text


def has_rows(graph: Graph, index: int) -> bool:
    """Whether an operator's output has rows, as a picture has."""
    return len(graph[graph.operators[index].outputs[0]].shape) == 4


def read_geometry(graph: Graph, index: int) -> Geometry:
    """The geometry of a convolution's operator; ModelError where its output's shape is another."""
    op, place = graph.operators[index], graph.describe(index)
    source, weights, output = (graph[i].shape for i in (op.inputs[0], op.inputs[1], op.outputs[0]))
    if len(source) != 4 or len(weights) != 4 or len(output) != 4:
        raise ModelError(
            f"{place}: its input, weights and output must have 4 dimensions", "reshape before it"
        )
    options = op.options
    padding = str(options.get("padding", "SAME"))
    strides = (_option(op, "stride_h"), _option(op, "stride_w"))
    dilations = (_option(op, "dilation_h_factor"), _option(op, "dilation_w_factor"))
    if min(strides + dilations) < 1 or padding not in ("SAME", "VALID"):
        raise ModelError(
            f"{place}: padding {padding}, strides {strides}, dilations {dilations} make no sense",
            "export the model again",
        )
    sizes, pads = [], []
    for axis in (0, 1):
        extent = (weights[1 + axis] - 1) * dilations[axis] + 1
        size = source[1 + axis]
        out = windows(size, extent, strides[axis], padding)
        sizes.append(out)
        pads.append(padding_before(size, out, extent, strides[axis]))
    if tuple(sizes) != output[1:3] or min(sizes) < 1:
        raise ModelError(
            f"{place}: the output is {output[1]}x{output[2]}, its options say {sizes[0]}x{sizes[1]}",
            "export the model again with static shapes",
        )
    return Geometry(
        *source[1:4],
        *output[1:4],
        *weights[1:3],
        *strides,
        *dilations,
        *pads,
    )


def by_batch(graph: Graph, index: int, step: Step) -> Step:
    """A step of one sample, called for each of the operator's batch."""
    batches = graph[graph.operators[index].inputs[0]].shape[0]
    return step if batches == 1 else replace(step, batches=batches, macs=batches * step.macs)


def _option(op: Operator, name: str) -> int:
    value = op.options.get(name, 1)
    return value if isinstance(value, int) else 0
