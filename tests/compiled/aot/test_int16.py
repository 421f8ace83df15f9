"""int16 activations by int8 weights: every bit the oracle's, over shapes, scales, options and both ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import activations, filled, pooled
from wide import CONV, UNIT, Wide

from edgeq.graph import DType

BIASES: tuple[tuple[DType, str], ...] = (
    (DType.INT64, "INT64"),
    (DType.INT64, "FLOAT32"),
    (DType.INT32, "INT32"),
)


def convolutions(net: Wide) -> None:
    shapes = ((5, 6, 3, 4, 3, 3), (4, 4, 8, 5, 1, 1), (1, 9, 2, 3, 1, 4), (6, 5, 4, 6, 2, 3))
    for position, (height, width, depth, filters, kernel_h, kernel_w) in enumerate(shapes):
        dtype, told = BIASES[position % 3]
        x = net.input((1, height, width, depth))
        w = net.weights((filters, kernel_h, kernel_w, depth), 0, per_channel=position != 2)
        b = net.bias(x, w, dtype, 1e7)
        stride, dilation = 1 + position % 2, 2 if position == 0 else 1
        options = CONV | {"stride_h": stride, "stride_w": stride, "dilation_h_factor": dilation}
        span = (kernel_h - 1) * dilation + 1
        padding = "VALID" if position == 1 else "SAME"
        size = (pooled(height, span, stride, padding), pooled(width, kernel_w, stride, padding))
        net.op(
            "CONV_2D",
            [x, w, b],
            (1, *size, filters),
            net.scale_after(x, w, narrow=position == 1),
            output=True,
            **(options | {"padding": padding, "quantized_bias_type": told}),
            fused_activation_function=activations(net.random),
        )


def grouped(net: Wide) -> None:
    x = net.input((1, 5, 5, 6))
    w = net.weights((4, 3, 3, 3), 0)
    b = net.bias(x, w, DType.INT64)
    net.op("CONV_2D", [x, w, b], (1, 5, 5, 4), net.scale_after(x, w), output=True, **CONV)


def depthwise(net: Wide) -> None:
    for multiplier, depth, kernel, stride in ((1, 5, 3, 1), (3, 2, 3, 2), (4, 1, 5, 1), (1, 2, 17, 1)):
        x = net.input((1, 6, 7, depth))
        w = net.weights((1, kernel, kernel, depth * multiplier), 3)
        inputs = [x, w, net.bias(x, w, DType.INT64, 1e8)] if depth != 2 else [x, w]
        options = CONV | {"stride_h": stride, "stride_w": stride, "depth_multiplier": multiplier}
        net.op(
            "DEPTHWISE_CONV_2D",
            inputs,
            (1, -(-6 // stride), -(-7 // stride), depth * multiplier),
            net.scale_after(x, w, narrow=depth == 2),
            output=True,
            **options,
            fused_activation_function=activations(net.random),
        )


def fully_connected(net: Wide) -> None:
    for position, (rows, depth, units) in enumerate(
        ((1, 7, 5), (3, 64, 4), (1, 700, 3), (2, 20, 9), (1, 5, 6))
    ):
        dtype, told = BIASES[position % 3]
        x = net.input((1, rows, depth))
        w = net.weights((units, depth), 0, per_channel=position % 2 == 0)
        inputs = [x, w] if position == 4 else [x, w, net.bias(x, w, dtype)]
        net.op(
            "FULLY_CONNECTED",
            inputs,
            (1, rows, units),
            net.scale_after(x, w, narrow=position == 1),
            output=True,
            keep_num_dims=True,
            quantized_bias_type=told,
            fused_activation_function=activations(net.random),
        )


def transposed(net: Wide) -> None:
    for position, (stride, kernel, padding) in enumerate(((2, 3, "SAME"), (1, 2, "VALID"), (3, 2, "SAME"))):
        dtype, told = BIASES[position % 3]
        x = net.input((1, 3, 4, 5))
        w = net.weights((4, kernel, kernel, 5), 0)
        size = (3 * stride, 4 * stride) if padding == "SAME" else (2 + kernel, 3 + kernel)
        shape = (1, *size, 4)
        inputs = [net.ints(shape), w, x] + ([net.bias(x, w, dtype)] if position != 1 else [])
        net.op(
            "TRANSPOSE_CONV",
            inputs,
            shape,
            net.scale_after(x, w),
            output=True,
            padding=padding,
            stride_h=stride,
            stride_w=stride,
            quantized_bias_type=told,
        )


def matrices(net: Wide) -> None:
    for second, adjoints in (
        (DType.INT16, (False, True)),
        (DType.INT16, (True, False)),
        (DType.INT8, (False, False)),
    ):
        first = (2, 6, 3) if adjoints[0] else (2, 3, 6)
        other = (2, 4, 6) if adjoints[1] else (2, 6, 4)
        a, b = net.input((1, *first)), net.input((1, *other), (0.01, 0), dtype=second)
        spread = (
            net.same_quant(a)[0]
            * net.same_quant(b)[0]
            * 6
            * 32768
            * (32768 if second is DType.INT16 else 128)
        )
        out = (float(np.float32(spread / 32768 / 3)), 0)
        net.op("BATCH_MATMUL", [a, b], (1, 2, 3, 4), out, output=True, adj_x=adjoints[0], adj_y=adjoints[1])
    a, b = net.input((1, 2, 3, 6)), net.constant((6, 4), (1e-4, 0))
    net.op(
        "BATCH_MATMUL",
        [a, b],
        (1, 2, 3, 4),
        (net.same_quant(a)[0] * 20, 0),
        output=True,
        adj_x=False,
        adj_y=False,
    )


def sums(net: Wide) -> None:
    for opcode in ("ADD", "SUB"):
        for first, second in (((1, 3, 4), (1, 3, 4)), ((1, 3, 4), (1, 1, 4)), ((1, 1, 4), (1, 3, 1))):
            a, b = net.input(first), net.input(second)
            largest = max(net.same_quant(a)[0], net.same_quant(b)[0])
            net.op(
                opcode,
                [a, b],
                np.broadcast_shapes(first, second),
                (float(np.float32(largest * net.random.uniform(0.3, 3))), 0),
                output=True,
                pot_scale_int16=False,
                fused_activation_function=activations(net.random),
            )
        a, b = net.constant((1, 4)), net.input((1, 3, 4))
        net.op(opcode, [a, b], (1, 3, 4), output=True, pot_scale_int16=False)
        for shift in (0, 3):
            a, b = net.input((1, 5), (2.0**-12, 0)), net.input((1, 5), (2.0 ** (-12 - shift), 0))
            net.op(opcode, [a, b], (1, 5), (2.0**-12, 0), output=True, pot_scale_int16=True)
            net.op(opcode, [b, a], (1, 5), (2.0**-12, 0), output=True, pot_scale_int16=True)


def products(net: Wide) -> None:
    for first, second in (((1, 3, 40), (1, 3, 40)), ((1, 3, 4), (1, 3, 1))):
        a, b = net.input(first), net.input(second)
        out = net.same_quant(a)[0] * net.same_quant(b)[0] * 32768 * net.random.uniform(0.2, 1.5)
        net.op(
            "MUL",
            [a, b],
            np.broadcast_shapes(first, second),
            (float(np.float32(out)), 0),
            output=True,
            fused_activation_function=activations(net.random),
        )
    a, b = net.input((1, 30)), net.constant((30,))
    net.op("MUL", [a, b], (1, 30), output=True)
    x = net.input((1, 3, 3, 8))
    slopes = Wide.tensor(
        net,
        (1, 1, 8),
        (0.01, 0),
        data=net.random.integers(-128, 128, (1, 1, 8)).astype(np.int8),
        dtype=DType.INT8,
    )
    net.op("PRELU", [x, slopes], (1, 3, 3, 8), output=True)


def extremes(net: Wide) -> None:
    for opcode in ("MAXIMUM", "MINIMUM"):
        a = net.input((1, 3, 8))
        same = net.same_quant(a)
        net.op(opcode, [a, net.input((1, 3, 8), same)], (1, 3, 8), same, output=True)
        net.op(opcode, [net.constant((8,), same), a], (1, 3, 8), same, output=True)


def rescaled(net: Wide) -> None:
    for opcode, options in (
        ("RELU", {}),
        ("RELU6", {}),
        ("LEAKY_RELU", {"alpha": 0.3}),
        ("LEAKY_RELU", {"alpha": -2.0}),
        ("ABS", {}),
        ("QUANTIZE", {}),
    ):
        for ratio in (0.4, 1.0, 5.3):
            x = net.input((1, 700))
            out = (float(np.float32(net.same_quant(x)[0] * ratio)), 0)
            net.op(opcode, [x], (1, 700), out, output=True, **options)


def between(net: Wide) -> None:
    """From 8 bits to 16 and back."""
    for scale, zero in ((0.05, 3), (0.01, -128)):
        x = net.input((1, 300), (scale, zero), dtype=DType.INT8)
        net.op("QUANTIZE", [x], (1, 300), (scale / 200, 0), output=True)
        y = net.input((1, 900), (scale / 200, 0))
        net.op("QUANTIZE", [y], (1, 900), (scale, zero), dtype=DType.INT8, output=True)


def tables(net: Wide) -> None:
    for scale in (1e-4, 1.3e-3, 2.0**-13, 2.0**-12):
        x = net.input((1, 900), (float(np.float32(scale)), 0))
        net.op("EXP", [x], (1, 900), (float(np.float32(np.exp(scale * 20000) / 32767)), 0), output=True)
        net.op("LOG", [x], (1, 900), (4e-4, 0), output=True)
        for approximate in (False, True):
            net.op("GELU", [x], (1, 900), (float(np.float32(scale)), 0), output=True, approximate=approximate)


def sigmoids(net: Wide) -> None:
    for scale in (2.0**-12, 2.0**-11, 2.0**-14, 1e-5, 3.3e-4, 7e-3, 1.2):
        x = net.input((1, 1500), (float(np.float32(scale)), 0))
        net.op("LOGISTIC", [x], (1, 1500), UNIT, output=True)
        net.op("TANH", [x], (1, 1500), UNIT, output=True)


def classes(net: Wide) -> None:
    for scale, depth, beta in (
        (1e-4, 10, 1.0),
        (3e-4, 2, 1.0),
        (5e-5, 100, 2.5),
        (1e-3, 1, 1.0),
        (1e-6, 700, 1.0),
    ):
        x = net.input((1, 3, depth), (float(np.float32(scale)), 0))
        net.op("SOFTMAX", [x], (1, 3, depth), UNIT, output=True, beta=beta)


def pools(net: Wide) -> None:
    for opcode in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for window, stride, padding in ((2, 2, "SAME"), (3, 1, "VALID"), (3, 2, "SAME")):
            x = net.input((1, 5, 6, 3))
            size = (pooled(5, window, stride, padding), pooled(6, window, stride, padding))
            net.op(
                opcode,
                [x],
                (1, *size, 3),
                net.same_quant(x),
                output=True,
                padding=padding,
                stride_h=stride,
                stride_w=stride,
                filter_height=window,
                filter_width=window,
                fused_activation_function=activations(net.random),
            )


def reductions(net: Wide) -> None:
    for axes, shape in (([1, 2], (1, 4)), ([3], (1, 3, 5)), ([1, 3], (1, 5))):
        x = net.input((1, 3, 5, 4))
        net.op(
            "MEAN", [x, net.ints(axes)], shape, (net.same_quant(x)[0] * 0.7, 0), output=True, keep_dims=False
        )
        for opcode in ("REDUCE_MAX", "REDUCE_MIN"):
            net.op(opcode, [x, net.ints(axes)], shape, net.same_quant(x), output=True, keep_dims=False)


def negated(net: Wide) -> None:
    for shape in ((1, 300), (1, 4, 5)):
        x = net.input(shape)
        net.op("NEG", [x], shape, net.same_quant(x), output=True)


def resized(net: Wide) -> None:
    for options in ({"half_pixel_centers": True}, {"align_corners": True}, {}):
        x = net.input((1, 3, 4, 2))
        net.op(
            "RESIZE_BILINEAR", [x, net.ints([5, 9])], (1, 5, 9, 2), net.same_quant(x), output=True, **options
        )
        net.op(
            "RESIZE_NEAREST_NEIGHBOR",
            [x, net.ints([5, 9])],
            (1, 5, 9, 2),
            net.same_quant(x),
            output=True,
            **options,
        )


def moved(net: Wide) -> None:
    x = net.input((1, 4, 6, 3))
    q = net.same_quant(x)

    def one(
        opcode: str, parameters: list[object], shape: tuple[int, ...], **options: int | str | bool
    ) -> None:
        net.op(opcode, [x, *(net.ints(p) for p in parameters)], shape, q, output=True, **options)

    paddings = [[0, 0], [1, 2], [0, 1], [0, 0]]
    one("PAD", [paddings], (1, 7, 7, 3))
    value = net.tensor((), q, data=np.array(-1234, np.int16))
    net.op("PADV2", [x, net.ints(paddings), value], (1, 7, 7, 3), q, output=True)
    one("MIRROR_PAD", [paddings], (1, 7, 7, 3), mode="REFLECT")
    one("TRANSPOSE", [[0, 2, 3, 1]], (1, 6, 3, 4))
    one("SLICE", [[0, 1, 2, 1], [1, 2, 3, 2]], (1, 2, 3, 2))
    one("STRIDED_SLICE", [[0, 3, 0, 0], [1, 0, 6, 3], [1, -1, 2, 2]], (1, 3, 3, 2))
    one("TILE", [[1, 2, 1, 2]], (1, 8, 6, 6))
    one("GATHER", [[2, 0, 2]], (1, 4, 3, 3), axis=2)
    one("REVERSE_V2", [[2]], (1, 4, 6, 3))
    one("SPACE_TO_BATCH_ND", [[2, 2], [[0, 0], [0, 2]]], (4, 2, 4, 3))
    one("RESHAPE", [[1, 72]], (1, 72))
    one("EXPAND_DIMS", [[1]], (1, 1, 4, 6, 3))
    net.op("SQUEEZE", [x], (4, 6, 3), q, output=True, squeeze_dims=(0,))
    net.op("CONCATENATION", [x, x, net.constant((1, 4, 6, 2), q)], (1, 4, 6, 8), q, output=True, axis=3)
    net.op("PACK", [x, x], (1, 2, 4, 6, 3), q, output=True, axis=1, values_count=2)
    net.parts("UNPACK", [x], [(1, 4, 6)] * 3, q, output=True, axis=3, num=3)
    net.parts("SPLIT", [net.ints(2), x], [(1, 4, 3, 3)] * 2, q, output=True, num_splits=2)
    net.parts(
        "SPLIT_V",
        [x, net.ints([1, 5]), net.ints(2)],
        [(1, 4, 1, 3), (1, 4, 5, 3)],
        q,
        output=True,
        num_splits=2,
    )


NETS: tuple[Callable[[Wide], None], ...] = (
    convolutions, grouped, depthwise, transposed, fully_connected, matrices, sums, products, extremes,
    rescaled, between, tables, sigmoids, classes, pools, reductions, negated, resized, moved,
)  # fmt: skip


def test_every_bit_is_the_oracles(tmp_path: Path) -> None:
    holds_here(filled(Wide(1), *NETS), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_more(seed: int, tmp_path: Path) -> None:
    holds_here(filled(Wide(seed), *NETS), tmp_path, boards=("host", "sim-m4"))


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_on_simulated_cores(board: str, tmp_path: Path) -> None:
    holds_on(board, filled(Wide(1), *NETS), tmp_path)
