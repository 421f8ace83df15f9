"""LEAKY_RELU: what is below zero is multiplied by a slope."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints, clamp, multiply, quantize_multiplier
from edgeq.backends.aot.ops.lookup import table_operator
from edgeq.backends.aot.ops.tensors import affine, limits
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph


def _leaky(graph: Graph, index: int, values: Ints) -> Ints:
    """Two multipliers, one for each sign, whose ratios are taken in float32."""
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    slope = op.options.get("alpha", 0.0)
    alpha = np.float32(slope if isinstance(slope, int | float) else 0.0)
    steep = float(np.float32(in_scale) / np.float32(out_scale))
    flat = float(np.float32(in_scale) * alpha / np.float32(out_scale))
    x = values - in_zero
    below = multiply(x, *quantize_multiplier(abs(flat)))
    results = np.where(x >= 0, multiply(x, *quantize_multiplier(steep)), -below if flat < 0 else below)
    return clamp(results + out_zero, *limits(graph[op.outputs[0]]))


OPERATORS = (table_operator("LEAKY_RELU", Support(2, ranks=(0, 8)), _leaky, unsigned=True),)
