"""What the reference kernels compute, in numpy, from the graph alone: no packing, no folding, no tables."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.requantize import Rounding, requantize
from edgeq.backends.aot.ops.tensors import activation_limits
from edgeq.graph.model import ABSENT, Graph


def output(graph: Graph, samples: np.ndarray, rounding: Rounding) -> np.ndarray:
    """The outputs of a one-operator graph for [n, …] int8 inputs."""
    (op,) = graph.operators
    data, weights, result = (graph[i] for i in (op.inputs[0], op.inputs[1], op.outputs[0]))
    assert data.quant and weights.quant and result.quant and weights.data is not None
    axis = 3 if op.opcode == "DEPTHWISE_CONV_2D" else 0
    channels = weights.shape[axis]
    bias = np.zeros(channels, np.int64)
    if len(op.inputs) > 2 and op.inputs[2] != ABSENT:
        bias = np.asarray(graph[op.inputs[2]].data).astype(np.int64)
    x = samples.astype(np.int64) - data.quant.zero_point
    w = weights.data.astype(np.int64)
    if op.opcode == "FULLY_CONNECTED":
        sums = x.reshape(-1, w.shape[1]) @ w.T
    else:
        sums = _windows(graph, x.reshape(len(x), *data.shape[1:]), w, axis == 3)
    sums = (sums + bias + 2**31) % 2**32 - 2**31
    scales = np.broadcast_to(weights.quant.scales.astype(np.float64), (channels,))
    reals = data.quant.scale * scales / result.quant.scale
    rounded = np.stack(
        [requantize(sums[..., c], float(reals[c]), rounding) for c in range(channels)], axis=-1
    )
    limits = activation_limits(result, str(op.options["fused_activation_function"]))
    bytes_ = np.clip(rounded + result.quant.zero_point, *limits).astype(np.int8)
    return bytes_.reshape(len(samples), *result.shape)


def _windows(graph: Graph, x: np.ndarray, w: np.ndarray, depthwise: bool) -> np.ndarray:
    (op,) = graph.operators
    o = op.options
    strides = (int(o["stride_h"]), int(o["stride_w"]))  # type: ignore[arg-type]
    dilations = (int(o["dilation_h_factor"]), int(o["dilation_w_factor"]))  # type: ignore[arg-type]
    shape = graph[op.outputs[0]].shape
    pads = []
    for axis in (0, 1):
        extent = (w.shape[1 + axis] - 1) * dilations[axis] + 1
        missing = max(0, (shape[1 + axis] - 1) * strides[axis] + extent - x.shape[1 + axis])
        pads.append((missing // 2, missing + extent))
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    sums = np.zeros((len(x), *shape[1:]), np.int64)
    groups = 1 if depthwise else x.shape[3] // w.shape[3]
    for ky in range(w.shape[1]):
        for kx in range(w.shape[2]):
            rows = ky * dilations[0] + np.arange(shape[1]) * strides[0]
            columns = kx * dilations[1] + np.arange(shape[2]) * strides[1]
            tap = padded[:, rows][:, :, columns]
            if depthwise:
                sums += np.repeat(tap, w.shape[3] // tap.shape[3], axis=3) * w[0, ky, kx]
                continue
            for group, filters in enumerate(np.split(w[:, ky, kx], groups)):
                channels = slice(group * w.shape[3], (group + 1) * w.shape[3])
                outputs = slice(group * len(filters), (group + 1) * len(filters))
                sums[..., outputs] += tap[..., channels] @ filters.T
    return sums
