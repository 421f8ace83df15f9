"""Random one-operator int8 models, from mild to extreme."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.graph.model import ABSENT, DType, Graph, Operator, QuantParams, Tensor

Rng = np.random.Generator
ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


def _weights(rng: Rng, shape: tuple[int, ...], kind: str) -> np.ndarray:
    if kind == "saturated":
        return rng.choice([-127, 127], shape).astype(np.int8)
    if kind == "lowest":
        return rng.integers(-128, 128, shape).astype(np.int8)
    if kind == "sparse":
        return (rng.integers(-127, 128, shape) * (rng.random(shape) < 0.2)).astype(np.int8)
    return np.clip(np.rint(rng.normal(0, 40, shape)), -127, 127).astype(np.int8)


def _scales(rng: Rng, inputs: int, count: int, kind: str) -> tuple[np.float32, np.ndarray, np.float32]:
    """Input, weight and output scales; ``mild`` uses the output's range, ``steep`` and ``wild`` do not."""
    if kind == "powers":
        return (
            np.float32(2.0 ** rng.integers(-8, 0)),
            (np.float32(2.0) ** rng.integers(-9, -2, count)).astype(np.float32),
            np.float32(2.0 ** rng.integers(-4, 4)),
        )
    source = np.float32(rng.uniform(0.005, 0.2))
    if kind == "wild":
        weights = (10.0 ** rng.uniform(-9, 1, count)).astype(np.float32)
        return source, weights, np.float32(10.0 ** rng.uniform(-3, 2))
    if kind == "steep":
        return source, rng.uniform(1, 40, count).astype(np.float32), np.float32(10.0 ** rng.uniform(-4, -2))
    weights = rng.uniform(0.001, 0.02, count).astype(np.float32)
    spread = float(source) * float(weights.max()) * 40 * np.sqrt(inputs) * 128
    return source, weights, np.float32(spread / 128 * rng.uniform(0.5, 2))


def _assemble(
    rng: Rng,
    opcode: str,
    source: tuple[int, ...],
    weights: np.ndarray,
    axis: int,
    output: tuple[int, ...],
    options: dict[str, object],
    scale_kind: str,
) -> Graph:
    channels = weights.shape[axis]
    inputs = weights.size // channels
    per_channel = bool(rng.random() < 0.7)
    count = channels if per_channel else 1
    source_scale, weight_scales, output_scale = _scales(rng, inputs, count, scale_kind)
    bias_reach = 2**29 if rng.random() < 0.1 else int(128 * 40 * np.sqrt(inputs))
    bias = rng.integers(-bias_reach, bias_reach + 1, channels).astype(np.int32)
    if rng.random() < 0.1:
        dead = rng.random(channels) < 0.5
        weights = np.where(
            dead if axis == weights.ndim - 1 else dead.reshape(-1, *[1] * (weights.ndim - 1)), 0, weights
        )
        weights = weights.astype(np.int8)
    zeros = np.zeros(count, np.int64)
    zero_points = [int(rng.choice([-128, 127, 0, rng.integers(-128, 128)])) for _ in range(2)]
    tensors = [
        Tensor("input", source, DType.INT8, QuantParams.per_tensor(float(source_scale), zero_points[0])),
        Tensor(
            "weights",
            weights.shape,
            DType.INT8,
            QuantParams(weight_scales, zeros, axis if count > 1 else 0),
            weights,
        ),
        Tensor("output", output, DType.INT8, QuantParams.per_tensor(float(output_scale), zero_points[1])),
    ]
    has_bias = opcode == "CONV_2D" or bool(rng.random() < 0.85)  # the oracle refuses a CONV_2D without
    if has_bias:
        quant = QuantParams((source_scale * weight_scales).astype(np.float32), zeros, 0)
        tensors.append(Tensor("bias", (channels,), DType.INT32, quant, bias))
    absent = (0, 1, ABSENT) if opcode == "FULLY_CONNECTED" else (0, 1)
    op = Operator(
        opcode, (0, 1, 3) if has_bias else absent, (2,), options, 3 if opcode != "FULLY_CONNECTED" else 4
    )
    return Graph("layer", tuple(tensors), (op,), (0,), (2,))


