"""Whole numbers, what they look up and where they put it: every element the oracle's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import differences, extremes, holds_here, holds_on
from native import Native, compiled_graph
from nets import Net

from edgeq.checker import check
from edgeq.graph import DType, Operator, Tensor, write_model
from edgeq.interpreter import run

WHOLE, LONG, TRUTH = DType.INT32, DType.INT64, DType.BOOL
QUANT = (0.05, 3)


def index(net: Net, count: int, most: int, dtype: DType = WHOLE) -> int:
    """Computed numbers from 0 to ``most``, [1, count]."""
    total = net.ints([0] * count)
    for _ in range(most):
        less = net.op("LESS", [net.input((1, count)), net.input((1, count))], (1, count), dtype=TRUTH)
        one = net.op("CAST", [less], (1, count), dtype=WHOLE, in_data_type="BOOL", out_data_type="INT32")
        total = net.op("ADD", [one, total], (1, count), dtype=WHOLE, fused_activation_function="NONE")
    if dtype is not WHOLE:
        total = net.op("CAST", [total], (1, count), dtype=dtype, in_data_type="INT32", out_data_type="INT64")
    return total


def lookups(seed: int) -> Net:
    net = Net(seed)
    options = {"batch_dims": 0}
    for shape, axis, output in (
        ((1, 4, 5), 1, (1, 1, 6, 5)),
        ((1, 5, 4), 2, (1, 5, 1, 6)),
        ((1, 4), 1, (1, 1, 6)),
    ):
        for dtype in (WHOLE, DType.INT64):
            given = [net.input(shape, QUANT), index(net, 6, 3, dtype)]
            net.op("GATHER", given, output, QUANT, output=True, axis=axis, **options)
    net.op(
        "GATHER",
        [net.constant((4, 7), QUANT), index(net, 5, 3)],
        (1, 5, 7),
        QUANT,
        output=True,
        axis=0,
        **options,
    )
    batched = [net.input((1, 4, 3), QUANT), index(net, 5, 3)]
    net.op("GATHER", batched, (1, 5, 3), QUANT, output=True, axis=1, batch_dims=1)
    x = net.input((1, 2, 4, 3), QUANT)
    net.op("GATHER", [x, net.ints([[3, 0, 3, 1]])], (1, 2, 4, 3), QUANT, output=True, axis=2, batch_dims=1)
    places = net.op(
        "PACK", [index(net, 6, 1), index(net, 6, 3)], (1, 6, 2), dtype=WHOLE, axis=2, values_count=2
    )
    net.op("GATHER_ND", [net.constant((2, 4, 3), QUANT), places], (1, 6, 3), QUANT, output=True)
    net.op("GATHER_ND", [net.input((1, 4, 3), QUANT), net.ints([[0, 3], [0, 1]])], (2, 3), QUANT, output=True)
    rows = net.op("RESHAPE", [index(net, 6, 4), net.ints([6])], (6,), dtype=WHOLE, new_shape=(6,))
    net.op("EMBEDDING_LOOKUP", [rows, net.constant((5, 2, 3), QUANT)], (6, 2, 3), QUANT, output=True)
    return net


def updates(seed: int) -> Net:
    net = Net(seed)
    x, part = net.input((1, 6, 5), QUANT), net.input((1, 2, 3), QUANT)
    net.op("DYNAMIC_UPDATE_SLICE", [x, part, net.ints([0, 3, 1])], (1, 6, 5), QUANT, output=True)
    net.op("DYNAMIC_UPDATE_SLICE", [x, part, net.ints([0, 7, -3])], (1, 6, 5), QUANT, output=True)
    fixed = net.constant((1, 2, 3), QUANT)
    for given in (part, fixed):
        begin = net.op("RESHAPE", [index(net, 3, 5), net.ints([3])], (3,), dtype=WHOLE, new_shape=(3,))
        net.op("DYNAMIC_UPDATE_SLICE", [x, given, begin], (1, 6, 5), QUANT, output=True)
    value = net.op("REDUCE_MAX", [x, net.ints([0, 1, 2])], (), QUANT, keep_dims=False)
    net.op("FILL", [net.ints([2, 3, 4]), value], (2, 3, 4), QUANT, output=True)
    return net


def numbers(seed: int) -> Net:
    net = Net(seed)
    a, b = index(net, 9, 4), index(net, 9, 4)
    three = net.op("RESHAPE", [index(net, 3, 3), net.ints([1, 3, 1])], (1, 3, 1), dtype=WHOLE)
    for opcode in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"):
        fused = {} if opcode in ("MAXIMUM", "MINIMUM") else {"fused_activation_function": "NONE"}
        net.op(opcode, [a, b], (1, 9), dtype=WHOLE, output=True, **fused)
        net.op(opcode, [a, net.ints([-7] * 9)], (1, 9), dtype=WHOLE, output=True, **fused)
        wide = net.op("RESHAPE", [b, net.ints([1, 1, 9])], (1, 1, 9), dtype=WHOLE)
        net.op(opcode, [three, wide], (1, 3, 9), dtype=WHOLE, output=True, **fused)
    for opcode in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"):
        net.op(opcode, [a, b], (1, 9), dtype=TRUTH, output=True)
        net.op(opcode, [net.ints([2]), b], (1, 9), dtype=TRUTH, output=True)
    for name in ("INT8", "INT16", "INT64", "BOOL", "FLOAT32"):
        dtype = DType(name)
        quant = QUANT if dtype in (DType.INT8, DType.INT16) else None
        options = {"in_data_type": "INT32", "out_data_type": name}
        net.op("CAST", [a], (1, 9), quant, dtype=dtype, output=True, **options)
    x = net.input((1, 256), QUANT)
    for name in ("INT32", "BOOL", "FLOAT32", "INT64"):
        options = {"in_data_type": "INT8", "out_data_type": name}
        net.op("CAST", [x], (1, 256), dtype=DType(name), output=True, **options)
    return net


def wide_numbers(seed: int) -> Net:
    """INT64 beyond 32 bits, and a constant from which a tensor is taken, of either type."""
    net = Net(seed)
    for dtype in (WHOLE, LONG):
        a, b = index(net, 9, 5, dtype), index(net, 9, 5, dtype)
        three = net.op("RESHAPE", [index(net, 3, 5, dtype), net.ints([3, 1])], (3, 1), dtype=dtype)
        far = net.random.integers(-(2**30), 2**30, 9) * (2**32 + 3 if dtype is LONG else 1)
        fixed = net.tensor((9,), data=far.astype(dtype.numpy), dtype=dtype)
        for opcode in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"):
            fused = {} if opcode in ("MAXIMUM", "MINIMUM") else {"fused_activation_function": "NONE"}
            for pair, shape in (
                ((a, b), (1, 9)),
                ((a, fixed), (1, 9)),
                ((fixed, a), (1, 9)),
                ((three, b), (3, 9)),
            ):
                net.op(opcode, list(pair), shape, dtype=dtype, output=True, **fused)
        net.op("NEG", [a], (1, 9), dtype=dtype, output=True)
        product = net.op("MUL", [a, fixed], (1, 9), dtype=dtype, fused_activation_function="NONE")
        for opcode in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"):
            for pair in ((a, b), (fixed, product), (product, a)):
                net.op(opcode, list(pair), (1, 9), dtype=TRUTH, output=True)
    return net


def choices(seed: int) -> Net:
    """SELECT of bytes and of numbers: broadcast, and with each input constant."""
    net = Net(seed)

    def truth(shape: tuple[int, ...]) -> int:
        return net.op("LESS", [net.input(shape), net.input(shape)], shape, dtype=TRUTH)

    def fixed(shape: tuple[int, ...]) -> int:
        return net.tensor(shape, data=net.random.integers(0, 2, shape).astype(np.bool_), dtype=TRUTH)

    shape = (1, 4, 5, 6)
    net.op(
        "SELECT", [truth(shape), net.input(shape, QUANT), net.input(shape, QUANT)], shape, QUANT, output=True
    )
    for when in (truth(shape), truth((1, 4, 1, 1)), truth((1, 1, 1, 6)), fixed((1, 4, 5, 1))):
        for first in (net.input(shape, QUANT), net.input((1, 1, 5, 6), QUANT), net.constant((6,), QUANT)):
            for second in (net.input(shape, QUANT), net.tensor((), QUANT, data=np.array(-9, np.int8))):
                if not all(net.tensors[t].data is not None for t in (when, first, second)):
                    whole = np.broadcast_shapes(*(net.tensors[t].shape for t in (when, first, second)))
                    net.op("SELECT_V2", [when, first, second], whole, QUANT, output=True)
    net.op("SELECT_V2", [truth((1, 9)), index(net, 9, 2), net.ints([-1])], (1, 9), dtype=WHOLE, output=True)
    return net


@pytest.mark.sample(1)
@pytest.mark.parametrize("make", [updates, lookups, numbers, wide_numbers, choices])
def test_every_element_is_the_oracles(make: object, tmp_path: Path) -> None:
    holds_here(make(1), tmp_path)  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize("make", [lookups, updates, numbers, choices])
def test_on_a_core(make: object, tmp_path: Path) -> None:
    holds_on("sim-m4", make(2), tmp_path)  # type: ignore[operator]


def test_sizes_that_are_computed_are_constants(tmp_path: Path) -> None:
    """The chain that TensorFlow writes before a Reshape: SHAPE, STRIDED_SLICE, PACK."""
    net = Net(9)
    x = net.input((1, 4, 6), QUANT)
    shape = net.op("SHAPE", [x], (3,), dtype=WHOLE, out_type="INT32")
    masks = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 1}
    given = [shape, net.ints([0]), net.ints([1]), net.ints([1])]
    batch = net.op("STRIDED_SLICE", given, (), dtype=WHOLE, **masks)
    wanted = net.op("PACK", [batch, net.ints(24)], (2,), dtype=WHOLE, axis=0, values_count=2)
    nothing = net.op("ZEROS_LIKE", [wanted], (2,), dtype=WHOLE)
    wanted = net.op("ADD", [wanted, nothing], (2,), dtype=WHOLE, fused_activation_function="NONE")
    flat = net.op("RESHAPE", [x, wanted], (1, 24), QUANT)
    net.op("RELU", [flat], (1, 24), QUANT, output=True)
    model = write_model(net.graph())
    checked = check(model, name="flat")
    assert [op.opcode for op in checked.graph.operators] == ["RESHAPE", "RELU"]
    inputs = extremes(net)
    (found,) = Native(compiled_graph(checked.graph, checked.model), tmp_path).run(inputs)
    (right,) = run(model, inputs)
    assert np.array_equal(right, found)


def test_sizes_that_a_model_gives(tmp_path: Path) -> None:
    """Constants in its outputs' places, among what it computes."""
    net = Net(13)
    x, whole = net.input((2, 4, 6), QUANT), net.input((2, 3), dtype=WHOLE)
    net.op("RANK", [x], (), dtype=WHOLE, output=True)
    net.op("SHAPE", [x], (3,), dtype=DType.INT64, out_type="INT64", output=True)
    net.op("RELU", [x], (2, 4, 6), QUANT, output=True)
    net.op("ZEROS_LIKE", [whole], (2, 3), dtype=WHOLE, output=True)
    model = write_model(net.graph())
    checked = check(model, name="sizes")
    assert {op.opcode for op in checked.graph.operators} == {"RESHAPE", "RELU"}
    inputs = extremes(net)
    found = Native(compiled_graph(checked.graph, checked.model), tmp_path).run(inputs)
    assert differences(net.graph(), run(model, inputs), found) == []


def test_the_largest_and_where_they_were(tmp_path: Path) -> None:
    net = Net(11)
    for shape, count, dtype in (
        ((1, 40), 5, WHOLE),
        ((1, 3, 7), 7, DType.INT16),
        ((1, 300), 300, WHOLE),
        ((1, 2, 3, 9), 1, WHOLE),
    ):
        x, many = net.input(shape, QUANT), net.tensor((), data=np.array(count, dtype.numpy), dtype=dtype)
        output = (*shape[:-1], count)
        values, places = net.tensor(output, QUANT), len(net.tensors)
        net.tensors.append(Tensor(f"t{places}", output, dtype))  # of which INT16 has no scale, either
        net.operators.append(Operator("TOPK_V2", (x, many), (values, places), {}, version=2))
        net.outputs += [values, places]
    holds_here(net, tmp_path)
