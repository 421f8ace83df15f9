"""What operators share that multiply int16 by int8 weights: the layer's tensors, its sums, their rounding.

Activations are symmetric. With int64 biases sums are of 64 bits, and their multiplier has 15; with int32
biases they are of 32 bits and wrap, and the multiplier has 31. LiteRT's FULLY_CONNECTED multiplies in double
precision instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import Ints, half_multiplier, quantize_multiplier
from edgeq.backends.aot.ops.tensors import activation_limits, quant_of, scale_of
from edgeq.backends.aot.step import Constant
from edgeq.checker.operators import Operand
from edgeq.graph.model import ABSENT, DType, Graph, Operator

Rounding = Literal["half", "double", "real"]
"""Of the kernels' names: which of the three multipliers."""

INT16 = frozenset({DType.INT16})
WIDE_BIAS = Operand("bias", "bias", frozenset({DType.INT32, DType.INT64}), constant=True, optional=True)

_LARGEST = 1 << 40
"""What no sum may reach: the kernels' multiplications hold 41 bits."""
_REAL_SHIFTS = range(33, 95)
_LEAST = -(1 << 15)
"""The smallest int16."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The tensors of one operator.

    Attributes:
        weights: int64 [channels, inputs].
        bias: int64 [channels].
        reals: float64 [channels], the scale of a sum over the output's.
        limits: of the outputs, by the fused activation.
        wraps: whether the reference adds in 32 bits.
    """

    weights: Ints
    bias: Ints
    reals: npt.NDArray[np.float64]
    limits: tuple[int, int]
    wraps: bool

    @property
    def rounding(self) -> Rounding:
        """The convolutions'."""
        return "double" if self.wraps else "half"

    @property
    def largest(self) -> Ints:
        """The largest magnitude that a channel's sum can have; int64 [channels]."""
        found: Ints = np.abs(self.bias) + np.abs(self.weights).sum(axis=1) * -_LEAST
        return found

    def constants(self, rounding: Rounding) -> tuple[Constant, Constant]:
        """The weights as they are, and an entry a channel, which ``edgeq_requant_s16.h`` reads."""
        words = [
            [*_words(int(b)), *_entry(float(r), rounding)] for b, r in zip(self.bias, self.reals, strict=True)
        ]
        return (
            Constant(
                "weights", "int8_t", self.weights.reshape(-1).astype(np.int8), "[output channel][input]"
            ),
            Constant(
                "channels",
                "int32_t",
                np.array(words, np.int64).reshape(-1).astype(np.int32),
                "a row a channel: bias and multiplier (low, high words), shift",
            ),
        )

    def why_not(self) -> str | None:
        """Why the kernels cannot compute it as the reference does; None where they can."""
        if int(self.largest.max()) >= _LARGEST:
            return f"a sum can reach {float(self.largest.max()):.3g}, beyond the 40 bits of its arithmetic"
        sums = np.minimum(self.largest, 1 << 31) if self.wraps else self.largest
        if (sums * self.reals).max() >= 2.0**31:
            return "its results can leave 32 bits, in which TensorFlow Lite holds them"
        return None


def read_layer(graph: Graph, op: Operator, main: int, bias: int, channel_axis: int) -> Layer:
    """An operator's layer.

    Args:
        main, bias: positions of the input and the bias; the weights are input 1.
        channel_axis: of the weights.
    """
    source, weights, output = graph[op.inputs[main]], graph[op.inputs[1]], graph[op.outputs[0]]
    values = np.moveaxis(np.asarray(weights.data, np.int64), channel_axis, 0)
    values = values.reshape(len(values), -1)
    given = op.inputs[bias] if len(op.inputs) > bias else ABSENT
    biases = np.zeros(len(values)) if given == ABSENT else np.asarray(graph[given].data).reshape(-1)
    scales = quant_of(weights).scales.astype(np.float64) * scale_of(source) / scale_of(output)
    if given == ABSENT:
        wraps = op.options.get("quantized_bias_type") == DType.INT32.value
    else:
        wraps = graph[given].dtype is DType.INT32
    return Layer(
        weights=values,
        bias=biases.astype(np.int64),
        reals=np.broadcast_to(scales, (len(values),)),
        limits=activation_limits(output, str(op.options.get("fused_activation_function", "NONE"))),
        wraps=wraps,
    )


def misread_bias(graph: Graph, op: Operator, bias: int) -> str | None:
    """Why LiteRT misreads a bias, if it does: it goes by an option and not by the bias's type."""
    if len(op.inputs) <= bias or op.inputs[bias] == ABSENT:
        return None
    told = str(op.options.get("quantized_bias_type", DType.FLOAT32.value))
    own = graph[op.inputs[bias]].dtype
    if own.value == told or (own is DType.INT64 and told == DType.FLOAT32.value):
        return None
    return f"its bias is {own.value}, but by its option quantized_bias_type TensorFlow Lite reads {told}"


def _words(value: int) -> tuple[int, int]:
    """An int64 as two int32."""
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low >> 31 else low, value >> 32


def _entry(real: float, rounding: Rounding) -> tuple[int, int, int]:
    """Multiplier (low and high word) and shift."""
    if rounding == "double":
        multiplier, exponent = quantize_multiplier(real)
        return multiplier, 0, exponent
    if rounding == "half":
        half, shift = half_multiplier(real)
        return half, 0, shift
    fraction, exponent = math.frexp(real)
    if 53 - exponent not in _REAL_SHIFTS:
        return 0, 0, _REAL_SHIFTS[0]
    return *_words(int(fraction * 2.0**53)), 53 - exponent
