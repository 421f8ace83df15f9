"""The integers that activations become: int8, or int16 beside int8 weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgeq.converter import params
from edgeq.converter.ops import Rule
from edgeq.converter.params import Array, Floats
from edgeq.graph import DType, QuantParams

_TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True)
class Numbers:
    """The kind of integers, and how real values become them.

    Attributes:
        dtype: of activations.
        bias: of biases.
    """

    dtype: DType
    bias: DType

    @property
    def wide(self) -> bool:
        """Whether activations are int16, symmetric."""
        return self.dtype is DType.INT16

    @property
    def quantize(self) -> int:
        """The version of a QUANTIZE between two scales."""
        return 3 if self.wide else 2

    def version(self, rule: Rule) -> int | None:
        """The operator's first version that takes these integers; None where it takes none."""
        return rule.wide if self.wide else rule.version

    def activation(self, low: float, high: float) -> QuantParams:
        """For values in [low, high]: asymmetric int8, or symmetric int16 in -32767…32767."""
        if not self.wide:
            return params.activation(low, high)
        scale = np.float32(max(abs(low), abs(high))) / np.float32(32767)
        return QuantParams.per_tensor(1.0 if scale < _TINY else float(scale), 0)

    def fixed(self, rule: Rule) -> QuantParams | None:
        """What the operator's output always has, if anything; 1/32768 for all in int16."""
        if rule.fixed is None:
            return None
        return QuantParams.per_tensor(1 / 32768, 0) if self.wide else QuantParams.per_tensor(*rule.fixed)

    def constant(self, values: Floats) -> tuple[Array, QuantParams]:
        """A constant operand, symmetric with one scale."""
        if not self.wide:
            return params.quantize_constant(values)
        largest = float(np.abs(values).max()) if values.size else 0.0
        quant = self.activation(-largest, largest)
        return self.at(values, quant), quant

    def at(self, values: Floats, quant: QuantParams) -> Array:
        """Real values at a given scale and zero point."""
        if not self.wide:
            return params.quantize_at(values, quant)
        with np.errstate(over="ignore"):
            steps = params.round_half_away(values.astype(np.float64) / quant.scale)
        return np.clip(steps, -32767, 32767).astype(np.int16)

    def quantize_bias(
        self, bias: Floats, input_scale: float, weights: QuantParams
    ) -> tuple[Array, QuantParams]:
        """At the scale of the accumulator: input scale · weight scale."""
        if not self.wide:
            return params.quantize_bias(bias, input_scale, weights)
        scales = np.float32(input_scale) * weights.scales
        steps = params.round_half_away(bias.astype(np.float64) / scales.astype(np.float64))
        limit = 2**39  # LiteRT's int16 kernels want a bias within 40 bits
        quant = QuantParams(scales, np.zeros(len(scales), np.int64), 0)
        return np.clip(steps, -limit, limit).astype(np.int64), quant


INT8 = Numbers(DType.INT8, DType.INT32)
INT16 = Numbers(DType.INT16, DType.INT64)
