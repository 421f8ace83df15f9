"""Small networks of convolutions and fully connected layers, with weights of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from nets import Net

from edgeq.graph import DType, QuantParams, Tensor

ZERO = 5
"""The zero point of activations, so that a constant may differ from it."""
WINDOW = dict.fromkeys(("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor"), 1) | {
    "padding": "SAME"
}


class Layers(Net):
    """Nets of layers of products."""

    def layer(
        self,
        opcode: str,
        source: int,
        shape: Sequence[int],
        taps: tuple[int, int] = (1, 1),
        *,
        dead: Sequence[int] = (),
        blind: Sequence[int] = (),
        bias: bool = True,
        output: bool = False,
        **options: int | str,
    ) -> int:
        """A layer with weights of its own.

        Args:
            dead: output channels without weights, whose values are their biases'.
            blind: input channels that no output reads.
            bias: whether there is one; a convolution without has one of zeros.
        """
        inputs, channels = self.tensors[source].shape[-1], shape[-1]
        whole = {
            "CONV_2D": (channels, *taps, inputs),
            "DEPTHWISE_CONV_2D": (1, *taps, channels),
            "FULLY_CONNECTED": (channels, inputs),
        }[opcode]
        axis = 3 if opcode == "DEPTHWISE_CONV_2D" else 0
        weights = self.random.integers(-127, 128, whole).astype(np.int8)
        np.moveaxis(weights, axis, 0)[list(dead)] = 0
        if axis == 0:
            weights[..., list(blind)] = 0
        spread = 74 * 74 * np.sqrt(weights.size / channels)
        scales = (self.random.uniform(0.5, 2, channels) * 60 / spread).astype(np.float32)
        quant = QuantParams(scales, np.zeros(channels, np.int64), axis)
        self.tensors.append(Tensor("w", whole, DType.INT8, quant, weights))
        operands = [source, len(self.tensors) - 1]
        if bias or opcode != "FULLY_CONNECTED":
            values = (bias * self.random.integers(-60, 60, channels) / scales).astype(np.int32)
            quant = QuantParams(scales, np.zeros(channels, np.int64))
            self.tensors.append(Tensor("b", values.shape, DType.INT32, quant, values))
            operands.append(len(self.tensors) - 1)
        chosen = {**WINDOW, **options} if opcode != "FULLY_CONNECTED" else options
        chosen = {"fused_activation_function": "NONE", **chosen}
        return self.op(opcode, operands, shape, (1.0, ZERO), output=output, **chosen)
