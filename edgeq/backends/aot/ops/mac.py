"""What convolutions and fully connected layers share: tensors, accumulator ranges, packed weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import Family
from edgeq.backends.aot.ops.channels import Ranges
from edgeq.backends.aot.ops.flipping import was_unsigned
from edgeq.backends.aot.ops.requantize import Demand, Form, Requantization, Rounding
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine
from edgeq.backends.aot.step import Constant
from edgeq.base.errors import ModelError
from edgeq.graph.model import ABSENT, DType, Graph

Ints = npt.NDArray[np.int64]
_ORDER = (0, 2, 1, 3)
"""Of four inputs in packed weights: SXTB16 widens bytes 0 and 2 of a word together, then 1 and 3."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The tensors of one operator, verified.

    Attributes:
        weights: int64, the shape that the file gives, without their zero point: not all need fit int8.
        bias: int64 [channels].
        reals: float64 [channels], the accumulator's scale over the output's.
        per_channel: whether the weights have a scale a channel.
        input_zero_point, output_zero_point, limits: of the activations; limits by the fused activation.
        activation: the fused activation's name.
    """

    weights: Ints
    bias: Ints
    reals: npt.NDArray[np.float64]
    per_channel: bool
    input_zero_point: int
    output_zero_point: int
    limits: tuple[int, int]
    activation: str

    @property
    def is_wide(self) -> bool:
        """Whether a weight does not fit int8: of uint8 with a zero point that is not in the middle."""
        return bool(self.weights.size) and not (-128 <= self.weights.min() <= self.weights.max() <= 127)

    def demand(
        self, weights: Ints, rounding: Rounding, inputs: Ranges | None = None, *, at_edges: bool = False
    ) -> Demand:
        """What requantization must do, with the weights as [channels, inputs].

        Args:
            inputs: what each input can be, broadcast to the weights; int8's range where it is not given.
            at_edges: whether inputs may lie beyond the edge, where they are the zero point.
        """
        inputs = inputs or Ranges.full(1)
        least, most = inputs.low - self.input_zero_point, inputs.high - self.input_zero_point
        if at_edges:
            least, most = np.minimum(least, 0), np.maximum(most, 0)
        one, other = weights * least, weights * most
        return Demand(
            low=self.bias + np.minimum(one, other).sum(axis=1),
            high=self.bias + np.maximum(one, other).sum(axis=1),
            reals=self.reals,
            rounding=rounding,
            zero_point=self.output_zero_point,
            limits=self.limits,
        )


def read_layer(graph: Graph, index: int, channel_axis: int) -> Layer:
    """The operator's layer; ModelError, naming it, where it is not int8 with constant int8 weights."""
    op, place = graph.operators[index], graph.describe(index)
    data, weights = graph[op.inputs[0]], graph[op.inputs[1]]
    output = graph[op.outputs[0]]
    for tensor, what in ((data, "input"), (weights, "weights"), (output, "output")):
        if tensor.dtype is not DType.INT8:
            raise ModelError(
                f"{place}: its {what} is {tensor.dtype.value}, not INT8", "convert the model to int8"
            )
    if weights.data is None or weights.quant is None:
        raise ModelError(
            f"{place}: its weights are not a quantized constant", "export the model frozen and quantized"
        )
    channels = weights.shape[channel_axis]
    scales = weights.quant.scales.astype(np.float64)
    if len(scales) not in (1, channels) or (len(scales) > 1 and weights.quant.axis != channel_axis):
        raise ModelError(
            f"{place}: {len(scales)} weight scales on axis {weights.quant.axis} for {channels} channels",
            "weights are quantized per tensor or per output channel",
        )
    (input_scale, input_zero), (output_scale, output_zero) = (
        affine(graph, op.inputs[0], index),
        affine(graph, op.outputs[0], index),
    )
    name = activation(graph, index)
    product = input_scale * scales
    if was_unsigned(op):  # the reference multiplies these scales in float32
        product = product.astype(np.float32).astype(np.float64)
    return Layer(
        weights.data.astype(np.int64) - weights.quant.zero_point,
        _bias(graph, index, channels),
        np.broadcast_to(product / output_scale, (channels,)).copy(),
        len(scales) > 1,
        input_zero,
        output_zero,
        activation_limits(output, name),
        name,
    )


def _bias(graph: Graph, index: int, channels: int) -> Ints:
    op = graph.operators[index]
    if len(op.inputs) < 3 or op.inputs[2] == ABSENT:
        return np.zeros(channels, np.int64)
    bias = graph[op.inputs[2]]
    if bias.data is None or bias.dtype is not DType.INT32 or bias.elements != channels:
        raise ModelError(
            f"{graph.describe(index)}: its bias is not a constant of {channels} INT32 values",
            "convert the model again",
        )
    return np.asarray(bias.data).reshape(-1).astype(np.int64)


def folded_bias(weights: Ints, layer: Layer) -> Ints:
    """The bias from which plain products of [channels, inputs] weights and inputs accumulate."""
    folded: Ints = layer.bias - layer.input_zero_point * weights.sum(axis=1)
    return folded


