"""What runtimes take of layers with a state: operands, shapes, and the forms that they refuse alike."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from edgeq.checker.operators import BIAS, INT8, WEIGHTS, Operand, Role, Support
from edgeq.graph.model import ABSENT, DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape
from edgeq.graph.variables import VALUES

INT16 = frozenset({DType.INT16})
_INT32 = frozenset({DType.INT32})
_INT64 = frozenset({DType.INT64})

GATES = ("input", "forget", "cell", "output")
LSTM_WEIGHTS, LSTM_RECURRENT, LSTM_BIASES, LSTM_STATE, LSTM_CELL = 1, 5, 12, 18, 19
"""Positions of an LSTM's operands; of the first gate, where there is one for each."""
_REFUSED = {
    **dict.fromkeys((9, 10, 11), "peepholes"),
    **dict.fromkeys((16, 17), "a projection"),
    **dict.fromkeys(range(20, 24), "normalized gates"),
}
SVDF_FEATURES, SVDF_TIMES, SVDF_BIAS, SVDF_STATE = 1, 2, 3, 4

_HANDLE = Operand("variable", "parameter", frozenset({DType.RESOURCE}))
CALL_ONCE = VAR_HANDLE = Support(1, (), types=frozenset())
READ_VARIABLE = Support(1, (_HANDLE,), types=VALUES, spacing="moves-bytes")
ASSIGN_VARIABLE = Support(1, (_HANDLE, Operand("value")), types=VALUES, spacing="moves-bytes")
"""The rest of what is asked of variables is a rule of its own (``edgeq/checker/variables.py``)."""


def _gates(name: str, role: Role, dtypes: frozenset[DType], *, optional: bool = False) -> Iterator[Operand]:
    for gate in GATES:
        may_miss = optional or gate == "input"
        yield Operand(f"{name} of the {gate} gate", role, dtypes, constant=True, optional=may_miss)


def _lstm_operands(bias: frozenset[DType], state: frozenset[DType]) -> tuple[Operand, ...]:
    holes = [*_gates("peephole", "weights", INT16, optional=True)]
    return (
        Operand("input"),
        *_gates("weights", "weights", INT8),
        *_gates("recurrent weights", "weights", INT8),
        *(holes[GATES.index(gate)] for gate in ("input", "forget", "output")),
        *_gates("bias", "bias", bias),
        Operand("projection", "weights", INT8, constant=True, optional=True),
        Operand("projection's bias", "bias", bias, constant=True, optional=True),
        Operand("hidden state", "state", state),
        Operand("cell", "state", INT16),
        *_gates("normalization", "weights", INT16, optional=True),
    )


def _lstm_refusal(graph: Graph, op: Operator) -> str | None:
    for position, what in _REFUSED.items():
        if op.inputs[position : position + 1] not in ((), (ABSENT,)):
            return f"it is an LSTM with {what}; only the one that Keras has is taken, without"
    if graph[op.inputs[0]].is_constant:
        return "its input is a constant"
    if len({op.inputs[position] == ABSENT for position in (LSTM_WEIGHTS, LSTM_RECURRENT, LSTM_BIASES)}) > 1:
        return "its input gate is there in part"
    cell = graph[op.inputs[LSTM_CELL]].quant
    if cell is None or not 0 <= cell_bits(cell.scale) <= 6 or cell.zero_point:
        return "the scale of its cell is none of the powers of two from 2^-15 to 2^-9, or has a zero point"
    return None


def cell_bits(scale: float) -> int:
    """The integer bits of a cell, whose scale is a power of two; -1 where it is none."""
    fraction, exponent = math.frexp(scale)
    return 14 + exponent if fraction == 0.5 else -1  # 2^(exponent - 1)


def _lstm_shape(graph: Graph, op: Operator) -> Shape:
    """The input's, with the cells in the place of its depth."""
    x = graph[op.inputs[0]].shape
    cells = graph[op.inputs[LSTM_CELL]].shape[-1] if graph[op.inputs[LSTM_CELL]].shape else 0
    batch = x[1 if op.options.get("time_major") else 0]
    wanted: dict[int, Shape] = {LSTM_STATE: (batch, cells), LSTM_CELL: (batch, cells)}
    for gate in range(len(GATES)):
        wanted[LSTM_WEIGHTS + gate] = (cells, x[-1])
        wanted[LSTM_RECURRENT + gate] = (cells, cells)
        wanted[LSTM_BIASES + gate] = (cells,)
    _compare(graph, op, wanted, f"{batch} of {cells} cells with inputs of {x[-1]}")
    return (*x[:-1], cells)


def _svdf_shape(graph: Graph, op: Operator) -> Shape:
    """[batch, units]: as many as there are filters for each rank."""
    (batch, inputs), features = graph[op.inputs[0]].shape, graph[op.inputs[SVDF_FEATURES]].shape
    times, rank = graph[op.inputs[SVDF_TIMES]].shape, svdf_rank(op)
    filters = features[0] if features else 0
    memory = times[-1] if times else 0
    if filters % rank or not memory:
        raise Contradiction(f"{filters} filters with a memory of {memory} are none of rank {rank}")
    wanted: dict[int, Shape] = {
        SVDF_FEATURES: (filters, inputs),
        SVDF_TIMES: (filters, memory),
        SVDF_BIAS: (filters // rank,),
        SVDF_STATE: (batch, filters * memory),
    }
    _compare(graph, op, wanted, f"{batch} of {filters} filters with inputs of {inputs}")
    return (batch, filters // rank)


def svdf_rank(op: Operator) -> int:
    """How many filters make an output."""
    return max(1, int(str(op.options.get("rank", 1))))


def _compare(graph: Graph, op: Operator, wanted: dict[int, Shape], what: str) -> None:
    for position, shape in wanted.items():
        tensor = op.inputs[position]
        if tensor != ABSENT and graph[tensor].shape != shape:
            raise Contradiction(
                f"its operand {position} has the shape {list(graph[tensor].shape)}, where {what} take "
                f"{list(shape)}"
            )


def _svdf_refusal(graph: Graph, op: Operator) -> str | None:
    state = graph[op.inputs[SVDF_STATE]].quant
    if state is not None and state.zero_point:
        return f"its state has the zero point {state.zero_point}, and the integer kernel counts from 0"
    return "its input is a constant" if graph[op.inputs[0]].is_constant else None


LSTM = Support(
    4,
    _lstm_operands(_INT32, INT8),
    _lstm_shape,
    ranks=(3, 3),
    activations=frozenset({"TANH"}),
    spacing="unrelated",
    fixed=(("diagonal_recurrent_tensors", False),),
    refusal=_lstm_refusal,
)
"""int8 with an int16 cell."""
LSTM_INT16 = replace(LSTM, operands=_lstm_operands(_INT64, INT16), types=INT16)
"""int16 by int8 weights: LiteRT has none."""
SVDF = Support(
    4,
    (
        Operand("input"),
        WEIGHTS,
        Operand("weights in time", "weights", INT16, constant=True),
        BIAS,
        Operand("state", "state", INT16),
    ),
    _svdf_shape,
    ranks=(2, 2),
    activations=frozenset({"RELU"}),
    spacing="unrelated",
    positive=("rank",),
    refusal=_svdf_refusal,
)
"""int8 with an int16 state."""
