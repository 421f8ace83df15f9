"""Dynamic range: int8 weights; activations are float, and quantized for each product while the model runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from edgeq.converter import params
from edgeq.converter.forms.stored import with_stored
from edgeq.graph import DType, Graph, Operator, Tensor

SMALLEST = 1024
"""Constants of fewer elements stay float, as in TensorFlow's converter."""

_HYBRID: Mapping[str, tuple[int | None, int]] = {
    "CONV_2D": (0, 5),
    "DEPTHWISE_CONV_2D": (3, 6),
    "FULLY_CONNECTED": (None, 9),
}
"""Operators that take int8 weights beside float activations: the axis of the scales (None: one for all) and
the version. All others get theirs through a DEQUANTIZE."""


def dynamic_range(graph: Graph) -> Graph:
    """A float model with int8 weights.

    Args:
        graph: a float graph as ``prepare`` gives it.
    """
    stored = with_stored(graph, _int8)
    operators = []
    for op in stored.operators:
        if op.opcode not in _HYBRID or stored[op.inputs[1]].dtype is not DType.INT8:
            operators.append(op)
            continue
        options = dict(op.options)
        if op.opcode == "FULLY_CONNECTED":
            options["asymmetric_quantize_inputs"] = True
        operators.append(replace(op, options=options, version=max(op.version, _HYBRID[op.opcode][1])))
    return stored.replace(operators=tuple(operators))


def _int8(op: Operator, position: int, tensor: Tensor) -> tuple[Tensor, int] | None:
    data = np.asarray(tensor.data, np.float32)
    if data.size < SMALLEST:
        return None
    axis, version = None, 2
    if op.opcode in _HYBRID and position == 1:
        axis, version = _HYBRID[op.opcode][0], 0
    if axis is None:
        values, quant = params.quantize_constant(data)
    else:
        maxima = params.fill_dead(params.channel_maxima(data, axis), 1.0)
        values, quant = params.quantize_weights(data, maxima, axis)
    return replace(tensor, dtype=DType.INT8, quant=quant, data=values), version
