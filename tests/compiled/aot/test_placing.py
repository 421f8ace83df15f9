"""What puts elements where indices, diagonals or lengths say: every element the oracle's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net

from edgeq.checker import examine
from edgeq.checker.operators import MOVABLE
from edgeq.graph import DType

WHOLE, LONG = DType.INT32, DType.INT64
QUANT = (0.05, 3)
SAMPLES = 6
PLACED = sorted(MOVABLE - {DType.INT16, DType.FLOAT32}, key=lambda dtype: dtype.value)


class Placing(Net):
    """A net with indices among its inputs."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.limits: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def index(self, shape: tuple[int, ...], low: object, high: object, dtype: DType = WHOLE) -> int:
        """Numbers from ``low`` up to below ``high``."""
        made = self.input(shape, dtype=dtype)
        self.limits[made] = np.asarray(low), np.asarray(high)
        return made

    def given(self) -> list[np.ndarray]:
        inputs = self.samples(SAMPLES)
        for position, made in enumerate(self.inputs):
            if made in self.limits:
                x = inputs[position]
                x[...] = self.random.integers(*self.limits[made], x.shape)
        return inputs

    def quant_for(self, dtype: DType) -> tuple[float, int] | None:
        return QUANT if dtype in (DType.INT8, DType.UINT8, DType.INT16) else None


def one_hot(seed: int) -> Placing:
    net = Placing(seed)
    for dtype in (*PLACED, DType.FLOAT32):
        quant = net.quant_for(dtype)
        on, off = (net.tensor((), quant, data=np.array(n).astype(dtype.numpy), dtype=dtype) for n in (9, 0))
        for axis, shape in ((-1, (1, 5, 4, 7)), (0, (7, 1, 5, 4)), (2, (1, 5, 7, 4))):
            indices = net.index((1, 5, 4), -2, 10, LONG if axis else WHOLE)
            given = [indices, net.ints(7), on, off]
            net.op("ONE_HOT", given, shape, quant, dtype=dtype, output=True, axis=axis)
    x = net.input((1, 6, 9), QUANT)
    best = net.op("ARG_MAX", [x, net.ints(2)], (1, 6), dtype=WHOLE, output_type="INT32")
    values = [net.tensor((), QUANT, data=np.array(n, np.int8)) for n in (127, -128)]
    net.op("ONE_HOT", [best, net.ints(9), *values], (1, 6, 9), QUANT, output=True, axis=-1)
    return net


def scattered(seed: int) -> Placing:
    """Constant places, once and twice; computed ones, of computed and of constant rows."""
    net = Placing(seed)

    def op(dtype: DType, indices: int, updates: int, shape: tuple[int, ...]) -> None:
        given = [indices, updates, net.ints(shape)]
        net.op("SCATTER_ND", given, shape, net.quant_for(dtype), dtype=dtype, output=True)

    for dtype in PLACED:
        rows = net.input((1, 3, 4), net.quant_for(dtype), dtype=dtype)
        op(dtype, net.ints([[[4], [0], [2]]]), rows, (6, 4))
        op(dtype, net.ints([[[4], [0], [4]]]), rows, (6, 4))
        op(dtype, net.index((1, 3, 1), 0, 3), rows, (3, 4))
        numbers = net.input((1, 5), net.quant_for(dtype), dtype=dtype)
        op(dtype, net.index((1, 5, 2), 0, [2, 3]), numbers, (2, 3))
        op(dtype, net.ints([[[0, 2, 1], [1, 1, 1], [0, 0, 0], [1, 2, 0], [0, 1, 1]]]), numbers, (2, 3, 2))
    fixed = net.constant((1, 3, 4), QUANT)
    op(DType.INT8, net.index((1, 3, 1), 0, 5), fixed, (5, 4))
    real = net.input((1, 3, 4), dtype=DType.FLOAT32)
    op(DType.FLOAT32, net.ints([[[4], [0], [2]]]), real, (6, 4))
    return net


