"""CALL_ONCE, VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE: bytes to and from where a variable lives.

The pass of the same name has given each variable a tensor, in the place of its handle.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker import recurrent
from edgeq.graph.model import ONCE, Graph
from edgeq.graph.variables import ASSIGN, HANDLE, READ

_FOREVER = 1 << 30


def _nothing(_graph: Graph, _index: int, _target: Target) -> tuple[Step, ...]:
    return ()


def _read(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    if _reads_in_place(graph, index):
        return ()
    op = graph.operators[index]
    return (_copy(graph, index, op.inputs[0], op.outputs[0]),)


def _assign(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    variable, value = graph.operators[index].inputs
    return (_copy(graph, index, value, variable),)


def _copy(graph: Graph, index: int, source: int, target: int) -> Step:
    tensor = graph[source]
    size = tensor.elements * tensor.dtype.numpy.itemsize
    data = None if tensor.data is None else np.frombuffer(np.asarray(tensor.data).tobytes(), np.int8)
    return Step(
        operator=index,
        title=f"{graph.operators[index].opcode} {graph[target].label} {shape_text(tensor.shape)}",
        kernel="edgeq_copy_s8" if data is None else "edgeq_copy_constant_s8",
        params_type="edgeq_copy_params",
        params={"rows": 1, "run": size, "stride": 0, "constant": None if data is None else "value"},
        inputs=(source,) if data is None else (),
        outputs=(target,),
        sources=("edgeq_copy_s8.c",),
        constants=() if data is None else (Constant("value", "int8_t", data),),
    )


def _reads_in_place(graph: Graph, index: int) -> bool:
    """Whether nothing sets the variable between this read and the last use of what was read."""
    op = graph.operators[index]
    last = last_use(graph, op.outputs[0])
    return not any(index < when <= last for when in _assignments(graph, op.inputs[0]))


def _assignments(graph: Graph, variable: int) -> Iterator[int]:
    return (i for i, op in enumerate(graph.operators) if op.opcode == ASSIGN and op.inputs[0] == variable)


def last_use(graph: Graph, tensor: int) -> int:
    """The last operator that reads a tensor, also as another that is the same bytes; outputs stay forever."""
    from edgeq.backends.aot.ops import form

    if tensor in graph.outputs:
        return _FOREVER
    last = -1
    for index, op in enumerate(graph.operators):
        if tensor in op.inputs:
            same = bool(op.outputs) and op.inputs[0] == tensor and form(graph, index).is_alias(graph, index)
            last = max(last, index, last_use(graph, op.outputs[0]) if same else -1)
    return last


OPERATORS = (
    Op(ONCE, recurrent.CALL_ONCE, _nothing, "values that `edgeq_runtime_reset` sets"),
    Op(HANDLE, recurrent.VAR_HANDLE, _nothing, "a place that outlives an inference"),
    Op(
        READ,
        recurrent.READ_VARIABLE,
        _read,
        "nothing, or a copy where the variable is set before the value's last use",
        _reads_in_place,
    ),
    Op(ASSIGN, recurrent.ASSIGN_VARIABLE, _assign, "a copy"),
)
