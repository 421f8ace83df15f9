"""Random graphs over the whole table: the check's yes is followed by the oracle's bytes, its no is named."""

from __future__ import annotations

import os

import pytest
from draw_flow import flowing
from drawers import DRAWERS, GROWTHS
from growing import ROWS, Growing, Row, Unfit
from random_graphs import BATCH, CORES, hold_all, random_graph

from edgeq.backends.aot.operators import SUPPORT
from edgeq.checker.operators import Operand
from edgeq.graph import ABSENT, DType, read_file

_APART = {
    ("QUANTIZE", DType.INT16, frozenset({DType.INT32})): "no tensor of INT32 has a scale here",
    ("QUANTIZE", DType.INT32, frozenset({DType.INT16, DType.INT8})): "no tensor of INT32 has a scale here",
    ("SOFTMAX", DType.INT8, frozenset({DType.INT16})): "no tensor of INT16 has a zero point here",
}
"""Forms that are not drawn, and why."""
FEW = 16
MANY = int(os.environ.get("EDGEQ_GRAPHS", "400"))
_TRIES = 80


@pytest.mark.parametrize("opcode", sorted(SUPPORT))
def test_every_form_and_type_is_drawn(opcode: str) -> None:
    """With each type of output, and each operand constant and computed, as its row allows."""
    missing = []
    for row in [row for row in ROWS if row.opcode == opcode]:
        if (opcode, row.dtype, row.support.outputs) in _APART:
            continue
        wanted = _wanted(row)
        for seed in range(_TRIES):
            if wanted:
                wanted -= _drawn(row, seed)
        missing += [f"{row}: {what}" for what in sorted(wanted)]
    assert missing == [], "is never drawn: see DRAWERS in tests/compiled/aot/drawers.py"


def _wanted(row: Row) -> set[str]:
    outputs = (row.support.outputs or frozenset()) | (row.support.further or frozenset())
    wanted = {"any that the check takes"} | {f"output {t.value}" for t in outputs}
    if row.opcode not in GROWTHS:
        operands = row.support.operands
        wanted |= {f"{operand.name} {state}" for operand in operands for state in _states(row, operand)}
    return wanted


def _drawn(row: Row, seed: int) -> set[str]:
    """What one operator shows, where the check takes it."""
    net = Growing(seed, DRAWERS, GROWTHS)
    try:
        net.grow(row)
    except Unfit:
        return set()
    op = next(op for op in reversed(net.operators) if op.opcode == row.opcode)
    named = zip(row.support.operands, op.inputs, strict=False)
    states = {f"{operand.name} {_state(net, tensor)}" for operand, tensor in named}
    return (
        {"any that the check takes"} | states | {f"output {net.tensors[i].dtype.value}" for i in op.outputs}
    )


def _state(net: Growing, tensor: int) -> str:
    if tensor == ABSENT:
        return "left out"
    return "computed" if net.tensors[tensor].data is None else "constant"


_ONLY_CONSTANT = {
    *(
        (name, dtype, "second input") for name in ("DIV", "FLOOR_DIV", "FLOOR_MOD", "POW") for dtype in DType
    ),  # nowhere 0
    *((opcode, DType.INT16, "input") for opcode in ("SQRT", "RSQRT")),  # of which none is below 0
    ("SCATTER_ND", DType.FLOAT32, "indices"),  # else real numbers are added
}
"""What the check, or LiteRT, takes as constants alone."""
_ONLY_COMPUTED = {
    ("REDUCE_PROD", DType.BOOL, "input"),  # LiteRT stops at constants
    *((opcode, DType.INT8, "input") for opcode in ("NEG", "SQRT", "RSQRT")),
}
"""The rest is drawn behind a QUANTIZE to the zero point that it asks for."""


def _states(row: Row, operand: Operand) -> set[str]:
    key = (row.opcode, row.dtype, operand.name)
    if operand.constant or key in _ONLY_CONSTANT:
        return {"constant"}
    return {"computed"} if key in _ONLY_COMPUTED else {"computed", "constant"}


def test_random_graphs_have_all_of_it() -> None:
    """Batches, several outputs, tensors that many read, constants alone, outputs that are inputs, states."""
    nets = [random_graph(seed) for seed in range(400)]
    assert any(net.tensors[i].shape[:1] > (1,) for net in nets for i in net.inputs)
    assert any(len(op.outputs) > 2 for net in nets for op in net.operators)
    assert any(sum(i in op.inputs for op in net.operators) > 2 for net in nets for i in net.inputs)
    assert any(not any(map(net.varies, op.inputs)) for net in nets for op in net.operators if op.inputs)
    assert any(set(net.inputs) & set(net.outputs) for net in nets)
    assert any(net.initials for net in nets)
    assert any(tensor.is_variable for net in nets for tensor in net.tensors)


def test_control_flow_and_pictures_are_drawn() -> None:
    """Parts of networks that IF and WHILE run, and networks of one input that may come by rows."""
    wanted = {"IF", "WHILE", "picture"}
    for net in map(random_graph, range(60)):
        wanted -= {"picture"} if net.most_inputs == 1 else set()
        if not wanted:
            break
        notes = read_file(file).folded if (file := flowing(net)) else ()
        wanted -= {opcode for opcode in wanted if any(f" {opcode}" in note for note in notes)}
    assert wanted == set()


def hold(first: int, board: str = "host") -> None:
    """Each is refused by name or exact, and none of them too much for the interpreter; some are exact."""
    tally = hold_all(range(first, first + BATCH), board)
    assert tally.failures == []
    assert tally.counts["interpreter crashed"] == 0
    assert tally.counts[f"exact on {board}"] > 0


@pytest.mark.sample(1)
@pytest.mark.parametrize("first", range(0, FEW, BATCH))
def test_a_few(first: int) -> None:
    hold(first)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, MANY, BATCH))
def test_many(first: int) -> None:
    hold(first)


@pytest.mark.slow
@pytest.mark.parametrize("board", CORES)
def test_on_cores(board: str) -> None:
    for first in range(MANY, MANY + 4 * BATCH, BATCH):
        hold(first, board)


def test_forms_that_are_not_drawn_are_forms() -> None:
    assert {(row.opcode, row.dtype, row.support.outputs) for row in ROWS} >= set(_APART)
