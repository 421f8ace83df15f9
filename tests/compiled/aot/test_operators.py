"""Every operator without multiply-accumulates, over random shapes, scales and activations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from native import Native, compiled_graph
from nets import FIXED, Net, activations, pooled

from edgeq.graph import DType, write_model
from edgeq.interpreter import run

SAMPLES = 12
BOARDS = ("host", "sim-m4")
"""One whose kernels are plain, and one whose core has the DSP extension."""


def shape(net: Net, rank: int, largest: int = 7) -> list[int]:
    return [1, *(int(d) for d in net.random.integers(1, largest + 1, rank - 1))]


def add_tables(net: Net) -> None:
    for opcode in ("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "QUANTIZE"):
        for _ in range(4):
            x = net.input([1, 256])
            net.op(opcode, [x], [1, 256], FIXED.get(opcode), output=True)
    for source, target in (
        (DType.UINT8, DType.INT8),
        (DType.INT8, DType.UINT8),
        (DType.UINT8, DType.UINT8),
    ):
        for _ in range(3):
            x = net.input([1, 3, 50], dtype=source)
            net.op("QUANTIZE", [x], [1, 3, 50], dtype=target, output=True)
    x = net.input([1, 64], (0.5, 128), dtype=DType.UINT8)
    net.op("QUANTIZE", [x], [1, 64], (0.5, 0), output=True)


def add_additions(net: Net) -> None:
    for _ in range(12):
        full = shape(net, int(net.random.integers(2, 5)))
        a, b = net.input(full), net.input(full)
        net.op("ADD", [a, b], full, output=True, fused_activation_function=activations(net.random))
    for quants in ([(0.5, 0)] * 3, [(0.25, 3), (0.5, -7), (0.75, 1)], [(0.1, -128), (0.1, 127), (0.1, 0)]):
        a, b = net.input([1, 400], quants[0]), net.input([1, 400], quants[1])
        net.op("ADD", [a, b], [1, 400], quants[2], output=True, fused_activation_function="NONE")


def add_broadcasts(net: Net) -> None:
    cases = [
        ([1, 4, 5, 6], [6]),
        ([1, 4, 5, 6], [1, 1, 1, 1]),
        ([1, 4, 5, 6], [1, 1, 5, 1]),
        ([1, 4, 5, 6], [1, 4, 1, 6]),
        ([1, 4, 1, 6], [1, 1, 5, 1]),
        ([1, 2, 3, 2, 3], [1, 2, 1, 2, 1]),
    ]
    for opcode in ("ADD", "MUL"):
        for first, second in cases:
            output = np.broadcast_shapes(first, second)
            chosen = activations(net.random)
            for constant, swapped in ((False, False), (True, False), (True, True)):
                a = net.input(first)
                b = net.constant(second) if constant or second[0] != 1 else net.input(second)
                pair = [b, a] if swapped else [a, b]
                net.op(opcode, pair, output, output=True, fused_activation_function=chosen)


def add_products(net: Net) -> None:
    for _ in range(12):
        full = shape(net, int(net.random.integers(2, 5)))
        a, b = net.input(full), net.input(full)
        net.op("MUL", [a, b], full, output=True, fused_activation_function=activations(net.random))
    a = net.input([1, 300])
    net.op("MUL", [a, a], [1, 300], output=True, fused_activation_function="NONE")
    net.op("ADD", [a, a], [1, 300], output=True, fused_activation_function="NONE")
    b, c = net.input([1, 300], (0.9, -128)), net.input([1, 300], (0.9, 127))
    net.op("MUL", [b, c], [1, 300], (0.01, 5), output=True, fused_activation_function="NONE")


def add_pools(net: Net) -> None:
    for opcode in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for case in range(14):
            _, h, w, c = shape(net, 4, 9)
            padding = str(net.random.choice(["SAME", "VALID"]))
            wh, ww = (int(net.random.integers(1, size + 1)) for size in (h, w))
            sh, sw = (int(s) for s in net.random.integers(1, 4, 2))
            if case == 0:
                h, w, c, wh, ww, padding = 20, 20, 5, 20, 20, "VALID"
            x = net.input([1, h, w, c])
            net.op(
                opcode,
                [x],
                [1, pooled(h, wh, sh, padding), pooled(w, ww, sw, padding), c],
                net.same_quant(x),
                output=True,
                padding=padding,
                filter_height=wh,
                filter_width=ww,
                stride_h=sh,
                stride_w=sw,
                fused_activation_function=activations(net.random),
            )


def add_means(net: Net) -> None:
    axes = [[1, 2], [2, 1], [3], [-1], [1], [2], [1, 3], [1, 2, 3], [0, 1], [0, 1, 2, 3], []]
    for chosen in axes:
        for keep in (False, True):
            full = shape(net, 4, 9)
            positive = {axis % 4 for axis in chosen}
            output = [1 if i in positive else d for i, d in enumerate(full) if keep or i not in positive]
            x = net.input(full)
            quant = net.same_quant(x) if keep else (net.same_quant(x)[0] * 0.6, -5)
            net.op("MEAN", [x, net.ints(chosen)], output, quant, output=True, keep_dims=keep)
    x = net.input([1, 30, 30, 3])
    net.op("MEAN", [x, net.ints([1, 2])], [1, 3], output=True, keep_dims=False)
    x = net.input([1, 128, 64, 2], (0.05, 0))
    for steps in (0.1, 30, 250):  # one step of all values moves the mean by so many
        fine = (0.05 / steps, -5)
        net.op("MEAN", [x, net.ints([1, 2])], [1, 2], fine, output=True, keep_dims=False)


def add_layouts(net: Net) -> None:
    for paddings in (
        [[0, 0], [1, 2], [3, 0], [0, 0]],
        [[0, 0], [1, 0], [0, 1], [2, 3]],
        [[0, 0], [0, 0], [0, 0], [0, 0]],
        [[0, 0], [0, 0], [2, 2]],
        [[0, 0], [1, 1], [1, 1], [1, 1], [1, 1]],
        [[1, 0], [1, 1], [1, 1], [1, 1]],
    ):
        full = shape(net, len(paddings), 5)
        output = [d + a + b for d, (a, b) in zip(full, paddings, strict=True)]
        x = net.input(full)
        quant = net.same_quant(x)
        net.op("PAD", [x, net.ints(paddings)], output, quant, output=True)
        value = net.tensor([1], quant, data=np.array([-77], np.int8))
        net.op("PADV2", [x, net.ints(paddings), value], output, quant, output=True)
    for axis in (1, 2, 3, -1):
        full = shape(net, 4)
        quant = net.quant()
        parts, total = [], 0
        for i in range(3):
            part = list(full)
            part[axis] = int(net.random.integers(1, 6))
            total += part[axis]
            parts.append(net.constant(part, quant) if i == 1 else net.input(part, quant))
        full[axis] = total
        net.op("CONCATENATION", parts, full, quant, output=True, axis=axis, fused_activation_function="NONE")


def add_softmaxes(net: Net) -> None:
    for scale in (0.002, 0.02, 0.1, 0.4, 2.0, 30.0):
        for beta in (1.0, 0.3):
            full = [*shape(net, int(net.random.integers(1, 4)), 5), int(net.random.integers(1, 40))]
            x = net.input(full, (float(np.float32(scale)), int(net.random.integers(-128, 128))))
            net.op("SOFTMAX", [x], full, FIXED["SOFTMAX"], output=True, beta=beta)
    x = net.input([1, 300], (1e-4, 0))
    net.op("SOFTMAX", [x], [1, 300], FIXED["SOFTMAX"], output=True, beta=1.0)


GROUPS: tuple[Callable[[Net], None], ...] = (
    add_tables,
    add_additions,
    add_broadcasts,
    add_products,
    add_pools,
    add_means,
    add_layouts,
    add_softmaxes,
)


@pytest.mark.sample(1)
@pytest.mark.parametrize("group", GROUPS, ids=lambda g: g.__name__.removeprefix("add_"))
def test_every_byte_is_the_oracles(group: Callable[[Net], None], tmp_path: Path) -> None:
    net = Net(seed=len(group.__name__))
    group(net)
    graph = net.graph()
    model = write_model(graph)
    inputs = net.samples(SAMPLES)
    for x in inputs:  # every value, where there is room
        flat = x.reshape(-1)
        flat[: min(256, flat.size)] = np.arange(256, dtype=np.int64).astype(x.dtype)[: flat.size]
    expected = run(model, inputs)
    for board in BOARDS:
        found = Native(compiled_graph(graph, model, board), tmp_path / board).run(inputs)
        wrong = [
            (board, op.opcode, op.options, int((a.reshape(b.shape) != b).sum()), b.size)
            for op, a, b in zip(graph.operators, expected, found, strict=True)
            if not np.array_equal(a.reshape(b.shape), b)
        ]
        assert not wrong
