"""Operators that move bytes: each byte where the oracle has it, over ranks, axes, strides, signs, sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from native import compiled_graph
from nets import Net

from edgeq.backends.aot.ops import operators
from edgeq.checker import examine
from edgeq.checker.operators import MOVABLE
from edgeq.graph import DType

QUANT = (0.05, 3)
Shape = Sequence[int]


def move(
    net: Net, opcode: str, shape: Shape, output: Shape, *parameters: object, **options: int | bool | str
) -> None:
    """One operator with constant parameters."""
    given = [net.input(shape, QUANT), *(net.ints(p) for p in parameters)]
    net.op(opcode, given, output, QUANT, output=True, **options)


def transposes(net: Net) -> None:
    for shape, order in (
        ([1, 4, 6, 3], [0, 2, 1, 3]),
        ([1, 4, 6, 3], [0, 3, 1, 2]),
        ([1, 4, 6, 3], [3, 2, 1, 0]),
        ([1, 5, 1, 7], [0, 2, 1, 3]),
        ([1, 9], [1, 0]),
        ([1, 17, 19], [0, -1, 1]),
        ([1, 2, 3, 4, 5], [4, 0, 3, 1, 2]),
        ([1, 2, 3, 2, 3, 2], [0, 5, 3, 1, 4, 2]),
        ([1, 8], [0, 1]),
    ):
        move(net, "TRANSPOSE", shape, [shape[axis] for axis in order], order)


def slices(net: Net) -> None:
    for shape, begin, size in (
        ([1, 4, 6, 4], [0, 1, 2, 0], [1, 2, 3, -1]),
        ([1, 4, 6, 4], [0, 0, 0, 3], [1, 4, 6, 1]),
        ([1, 30], [0, 7], [-1, -1]),
        ([1, 3, 4, 5, 2], [0, 1, 1, 1, 1], [1, 2, 2, 3, 1]),
    ):
        output = [d - b if n == -1 else n for d, b, n in zip(shape, begin, size, strict=True)]
        move(net, "SLICE", shape, output, begin, size)


def strided_slices(net: Net) -> None:
    cases: tuple[tuple[Shape, Shape, Shape, Shape, dict[str, int]], ...] = (
        ([1, 4, 6, 4], [0, 0, 0, 0], [1, 4, 6, 4], [1, 2, 3, 1], {}),
        ([1, 4, 6, 4], [0, 1, -1, 3], [1, 3, -7, -5], [1, 1, -2, -1], {}),
        ([1, 4, 6, 4], [0, 3, 0, 9], [0, 0, 2, 9], [1, -1, 1, -2], {"begin_mask": 9, "end_mask": 11}),
        ([1, 4, 6, 4], [0, 2, 0, 0], [1, 3, 6, 4], [1, 1, 1, 1], {"shrink_axis_mask": 2}),
        ([1, 4, 6, 4], [0, -1, 0, -2], [1, 0, 6, -1], [1, 1, 5, 1], {"shrink_axis_mask": 10}),
        ([1, 50], [0, -40], [1, 100], [1, 7], {}),
        ([1, 4, 6], [0, 1], [1, 3], [1, 1], {"end_mask": 1}),
        ([1, 3, 3, 3, 3], [0, 2, 0, 1, 0], [1, -4, 3, 3, 3], [1, -1, 2, 1, 2], {}),
    )
    for shape, begin, end, strides, masks in cases:
        keys: list[slice | int] = []
        for axis, (b, e, s) in enumerate(zip(begin, end, strides, strict=True)):
            if masks.get("shrink_axis_mask", 0) >> axis & 1:
                keys.append(b)
                continue
            first = None if masks.get("begin_mask", 0) >> axis & 1 else b
            keys.append(slice(first, None if masks.get("end_mask", 0) >> axis & 1 else e, s))
        output = np.zeros(shape)[tuple(keys)].shape
        options = dict.fromkeys(("begin_mask", "end_mask", "shrink_axis_mask"), 0) | masks
        options |= {"ellipsis_mask": 0, "new_axis_mask": 0}
        move(net, "STRIDED_SLICE", shape, output, begin, end, strides, **options)


def reversals(net: Net) -> None:
    for shape, axes in (([1, 4, 5, 3], [1]), ([1, 4, 5, 3], [3]), ([1, 4, 5, 3], [-2]), ([1, 9], [1])):
        move(net, "REVERSE_V2", shape, shape, axes)


def gathers(net: Net) -> None:
    for shape, indices, axis in (
        ([1, 6, 4], [0, 5, 5, 2], 1),
        ([1, 6, 4], [[3, 1], [0, 2]], 2),
        ([1, 6, 4], 3, 1),
        ([1, 300], np.arange(299, -1, -3).tolist(), -1),
        ([1, 3, 4, 5], [2, 0, 1, 2, 2], 1),
    ):
        at = axis % len(shape)
        output = [*shape[:at], *np.shape(indices), *shape[at + 1 :]]
        move(net, "GATHER", shape, output, indices, axis=axis, batch_dims=0)


def mirrors(net: Net) -> None:
    for mode, pads in (
        ("REFLECT", [[0, 0], [1, 2], [3, 0], [0, 0]]),
        ("SYMMETRIC", [[0, 0], [4, 1], [0, 5], [2, 2]]),
        ("REFLECT", [[0, 0], [3, 3], [4, 4], [1, 0]]),
    ):
        shape = [1, 4, 5, 3]
        output = [d + a + b for d, (a, b) in zip(shape, pads, strict=True)]
        move(net, "MIRROR_PAD", shape, output, pads, mode=mode)


def neighbours(net: Net) -> None:
    for size in ([8, 12], [3, 5], [4, 6], [7, 7], [1, 1], [13, 2]):
        for aligned, centered in ((False, False), (True, False), (False, True)):
            move(
                net,
                "RESIZE_NEAREST_NEIGHBOR",
                [1, 4, 6, 3],
                [1, *size, 3],
                size,
                align_corners=aligned,
                half_pixel_centers=centered,
            )


def parts(net: Net) -> None:
    for shape, axis, count in (([1, 6, 4], 1, 3), ([1, 6, 4], -1, 2), ([1, 8, 2, 3], 1, 1), ([1, 12], 1, 12)):
        at = axis % len(shape)
        part = [*shape[:at], shape[at] // count, *shape[at + 1 :]]
        x = net.input(shape, QUANT)
        net.parts("SPLIT", [net.ints(axis), x], [part] * count, QUANT, output=True, num_splits=count)
    for shape, axis, sizes in (([1, 6, 4], 1, [1, 3, 2]), ([1, 6, 4], -1, [3, -1]), ([1, 5, 7, 2], 2, [7])):
        at = axis % len(shape)
        whole = [shape[at] - sum(sizes) - 1 if n == -1 else n for n in sizes]
        x = net.input(shape, QUANT)
        given = [x, net.ints(sizes), net.ints(axis)]
        made = [[*shape[:at], n, *shape[at + 1 :]] for n in whole]
        net.parts("SPLIT_V", given, made, QUANT, output=True, num_splits=len(sizes))
    for shape, axis in (([1, 3, 4], 1), ([1, 3, 4], -1), ([1, 5], 0), ([1, 2, 3, 4], 2)):
        part = [d for i, d in enumerate(shape) if i != axis % len(shape)]
        count = shape[axis]
        net.parts(
            "UNPACK", [net.input(shape, QUANT)], [part] * count, QUANT, output=True, num=count, axis=axis
        )


def packs(net: Net) -> None:
    for shape, axis, count in (([1, 4, 3], 1, 2), ([1, 4, 3], -1, 3), ([1, 6], 0, 2), ([1, 2, 3, 2], 4, 1)):
        given = [net.constant(shape, QUANT) if i == 1 else net.input(shape, QUANT) for i in range(count)]
        at = axis % (len(shape) + 1)
        output = [*shape[:at], count, *shape[at:]]
        net.op("PACK", given, output, QUANT, output=True, axis=axis, values_count=count)


def blocks(net: Net) -> None:
    for block, (height, width, channels) in ((2, (3, 4, 5)), (3, (2, 1, 2)), (1, (2, 3, 4)), (4, (1, 2, 1))):
        fine = [1, height * block, width * block, channels]
        coarse = [1, height, width, channels * block * block]
        move(net, "SPACE_TO_DEPTH", fine, coarse, block_size=block)
        move(net, "DEPTH_TO_SPACE", coarse, fine, block_size=block)


def bytes_of_converters(net: Net) -> None:
    """The versions that TensorFlow writes for int8, which LiteRT's reference kernels are not listed under."""
    move(net, "DEPTH_TO_SPACE", [1, 3, 4, 20], [1, 6, 8, 5], block_size=2)
    net.operators[-1] = replace(net.operators[-1], version=2)
    move(net, "TILE", [1, 4, 6], [1, 8, 18], [1, 2, 3])
    net.operators[-1] = replace(net.operators[-1], version=3)


