"""How layers are drawn: weights, biases, and outputs that use their range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from growing import Drawn, Growing, Row

from edgeq.graph import ABSENT, DType, QuantParams, Tensor


def _spread(net: Growing, dtype: DType, largest: float) -> tuple[float, int]:
    """A quantization at which values up to a size use the range, saturate or hardly move."""
    scale, zero_point = net.quant(dtype)
    if net.often(0.9):
        most = 30000 if dtype is DType.INT16 else 120
        scale = float(np.float32(largest * np.exp(net.random.uniform(-1, 2)) / most))
    return scale, zero_point


def matmul(net: Growing, row: Row, x: int) -> Drawn:
    *before, rows, depth = net.tensors[x].shape
    adjoint = {name: net.often(0.5) for name in ("adj_x", "adj_y")}
    if adjoint["adj_x"]:
        rows, depth = depth, rows
    columns = net.between(1, 6)
    inner = (columns, depth) if adjoint["adj_y"] else (depth, columns)
    batch = tuple(before) if net.often(0.6) else tuple(before[net.between(0, len(before)) :])
    other = net.companion(row.support.operands[1], row, x, (*batch, *inner))
    product = net.same_quant(x)[0] * net.same_quant(other)[0]
    most = 50 * (100 if net.tensors[other].dtype is not DType.INT16 else 20000)
    return Drawn([x, other], adjoint, quant=_spread(net, row.dtype, product * most * np.sqrt(depth)))


def weighted(
    net: Growing, row: Row, x: int, shape: Sequence[int], taps: int
) -> tuple[int, int, tuple[float, int]]:
    """Weights, a bias or none, and the output's quantization.

    Args:
        shape: of the weights.
        taps: weights that meet in an output.
    """
    axis_, operands = row.support.channel_axis, {o.role: o for o in row.support.operands}
    unsigned = row.dtype is DType.UINT8
    dtype = DType.UINT8 if unsigned else DType.INT8
    values = net.random.integers(*((0, 256) if unsigned else (-127, 128)), tuple(shape)).astype(dtype.numpy)
    channels = shape[(0 if row.opcode != "DEPTHWISE_CONV_2D" else 3)]
    if axis_ is not None and net.often(0.2):
        np.moveaxis(values, axis_, 0)[net.between(0, channels - 1)] = net.chance(0, 127, -127)
    spread = channels if axis_ is not None and net.often(0.7) else 1
    scales = np.exp(net.random.uniform(np.log(2e-3), np.log(2e-2), spread)).astype(np.float32)
    zeros = np.full(spread, net.chance(128, 0, 255, net.between(90, 160)) if unsigned else 0, np.int64)
    quant = QuantParams(scales, zeros, axis_ or 0)
    w = len(net.tensors)
    net.tensors.append(Tensor(f"t{w}", tuple(shape), dtype, quant, values))
    source = net.same_quant(x)[0]
    bias = ABSENT
    sum_ = 70 * np.sqrt(taps) * (70 if row.dtype is not DType.INT16 else 18000)
    if row.opcode == "CONV_2D" or not net.often(0.2):  # LiteRT demands that one's
        kind = net.chance(*sorted(operands["bias"].dtypes or ()))
        most = int(net.chance(sum_, sum_, 0, 2**30 if row.dtype is not DType.INT16 else sum_))
        data = net.random.integers(-most, most + 1, channels).astype(kind.numpy)
        bias = len(net.tensors)
        own = QuantParams((source * scales).astype(np.float32), np.zeros(spread, np.int64))
        net.tensors.append(Tensor(f"t{bias}", (channels,), kind, own, data))
    return w, bias, _spread(net, row.dtype, source * float(scales.max()) * sum_)


def _windows(net: Growing, dilated: bool) -> dict[str, int | str]:
    found: dict[str, int | str] = {side: net.chance(1, 1, 2, 3) for side in ("stride_h", "stride_w")}
    if dilated:
        same = net.often(0.7)
        found |= {f"dilation_{s}_factor": 1 if same else net.between(1, 3) for s in "hw"}
    return found


def conv(net: Growing, row: Row, x: int) -> Drawn:
    inputs = net.tensors[x].shape[3]
    groups = net.chance(*(g for g in range(1, 5) if inputs % g == 0)) if net.often(0.3) else 1
    taps = (net.chance(1, 1, 2, 3), net.chance(1, 1, 3, 5))
    shape = (groups * net.between(1, 9 // groups), *taps, inputs // groups)
    w, bias, quant = weighted(net, row, x, shape, int(np.prod(shape[1:])))
    return Drawn([x, w, bias], _windows(net, True) | {"quantized_bias_type": "FLOAT32"}, quant=quant)


def depthwise(net: Growing, row: Row, x: int) -> Drawn:
    inputs, multiplier = net.tensors[x].shape[3], net.chance(1, 1, 2, 3)
    taps = (net.chance(1, 3, 2), net.chance(1, 3, 4))
    w, bias, quant = weighted(net, row, x, (1, *taps, inputs * multiplier), int(np.prod(taps)))
    given = [x, w] + ([bias] if bias != ABSENT else [])
    return Drawn(given, _windows(net, True) | {"depth_multiplier": multiplier}, quant=quant)


def dense(net: Growing, row: Row, x: int) -> Drawn:
    shape = net.tensors[x].shape
    depth = shape[-1] if net.often(0.7) else int(np.prod(shape[net.between(0, len(shape) - 1) :]))
    w, bias, quant = weighted(net, row, x, (net.between(1, 10), depth), depth)
    return Drawn([x, w, bias], {"quantized_bias_type": "FLOAT32"}, quant=quant)


def transpose_conv(net: Growing, row: Row, x: int) -> Drawn:
    batch, height, width, inputs = net.tensors[x].shape
    channels, taps = net.between(1, 5), (net.between(1, 4), net.between(1, 4))
    windows = _windows(net, False)
    same = net.often(0.6)
    sizes = [
        d * int(s) if same else (d - 1) * int(s) + t
        for d, s, t in zip((height, width), (windows["stride_h"], windows["stride_w"]), taps, strict=True)
    ]
    w, bias, quant = weighted(net, row, x, (channels, *taps, inputs), int(np.prod(taps)) * inputs)
    output = net.parameter(row.support.operands[0], [batch, *sizes, channels])
    options = {"padding": "SAME" if same else "VALID", "quantized_bias_type": "FLOAT32"}
    given = [output, w, x] + ([bias] if bias != ABSENT else [])
    return Drawn(given, windows | options, quant=quant)
