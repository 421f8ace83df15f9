"""What works on integers themselves, and what puts elements by indices: every element the oracle's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on, passes_the_check
from native import Native, compiled_graph
from nets import Net

from edgeq.checker import examine
from edgeq.graph import DType, Graph, write_model

WHOLE, LONG = DType.INT32, DType.INT64
NARROW = (DType.INT8, DType.INT16)
TYPES = {
    "FLOOR_DIV": (*NARROW, WHOLE),
    "FLOOR_MOD": (*NARROW, WHOLE, LONG),
    "BITWISE_XOR": (*NARROW, DType.UINT8, WHOLE),
    "RIGHT_SHIFT": (*NARROW, DType.UINT8, WHOLE),
    "POW": (WHOLE,),
}
"""What LiteRT's reference computes them of."""
SHAPES = (((1, 60), (1, 60)), ((1, 4, 5, 6), (1, 1, 1, 6)), ((1, 4, 1, 6), (1, 1, 5, 1)))
QUANT = (0.05, 3)
SAMPLES = 6


class Numbers(Net):
    """A net whose second operands are numbers at which no operator stops."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.given: dict[int, np.ndarray] = {}

    def drawn(self, shape: tuple[int, ...], dtype: DType, opcode: str, second: bool) -> np.ndarray:
        limits = np.iinfo(dtype.numpy)
        low, high = int(limits.min), int(limits.max)
        if second and opcode in ("RIGHT_SHIFT", "POW"):
            low, high = (0 if opcode == "POW" else max(low, -3)), 4 * limits.bits // 3
        values = self.random.integers(low, high, shape, dtype=np.int64, endpoint=True)
        ends = values.reshape(-1)
        ends[0], ends[-1] = low, high
        if second and opcode.startswith("FLOOR"):
            values[(values == 0) | (values == -1)] = 7  # -1 of the smallest number stops LiteRT
        return values.astype(dtype.numpy)

    def number(self, shape: tuple[int, ...], dtype: DType, opcode: str, *, second: bool = False) -> int:
        index = self.input(shape, QUANT if dtype not in (WHOLE, LONG) else None, dtype=dtype)
        self.given[index] = np.stack([self.drawn(shape[1:], dtype, opcode, second) for _ in range(SAMPLES)])
        return index

    def fixed(self, shape: tuple[int, ...], dtype: DType, opcode: str, *, second: bool = False) -> int:
        data = self.drawn(shape, dtype, opcode, second)
        return self.tensor(shape, QUANT if dtype not in (WHOLE, LONG) else None, data=data, dtype=dtype)

    def inputs_given(self) -> list[np.ndarray]:
        return [self.given[index] for index in self.inputs]


def of_two(opcode: str, seed: int) -> Numbers:
    """Two operands, a constant second and first, a scalar, and of bytes every one."""
    net = Numbers(seed)

    def op(dtype: DType, first: int, second: int) -> None:
        shape = np.broadcast_shapes(*(net.tensors[t].shape for t in (first, second)))
        quant = QUANT if dtype not in (WHOLE, LONG) else None
        net.op(opcode, [first, second], shape, quant, dtype=dtype, output=True)

    for dtype in TYPES[opcode]:
        for first, second in SHAPES:
            op(dtype, net.number(first, dtype, opcode), net.number(second, dtype, opcode, second=True))
        op(dtype, net.number((1, 5, 6), dtype, opcode), net.fixed((6,), dtype, opcode, second=True))
        op(dtype, net.fixed((6,), dtype, opcode), net.number((1, 5, 6), dtype, opcode, second=True))
        op(dtype, net.number((1, 300), dtype, opcode), net.fixed((1,), dtype, opcode, second=True))
        op(dtype, net.fixed((1,), dtype, opcode), net.number((1, 300), dtype, opcode, second=True))
    return net


def sums(seed: int) -> Numbers:
    """SIGN, ADD_N and CUMSUM."""
    net = Numbers(seed)

    def number(shape: tuple[int, ...], dtype: DType = WHOLE) -> int:
        return net.number(shape, dtype, "ADD_N")

    net.op("SIGN", [number((1, 40))], (1, 40), dtype=WHOLE, output=True)
    fixed = [net.fixed((1, 4, 5), WHOLE, "ADD_N") for _ in range(3)]
    for given in (
        [number((1, 4, 5)), number((1, 4, 5))],
        [number((1, 4, 5)) for _ in range(5)],
        [fixed[0], fixed[1], number((1, 4, 5)), fixed[2], number((1, 4, 5))],
    ):
        net.op("ADD_N", given, (1, 4, 5), dtype=WHOLE, output=True)
    x = number((1, 3, 3))
    net.op("ADD_N", [x, x, x], (1, 3, 3), dtype=WHOLE, output=True)
    for dtype in (WHOLE, LONG):
        for axis in (1, 2, -1):
            for exclusive in (False, True):
                for reverse in (False, True):
                    net.op(
                        "CUMSUM",
                        [number((1, 4, 5, 3), dtype), net.ints(axis)],
                        (1, 4, 5, 3),
                        dtype=dtype,
                        output=True,
                        exclusive=exclusive,
                        reverse=reverse,
                    )
    return net


@pytest.mark.sample(1)
@pytest.mark.parametrize("opcode", TYPES)
def test_of_two_integers(opcode: str, tmp_path: Path) -> None:
    net = of_two(opcode, 1)
    holds_here(net, tmp_path, inputs=net.inputs_given())


def test_sums(tmp_path: Path) -> None:
    net = sums(2)
    holds_here(net, tmp_path, inputs=net.inputs_given())


class Bare(Net):
    """A net of integers that stand for themselves: none has a scale."""

    def graph(self) -> Graph:
        graph = super().graph()
        return graph.replace(tensors=tuple(replace(tensor, quant=None) for tensor in graph.tensors))


def test_integers_that_mean_themselves_need_no_scale(tmp_path: Path) -> None:
    """As where an image's bytes are cast to real numbers first of all."""
    net, types = Bare(8), (*NARROW, DType.UINT8)
    for dtype in types:
        pair = [net.input((1, 64), dtype=dtype) for _ in range(2)]
        net.op("BITWISE_XOR", pair, (1, 64), dtype=dtype, output=True)
        for other in (*types, WHOLE, DType.FLOAT32):
            net.op("CAST", pair[:1], (1, 64), dtype=other, output=True)
    holds_here(net, tmp_path)


