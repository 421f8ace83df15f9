"""What a model keeps between inferences: variable tensors (LSTM, SVDF), and resource variables.

A resource variable is known by its name. VAR_HANDLE gives a handle of it, by which READ_VARIABLE and
ASSIGN_VARIABLE copy its value; CALL_ONCE sets it before the first inference.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgeq.graph.model import ABSENT, DType, Graph, Operator, Tensor, VariableName

HANDLE, READ, ASSIGN = "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"
VALUES = frozenset({DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.BOOL})
"""The types of what runtimes keep in resource variables."""
SETUP = "variables"
"""The name of the subgraph that sets them, in files that edgeq writes."""


def handles(operators: Sequence[Operator]) -> dict[int, VariableName]:
    """Which variable each handle names, by the handle's tensor index."""
    return {
        op.outputs[0]: (str(op.options.get("container", "")), str(op.options.get("shared_name", "")))
        for op in operators
        if op.opcode == HANDLE and len(op.outputs) == 1
    }


def keeps_state(graph: Graph) -> bool:
    """Whether an inference depends on those before it."""
    return any(op.opcode == READ for op in graph.operators) or any(t.is_variable for t in graph.tensors)


def values_of(graph: Graph) -> dict[VariableName, Tensor]:
    """What resource variables keep: of each the first tensor that it is read into or set from."""
    names = handles(graph.operators)
    found: dict[VariableName, Tensor] = {}
    for op in graph.operators:
        if op.opcode in (READ, ASSIGN) and op.inputs[0] in names:
            kept = op.outputs[0] if op.opcode == READ else op.inputs[1]
            found.setdefault(names[op.inputs[0]], graph[kept])
    return found


def state_bytes(graph: Graph) -> int:
    """How many bytes a model keeps between inferences."""
    used = {index for op in graph.operators for index in op.inputs if index != ABSENT}
    kept = [*values_of(graph).values(), *(graph[index] for index in used if graph[index].is_variable)]
    return sum(tensor.elements * tensor.dtype.bits // 8 for tensor in kept)


def constants_set(tensors: Sequence[Tensor], operators: Sequence[Operator]) -> dict[VariableName, Tensor]:
    """What a subgraph sets variables to, which does nothing else.

    Raises:
        ValueError: it does something else, and what.
    """
    names = handles(operators)
    found: dict[VariableName, Tensor] = {}
    for op in operators:
        if op.opcode == ASSIGN and len(op.inputs) == 2 and op.inputs[0] in names:
            value = tensors[op.inputs[1]]
            if not value.is_constant:
                raise ValueError(f"it computes what it sets {names[op.inputs[0]][1]!r} to")
            found[names[op.inputs[0]]] = value
        elif op.opcode != HANDLE:
            raise ValueError(f"it has {op.opcode}")
    return found


def setup_of(graph: Graph) -> Graph:
    """The subgraph that sets a model's variables to their initial values."""
    tensors: list[Tensor] = []
    operators: list[Operator] = []
    for (container, shared_name), value in graph.initials.items():
        handle = len(tensors)
        tensors += [Tensor(shared_name, (), DType.RESOURCE), value]
        options = {"container": container, "shared_name": shared_name}
        operators.append(Operator(HANDLE, (), (handle,), options))
        operators.append(Operator(ASSIGN, (handle, handle + 1), ()))
    return Graph(SETUP, tuple(tensors), tuple(operators), (), ())
