"""Integers chosen before quantizing: what a mode other than min/max hands to the quantizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgeq.converter.params import Array, Floats
from edgeq.graph import QuantParams


@dataclass(frozen=True, eq=False)
class Rounded:
    """Weights and biases that the quantizer takes as they are; it rounds all others itself.

    Attributes:
        weights: int8 values and their parameters by (tensor index, output channel axis).
        biases: float32 real values [channels] by the operator's position, instead of the model's own.
        matrices: int8 values and their parameters of layers with a state, by tensor index.
        vectors: float32 real values of such layers' biases by tensor index, instead of the model's own.
    """

    weights: Mapping[tuple[int, int], tuple[Array, QuantParams]] = field(default_factory=dict)
    biases: Mapping[int, Floats] = field(default_factory=dict)
    matrices: Mapping[int, tuple[Array, QuantParams]] = field(default_factory=dict)
    vectors: Mapping[int, Floats] = field(default_factory=dict)