def can_combine(weights: Ints) -> bool:
    """Whether 256 * odd + even fits a halfword for every pair of channels of [channels, inputs] weights."""
    even, odd = weights[0::2], weights[1::2]
    combined = 256 * odd + even[: len(odd)]
    return combined.size == 0 or int(combined.min()) >= -32768


def round_up(value: int, multiple: int) -> int:
    """The next multiple."""
    return -(-value // multiple) * multiple


def in_fours(weights: Ints) -> Ints:
    """[channels, inputs] weights, the inputs padded with zeros to fours, each in the order 0, 2, 1, 3."""
    channels, inputs = weights.shape
    padded = np.zeros((channels, round_up(inputs, 4)), np.int64)
    padded[:, :inputs] = weights
    return padded.reshape(channels, -1, 4)[:, :, _ORDER].reshape(channels, -1)


def pack_pairs(weights: Ints, *, combined: bool) -> npt.NDArray[np.int16]:
    """[channels, inputs] int8 weights, two channels a halfword.

    The inputs are padded with zeros to a multiple of 4 and ordered 0, 2, 1, 3 in each four; an odd last
    channel gets a partner of zeros. A halfword is 256 * odd + even where ``combined``, else odd's byte over
    even's.
    """
    channels, inputs = weights.shape
    padded = np.zeros((round_up(channels, 2), inputs), np.int64)
    padded[:channels] = weights
    padded = in_fours(padded)
    even, odd = padded[0::2], padded[1::2]
    halfwords = 256 * odd + even if combined else 256 * odd + (even & 255)
    return halfwords.astype(np.int16).reshape(-1)


def pack_bias(bias: Ints, *, combined: bool) -> npt.NDArray[np.int32]:
    """[channels] biases by pairs: even, and odd combined with even as the weights are; modulo 2^32."""
    padded = np.zeros(round_up(len(bias), 2), np.int64)
    padded[: len(bias)] = bias
    if combined:
        padded[1::2] = 256 * padded[1::2] + padded[0::2]
    return (padded & 0xFFFFFFFF).astype(np.uint32).view(np.int32)


def pair_constants(weights: Ints, bias: Ints, *, combined: bool) -> tuple[Constant, Constant]:
    """The weights and bias arrays of [groups, channels, inputs] weights and [groups, channels] biases."""
    groups, channels, inputs = weights.shape
    pairs = groups * round_up(channels, 2) // 2
    return (
        Constant(
            "weights",
            "int16_t",
            np.concatenate([pack_pairs(w, combined=combined) for w in weights]),
            f"int8, two output channels a halfword: [{pairs}][{round_up(inputs, 4)}]",
        ),
        Constant(
            "bias",
            "int32_t",
            np.concatenate([pack_bias(b, combined=combined) for b in bias]),
            "by pairs of output channels, the input's zero point folded in",
        ),
    )


def words(*parts: Ints) -> npt.NDArray[np.int16]:
    """Words, one part behind the other, as halfwords; modulo 2^32."""
    every = np.concatenate([part.reshape(-1) for part in parts])
    return (every & 0xFFFFFFFF).astype("<u4").view("<i2").astype(np.int16)


def quad_constants(weights: Ints, bias: Ints) -> tuple[Constant, Constant]:
    """The weights and bias arrays of [channels, inputs] weights, for kernels of four channels at once."""
    channels = round_up(len(weights), 4)
    padded = np.pad(weights, ((0, channels - len(weights)), (0, 0)))
    by_pairs = pack_pairs(padded, combined=True).reshape(channels // 4, 2, -1, 4)
    return (
        Constant(
            "weights",
            "int16_t",
            by_pairs.transpose(0, 2, 1, 3).reshape(-1),
            f"int8, two output channels a halfword: [{channels // 4}][{by_pairs.shape[2]}][2][4]",
        ),
        Constant(
            "bias",
            "int32_t",
            pack_bias(np.pad(bias, (0, channels - len(bias))), combined=True),
            "by pairs of output channels, the input's zero point folded in",
        ),
    )


_COLUMNS: dict[Form, str] = {
    "fast": "multiplier, addend and, in the lowest byte, shift",
    "signed": "multiplier, addend, shift, correction below zero",
    "exact": "multiplier, addend, correction below zero (low, high words), left and right shift",
}


def requant_constant(requantization: Requantization, form: Form, block: int = 1) -> Constant:
    """The requantization table for kernels of a form; of several rows it has a multiple of ``block``."""
    rows = requantization.entries(form)
    if len(rows) > 1:
        rows = np.pad(rows, ((0, -len(rows) % block), (0, 0)))
    return Constant("requant", "int32_t", rows.reshape(-1), f"a row a channel: {_COLUMNS[form]}")


def requant_stride(requantization: Requantization, form: Form) -> int:
    """Elements of the table from one channel's row to the next; 0 where one row is for all."""
    rows = requantization.entries(form)
    return rows.shape[1] if len(rows) > 1 else 0


def kernel(stem: str, family: Family, form: Form) -> str:
    """The C function of an operator's kernel."""
    return f"edgeq_{stem}_{family.name}_s8{'' if form == 'fast' else f'_{form}'}"


def activation_text(name: str) -> str:
    """A fused activation at the end of a title."""
    return {"NONE": "", "RELU": ", ReLU", "RELU6": ", ReLU6", "RELU_N1_TO_1": ", ReLU -1..1"}[name]