def test_the_ends_of_powers(tmp_path: Path) -> None:
    """What leaves 32 bits is the smallest number, as where LiteRT runs."""
    net = Net(3)
    pair = [net.input((1, 12), dtype=WHOLE), net.input((1, 12), dtype=WHOLE)]
    net.op("POW", pair, (1, 12), dtype=WHOLE, output=True)
    bases = [2, 3, -3, 7, 10, 2, -1, 0, -2, 1, 0, 65537]
    exponents = [31, 19, 19, 11, 9, 30, 2**31 - 1, 5, 31, 2**30, 0, 3]
    holds_here(net, tmp_path, inputs=[np.array([n], np.int32) for n in (bases, exponents)])


@pytest.mark.slow
@pytest.mark.parametrize("opcode", TYPES)
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_of_two_integers_on_a_core(board: str, opcode: str, tmp_path: Path) -> None:
    net = of_two(opcode, 4)
    holds_on(board, net, tmp_path, inputs=net.inputs_given())


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_sums_on_a_core(board: str, tmp_path: Path) -> None:
    net = sums(5)
    holds_on(board, net, tmp_path, inputs=net.inputs_given())


def test_what_stops_the_oracle_gives_a_number(tmp_path: Path) -> None:
    """0 for a division by 0 and an exponent below 0; the smallest number has no opposite."""
    net = Net(6)
    lowest = -(2**31)
    a, b = net.input((1, 4), dtype=WHOLE), net.input((1, 4), dtype=WHOLE)
    for opcode in ("FLOOR_DIV", "FLOOR_MOD", "POW"):
        net.op(opcode, [a, b], (1, 4), dtype=WHOLE, output=True)
    graph = net.graph()
    passes_the_check(graph)
    given = [np.array([row], np.int32) for row in ([7, lowest, -7, 3], [0, -1, 2, -2])]
    found = Native(compiled_graph(graph, write_model(graph)), tmp_path).run(given)
    assert [row.tolist() for (row,) in found] == [[0, lowest, -4, -2], [0, 0, 1, -1], [1, 0, 49, 0]]


@pytest.mark.parametrize("opcode", ["FLOOR_DIV", "FLOOR_MOD", "POW"])
def test_constants_at_which_the_oracle_stops_are_refused(opcode: str) -> None:
    net = Net(7)
    pair = [net.input((1, 3), dtype=WHOLE), net.ints([2, 0 if opcode != "POW" else -1, 5])]
    net.op(opcode, pair, (1, 3), dtype=WHOLE, output=True)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.opcode) == ("operator-form", opcode)
    assert "TensorFlow Lite stops" in finding.message
