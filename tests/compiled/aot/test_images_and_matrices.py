"""Reductions, norms, RESIZE_BILINEAR, TRANSPOSE_CONV and BATCH_MATMUL: every byte the oracle's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net, activations

from edgeq.checker import examine
from edgeq.graph import DType, QuantParams, Tensor

QUANT = (0.05, 3)


def reductions(net: Net) -> None:
    for axes in ([1, 2], [-1], [1], [2], [1, 3], [1, 2, 3], [0], [0, 1, 2, 3]):
        for opcode in ("REDUCE_MAX", "REDUCE_MIN"):
            for keep in (False, True):
                shape = [1, 4, 6, 5]
                at = {axis % 4 for axis in axes}
                output = [1 if i in at else d for i, d in enumerate(shape) if keep or i not in at]
                x = net.input(shape, QUANT)
                net.op(opcode, [x, net.ints(axes)], output, QUANT, output=True, keep_dims=keep)


def resizes(net: Net) -> None:
    for size in ([8, 12], [3, 5], [4, 6], [7, 7], [1, 1], [13, 2], [2, 40]):
        for aligned, centered in ((False, False), (True, False), (False, True)):
            x = net.input([1, 4, 6, 3], QUANT)
            options = {"align_corners": aligned, "half_pixel_centers": centered}
            net.op("RESIZE_BILINEAR", [x, net.ints(size)], [1, *size, 3], QUANT, output=True, **options)


def transposed_convolutions(net: Net) -> None:
    for case, (height, width, depth, channels, kernel, stride, padding) in enumerate(
        (
            (3, 4, 4, 2, (3, 3), (2, 2), "SAME"),
            (3, 4, 4, 2, (2, 2), (2, 2), "VALID"),
            (5, 3, 1, 7, (4, 3), (2, 1), "SAME"),
            (2, 2, 6, 3, (1, 1), (3, 2), "VALID"),
            (4, 4, 3, 5, (5, 5), (1, 1), "SAME"),
            (2, 3, 2, 2, (3, 5), (3, 4), "VALID"),
        )
    ):
        size = [
            d * s if padding == "SAME" else (d - 1) * s + k
            for d, s, k in zip((height, width), stride, kernel, strict=True)
        ]
        source = net.input([1, height, width, depth])
        values = net.random.integers(-127, 128, (channels, *kernel, depth)).astype(np.int8)
        scales = net.random.uniform(0.002, 0.02, channels if case % 2 else 1).astype(np.float32)
        zeros = np.zeros(len(scales), np.int64)
        weights = len(net.tensors)
        net.tensors.append(Tensor("w", values.shape, DType.INT8, QuantParams(scales, zeros, 0), values))
        given = [net.ints([1, *size, channels]), weights, source]
        if case % 3:
            bias = net.random.integers(-5000, 5000, channels).astype(np.int32)
            together = (scales * np.float32(net.same_quant(source)[0])).astype(np.float32)
            given.append(len(net.tensors))
            net.tensors.append(Tensor("b", bias.shape, DType.INT32, QuantParams(together, zeros, 0), bias))
        options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
        net.op(
            "TRANSPOSE_CONV",
            given,
            [1, *size, channels],
            output=True,
            fused_activation_function=activations(net.random) if case else "NONE",
            **options,
        )


def products(net: Net) -> None:
    for first, second, batch in (
        ((), (), ()),
        ((2,), (2,), (2,)),
        ((2,), (1,), (2,)),
        ((2, 3), (3,), (2, 3)),
        ((2, 1), (2, 3), (2, 3)),
    ):
        for kind in range(3):
            for adj_x in (False, True):
                for adj_y in (False, True):
                    a = [1, *first, *([7, 3] if adj_x else [3, 7])]
                    b = [1, *(len(first) - len(second)) * [1], *second, *([5, 7] if adj_y else [7, 5])]
                    pair = [
                        net.constant(a) if kind == 1 else net.input(a),
                        net.constant(b) if kind == 2 else net.input(b),
                    ]
                    options = {"adj_x": adj_x, "adj_y": adj_y, "asymmetric_quantize_inputs": False}
                    scale, zero = net.quant()
                    net.op("BATCH_MATMUL", pair, [1, *batch, 3, 5], (scale, zero), output=True, **options)


def norms(net: Net) -> None:
    for shape in ([1, 256], [1, 1], [1, 2], [1, 7, 5], [1, 3, 4, 3], [1, 9000]):
        for zero_point in (-128, 0, 127, 3):
            x = net.input(shape, (0.05, zero_point))
            options = {"fused_activation_function": "NONE"}
            net.op("L2_NORMALIZATION", [x], shape, (1 / 128, 0), output=True, **options)


def logarithms(net: Net) -> None:
    for scale in (0.0005, 0.004, 0.03, 0.1, 0.125, 0.5, 2.0, 30.0):
        for shape in ([1, 256], [1, 1], [1, 2], [1, 7, 5], [1, 3, 4, 3], [1, 300]):
            x = net.input(shape, (float(np.float32(scale)), 3))
            net.op("LOG_SOFTMAX", [x], shape, (1 / 16, 127), output=True)
    x = net.input([1, 4000], (0.01, 3))
    net.op("LOG_SOFTMAX", [x], [1, 4000], (1 / 16, 127), output=True)


GROUPS: tuple[Callable[[Net], None], ...] = (
    norms,
    logarithms,
    reductions,
    resizes,
    transposed_convolutions,
    products,
)


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_byte_is_the_oracles(group: Callable[[Net], None], seed: int, tmp_path: Path) -> None:
    net = Net(seed)
    group(net)
    files = holds_here(net, tmp_path)
    assert len([name for name in files if name.endswith("_s8.c")]) == 1


@pytest.mark.slow
def test_on_a_core(tmp_path: Path) -> None:
    net = Net(3)
    for group in GROUPS:
        group(net)
    holds_on("sim-m4", net, tmp_path)


def test_a_transposed_convolution_whose_sizes_contradict_is_refused() -> None:
    net = Net(4)
    transposed_convolutions(net)
    op = net.operators[0]
    source, weights = op.inputs[2], op.inputs[1]
    other = Net(5)
    other.tensors = list(net.tensors)
    other.inputs.append(source)
    given = [other.ints([1, 9, 8, 2]), weights, source]
    other.op("TRANSPOSE_CONV", given, [1, 9, 8, 2], output=True, **op.options)
    (finding,) = examine(other.graph())
    assert (finding.rule, finding.severity) == ("shape", "error")


def test_matrices_that_do_not_fit_are_refused() -> None:
    net = Net(6)
    pair = [net.input([1, 3, 4]), net.input([1, 3, 4])]
    net.op("BATCH_MATMUL", pair, [1, 3, 4], output=True, adj_x=False, adj_y=False)
    (finding,) = examine(net.graph())
    assert "do not fit" in finding.message