def batches(net: Net) -> None:
    for shape, sizes, borders in (
        ([1, 4, 6, 3], [2, 2], [[0, 0], [0, 0]]),
        ([1, 4, 5, 3], [2, 3], [[1, 1], [0, 1]]),
        ([1, 3, 3, 2], [3, 2], [[2, 4], [2, 3]]),
        ([1, 7, 4], [4], [[0, 1]]),
    ):
        padded = [d + a + b for d, (a, b) in zip(shape[1:-1], borders, strict=True)]
        inner = [d // n for d, n in zip(padded, sizes, strict=True)]
        split = [int(np.prod(sizes)), *inner, shape[-1]]
        x = net.input(shape, QUANT)
        y = net.op("SPACE_TO_BATCH_ND", [x, net.ints(sizes), net.ints(borders)], split, QUANT, output=True)
        net.op("BATCH_TO_SPACE_ND", [y, net.ints(sizes), net.ints(borders)], shape, QUANT, output=True)


def copies(net: Net) -> None:
    for shape, times in (
        ([1, 4, 6], [1, 2, 3]),
        ([1, 5], [3, 1]),
        ([1, 2, 3, 4], [2, 1, 3, 2]),
        ([1, 7], [1, 1]),
    ):
        move(net, "TILE", shape, [d * n for d, n in zip(shape, times, strict=True)], times)
    for shape, wanted in (([1, 1, 6], [1, 4, 6]), ([1, 4, 1], [3, 2, 4, 5]), ([1, 3], [1, 3]), ([1], [2, 3])):
        move(net, "BROADCAST_TO", shape, wanted, wanted)
        net.operators[-1] = replace(net.operators[-1], version=2)


def borders(net: Net) -> None:
    for pads in ([[0, 0], [1, 2], [3, 0], [0, 0]], [[0, 0], [0, 0], [0, 1]], [[2, 1]], [[0, 0], [0, 0]]):
        shape = [1, 4, 5, 3][: len(pads)]
        output = [d + a + b for d, (a, b) in zip(shape, pads, strict=True)]
        move(net, "PAD", shape, output, pads)
        given = [net.input(shape, QUANT), net.ints(pads), net.constant([1], QUANT)]
        net.op("PADV2", given, output, QUANT, output=True)


def views(net: Net) -> None:
    """Of what a step has made, since an alias of the model's input is nothing that runs."""
    x = net.input([1, 4, 1, 6], QUANT)
    y = net.op("REVERSE_V2", [x, net.ints([1])], [1, 4, 1, 6], QUANT)
    z = net.op("RESHAPE", [y, net.ints([2, 12])], [2, 12], QUANT, output=True, new_shape=(2, 12))
    net.op("EXPAND_DIMS", [z, net.ints(1)], [2, 1, 12], QUANT, output=True)
    net.op("SQUEEZE", [y], [1, 4, 6], QUANT, output=True, squeeze_dims=(2,))


def joins(net: Net) -> None:
    for axis in (1, 2, -1):
        shapes = [[1, 4, 5], [1, 4, 5], [1, 4, 5]]
        for i, shape in enumerate(shapes):
            shape[axis] = i + 1
        given = [
            net.constant(shape, QUANT) if i == 1 else net.input(shape, QUANT)
            for i, shape in enumerate(shapes)
        ]
        output = [1, 4, 5]
        output[axis] = 6
        net.op(
            "CONCATENATION", given, output, QUANT, output=True, axis=axis, fused_activation_function="NONE"
        )


GROUPS: tuple[Callable[[Net], None], ...] = (
    transposes,
    slices,
    strided_slices,
    reversals,
    gathers,
    mirrors,
    neighbours,
    parts,
    packs,
    blocks,
    bytes_of_converters,
    batches,
    copies,
    borders,
    views,
    joins,
)
OWN_KERNELS = ("PAD", "PADV2", "CONCATENATION")
TYPES = sorted(MOVABLE)


@pytest.mark.sample(5)
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_byte_is_the_oracles(group: Callable[[Net], None], tmp_path: Path) -> None:
    net = Net(1)
    group(net)
    files = holds_here(net, tmp_path)
    if not {op.opcode for op in net.operators} & set(OWN_KERNELS):
        assert [name for name in files if name.endswith("_s8.c")] == ["src/kernels/edgeq_move_s8.c"]


@pytest.mark.parametrize(
    "dtype",
    [
        pytest.param(dtype, marks=() if dtype is DType.INT16 else pytest.mark.slow)
        for dtype in TYPES
        if dtype is not DType.INT8
    ],
)
def test_elements_of_every_type(dtype: DType, tmp_path: Path) -> None:
    """Of each operator that takes the type, and each that LiteRT takes it for is in the table."""
    net = Net(6, dtype=dtype)
    for group in GROUPS:
        group(net)
    taken = [
        op for op in net.operators if any(dtype in form.support.types for form in operators()[op.opcode])
    ]
    made = {tensor for op in taken for tensor in op.outputs}
    read = {tensor for op in taken for tensor in op.inputs}
    net.operators[:] = taken
    net.inputs[:] = [tensor for tensor in net.inputs if tensor in read]
    net.outputs[:] = [tensor for tensor in net.outputs if tensor in made]
    holds_here(net, tmp_path)


@pytest.mark.slow
def test_on_a_core(tmp_path: Path) -> None:
    net = Net(2)
    for group in GROUPS:
        group(net)
    holds_on("sim-m0", net, tmp_path)


def test_wide_elements_on_a_core(tmp_path: Path) -> None:
    """A Cortex-M0 faults where a word is not aligned."""
    net = Net(7, dtype=DType.INT64)
    for group in (transposes, borders, joins, views):
        group(net)
    holds_on("sim-m0", net, tmp_path)


def test_what_moves_nothing_runs_nothing() -> None:
    net = Net(3)
    x = net.input([1, 6, 1, 4], QUANT)
    y = net.op("TRANSPOSE", [x, net.ints([0, 2, 1, 3])], [1, 1, 6, 4], QUANT)
    z = net.op("SLICE", [y, net.ints([0, 0, 0, 0]), net.ints([1, 1, 6, 4])], [1, 1, 6, 4], QUANT)
    net.op("TILE", [z, net.ints([1, 1, 1, 1])], [1, 1, 6, 4], QUANT, output=True)
    project = compiled_graph(net.graph())
    assert project.manifest["memory"]["arena"] == 24
    assert not [name for name in project.files if name.endswith("_s8.c")]


@pytest.mark.parametrize(
    ("opcode", "shape", "output", "parameters", "options", "words"),
    [
        ("SLICE", [1, 4], [1, 3], ([0, 2], [1, 3]), {}, "reach out"),
        ("GATHER", [1, 4], [1, 1], ([4],), {"axis": 1, "batch_dims": 0}, "reach out"),
        ("TILE", [1, 4], [1, 8], ([2],), {}, "multiples"),
        ("BROADCAST_TO", [1, 4], [1, 8], ([1, 8],), {}, "does not broadcast"),
        ("DEPTH_TO_SPACE", [1, 2, 2, 3], [1, 4, 4, 1], (), {"block_size": 2}, "not blocks"),
        ("SPACE_TO_DEPTH", [1, 3, 2, 3], [1, 1, 1, 12], (), {"block_size": 2}, "whole blocks"),
        ("MIRROR_PAD", [1, 4], [1, 8], ([[0, 0], [4, 0]],), {"mode": "REFLECT"}, "mirrors 4"),
        ("TRANSPOSE", [1, 4], [1, 4], ([0, 0],), {}, "permutation"),
    ],
)
def test_what_does_not_fit_is_refused(
    opcode: str,
    shape: Shape,
    output: Shape,
    parameters: tuple[object, ...],
    options: dict[str, int],
    words: str,
) -> None:
    net = Net(4)
    move(net, opcode, shape, output, *parameters, **options)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.severity) == ("shape", "error")
    assert words in finding.message


def test_parts_that_are_too_many_are_refused() -> None:
    net = Net(5)
    x = net.input([1, 6], QUANT)
    net.parts("UNPACK", [x], [[1]] * 5, QUANT, output=True, num=5, axis=1)
    (finding,) = examine(net.graph())
    assert finding.rule == "shape"
    assert "5 outputs, where 6" in finding.message
    assert DType.INT8.value in finding.dtype