def _sliding(
    rng: Rng, sizes: tuple[int, int], kernel: tuple[int, int]
) -> tuple[dict[str, object], tuple[int, int]]:
    """Options and the output's sizes of a sliding kernel."""
    strides = [int(s) for s in rng.choice([1, 1, 2, 3], 2)]
    if rng.random() < 0.6:
        strides[1] = strides[0]
    dilations = [1, 1]
    if rng.random() < 0.2:
        strides, dilations = [1, 1], [int(d) for d in rng.choice([1, 2, 3], 2)]
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    padding = (
        "SAME" if rng.random() < 0.6 or any(e > s for e, s in zip(extents, sizes, strict=True)) else "VALID"
    )
    out = tuple(
        -(-n // s) if padding == "SAME" else (n - e) // s + 1
        for n, e, s in zip(sizes, extents, strides, strict=True)
    )
    options: dict[str, object] = {
        "padding": padding,
        "stride_h": strides[0],
        "stride_w": strides[1],
        "dilation_h_factor": dilations[0],
        "dilation_w_factor": dilations[1],
        "fused_activation_function": str(rng.choice(ACTIVATIONS)),
    }
    return options, (int(out[0]), int(out[1]))


def _kinds(rng: Rng) -> tuple[str, str]:
    return (
        str(rng.choice(["normal", "normal", "normal", "saturated", "sparse", "lowest"])),
        str(rng.choice(["mild", "mild", "mild", "mild", "powers", "wild", "steep"])),
    )


def conv(rng: Rng) -> Graph:
    """A CONV_2D: pointwise, square, oblong or grouped."""
    weight_kind, scale_kind = _kinds(rng)
    kernel = [(1, 1), (1, 1), (3, 3), (5, 2), (10, 4)][rng.integers(5)]
    sizes = (int(rng.integers(1, 9)), int(rng.integers(1, 9)))
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    per_group = int(rng.choice([1, 2, 3, 4, 5, 8, 16, 33]))
    channels = groups * int(rng.choice([1, 2, 3, 4, 7, 8]))
    if rng.random() < 0.05:
        kernel, groups, per_group, channels = (3, 3), 1, 96, 3
    options, out = _sliding(rng, sizes, kernel)
    weights = _weights(rng, (channels, *kernel, per_group), weight_kind)
    source = (1, *sizes, groups * per_group)
    return _assemble(rng, "CONV_2D", source, weights, 0, (1, *out, channels), options, scale_kind)


def broad_conv(rng: Rng) -> Graph:
    """A CONV_2D of three columns over rows of some length, with few or many channels."""
    weight_kind, scale_kind = _kinds(rng)
    kernel = (int(rng.choice([1, 2, 3, 3, 3])), 3)
    sizes = (int(rng.integers(1, 9)), int(rng.integers(4, 20)))
    per_group, channels = int(rng.choice([3, 8, 16, 16, 17, 32, 48])), int(rng.choice([2, 4, 6, 7, 16]))
    options, out = _sliding(rng, sizes, kernel)
    weights = _weights(rng, (channels, *kernel, per_group), weight_kind)
    source = (1, *sizes, per_group)
    return _assemble(rng, "CONV_2D", source, weights, 0, (1, *out, channels), options, scale_kind)


def depthwise(rng: Rng) -> Graph:
    """A DEPTHWISE_CONV_2D, half of them 3x3."""
    weight_kind, scale_kind = _kinds(rng)
    kernel = [(3, 3), (3, 3), (3, 3), (1, 1), (5, 5), (2, 4)][rng.integers(6)]
    sizes = (int(rng.integers(1, 12)), int(rng.integers(1, 12)))
    channels = int(rng.choice([1, 2, 3, 4, 5, 8, 13]))
    multiplier = int(rng.choice([1, 1, 1, 2, 3]))
    options, out = _sliding(rng, sizes, kernel)
    options["depth_multiplier"] = multiplier
    if options["stride_h"] != options["stride_w"]:
        options["stride_w"] = options["stride_h"]
        step = int(options["stride_w"])  # type: ignore[call-overload]
        width = -(-sizes[1] // step) if options["padding"] == "SAME" else (sizes[1] - kernel[1]) // step + 1
        out = (out[0], width)
    weights = _weights(rng, (1, *kernel, channels * multiplier), weight_kind)
    shape = (1, *out, channels * multiplier)
    return _assemble(rng, "DEPTHWISE_CONV_2D", (1, *sizes, channels), weights, 3, shape, options, scale_kind)


def fully_connected(rng: Rng) -> Graph:
    """A FULLY_CONNECTED of one or a few rows.

    Not one whose scaled sums leave int32: the reference converts them from double, which C leaves undefined.
    """
    while True:
        graph = _fully_connected(rng)
        data, weights, output = graph.tensors[:3]
        assert data.quant and weights.quant and output.quant and weights.data is not None
        reach = np.abs(weights.data.astype(float)).sum(axis=1).max() * 255
        if len(graph.tensors) > 3:
            reach += np.abs(np.asarray(graph[3].data).astype(float)).max()
        if reach * data.quant.scale * weights.quant.scales.max() / output.quant.scale < 2**30:
            return graph


def _fully_connected(rng: Rng) -> Graph:
    weight_kind, scale_kind = _kinds(rng)
    depth = int(rng.choice([1, 2, 3, 4, 7, 8, 31, 64, 100]))
    channels = int(rng.choice([1, 2, 3, 4, 5, 12, 17]))
    rows = int(rng.choice([1, 1, 1, 2, 3, 4, 9]))
    keep = bool(rng.random() < 0.3)
    source = (1, rows, depth) if keep else (rows, depth)
    output = (1, rows, channels) if keep else (rows, channels)
    options: dict[str, object] = {
        "fused_activation_function": str(rng.choice(ACTIVATIONS)),
        "weights_format": "DEFAULT",
        "keep_num_dims": keep,
        "asymmetric_quantize_inputs": False,
    }
    weights = _weights(rng, (channels, depth), weight_kind)
    return _assemble(rng, "FULLY_CONNECTED", source, weights, 0, output, options, scale_kind)


MAKERS = {"conv": conv, "depthwise": depthwise, "fully_connected": fully_connected}


def join(graphs: list[Graph]) -> Graph:
    """One model of many independent layers, so that the oracle is started once."""
    tensors: list[Tensor] = []
    operators, inputs, outputs = [], [], []
    for graph in graphs:
        base = len(tensors)
        tensors += graph.tensors
        (op,) = graph.operators
        moved = tuple(i if i == ABSENT else i + base for i in op.inputs)
        operators.append(replace(op, inputs=moved, outputs=(op.outputs[0] + base,)))
        inputs.append(base)
        outputs.append(op.outputs[0] + base)
    return Graph("layers", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs))


def inputs(rng: Rng, graph: Graph, samples: int) -> np.ndarray:
    """Random inputs, the first ones at the ends of the range, some adverse to the first channel's weights."""
    shape = graph[graph.inputs[0]].shape
    data = rng.integers(-128, 128, (samples, *shape)).astype(np.int8)
    data[0], data[1] = 127, -128
    data[2] = rng.choice([-128, 127], shape)
    return data