def diagonals(seed: int) -> Placing:
    net = Placing(seed)
    for dtype in (DType.INT8, DType.UINT8, DType.INT16, WHOLE, LONG):
        quant = net.quant_for(dtype)

        def given(shape: tuple[int, ...], dtype: DType = dtype, quant: object = quant) -> int:
            return net.input(shape, quant, dtype=dtype)  # type: ignore[arg-type]

        net.op("MATRIX_DIAG", [given((1, 5))], (1, 5, 5), quant, dtype=dtype, output=True)
        net.op("MATRIX_DIAG", [given((1, 3, 4))], (1, 3, 4, 4), quant, dtype=dtype, output=True)
        for shape in ((1, 4, 4), (1, 2, 3, 5), (1, 2, 5, 3)):
            diagonal = given((*shape[:-2], min(shape[-2:])))
            net.op("MATRIX_SET_DIAG", [given(shape), diagonal], shape, quant, dtype=dtype, output=True)
    return net


def reversed_(seed: int) -> Placing:
    net = Placing(seed)
    for dtype in (DType.UINT8, DType.INT16, WHOLE, LONG, DType.FLOAT32):
        for shape, along, apart, lengths in (
            ((1, 6, 3), 1, 0, [4]),
            ((1, 6, 3), 1, 2, [6, 0, 3]),
            ((1, 3, 2, 5), 3, 1, [5, 1, 2]),
            ((1, 3, 2, 5), 1, 2, [3, 2]),
        ):
            x = net.input(shape, net.quant_for(dtype), dtype=dtype)
            options = {"seq_dim": along, "batch_dim": apart}
            quant = net.quant_for(dtype)
            net.op(
                "REVERSE_SEQUENCE", [x, net.ints(lengths)], shape, quant, dtype=dtype, output=True, **options
            )
    return net


def bits(seed: int) -> Placing:
    """The same bytes as another type: as wide, narrower, wider."""
    net = Placing(seed)
    for source, shape, result, made in (
        (WHOLE, (1, 6), DType.FLOAT32, (1, 6)),
        (WHOLE, (1, 6), DType.INT8, (1, 6, 4)),
        (DType.INT8, (1, 6, 4), WHOLE, (1, 6)),
        (LONG, (1, 3), DType.INT16, (1, 3, 4)),
        (DType.INT8, (1, 9), DType.UINT8, (1, 9)),
    ):
        x = net.input(shape, net.quant_for(source), dtype=source)
        same = net.op("REVERSE_V2", [x, net.ints([1])], shape, net.quant_for(source), dtype=source)
        net.op("BITCAST", [same], made, net.quant_for(result), dtype=result, output=True)
    return net


MAKERS = (one_hot, scattered, bits, diagonals, reversed_)


@pytest.mark.sample(2)
@pytest.mark.parametrize("make", MAKERS)
def test_every_element_is_the_oracles(make: Callable[[int], Placing], tmp_path: Path) -> None:
    net = make(1)
    holds_here(net, tmp_path, inputs=net.given())


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_on_a_core(board: str, make: Callable[[int], Placing], tmp_path: Path) -> None:
    net = make(2)
    holds_on(board, net, tmp_path, inputs=net.given())


def test_places_outside_are_refused_where_they_are_known() -> None:
    net = Placing(3)
    x = net.input((1, 3, 4), QUANT)
    net.op("SCATTER_ND", [net.ints([[[4], [6], [2]]]), x, net.ints((6, 4))], (6, 4), QUANT, output=True)
    net.op(
        "REVERSE_SEQUENCE",
        [net.input((1, 6), dtype=WHOLE), net.ints([7])],
        (1, 6),
        dtype=WHOLE,
        output=True,
        seq_dim=1,
        batch_dim=0,
    )
    found = [(f.rule, f.opcode, f.severity) for f in examine(net.graph())]
    assert found == [("shape", "SCATTER_ND", "error"), ("shape", "REVERSE_SEQUENCE", "error")]


def test_real_rows_are_not_added() -> None:
    net = Placing(4)
    given = [net.ints([[[4], [4]]]), net.input((1, 2, 4), dtype=DType.FLOAT32), net.ints((6, 4))]
    net.op("SCATTER_ND", given, (6, 4), dtype=DType.FLOAT32, output=True)
    assert "adds real numbers" in examine(net.graph())[0].message
