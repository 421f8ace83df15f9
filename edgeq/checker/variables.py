"""Whether resource variables are set before they are read, and always to the same kind of value."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgeq.checker.view import View
from edgeq.graph.model import ONCE, DType, Operator, Tensor, VariableName
from edgeq.graph.variables import ASSIGN, HANDLE, READ, handles

_AGAIN = "The model file is not as a converter writes it: convert it again."
_COUNTS = {ONCE: (0, 0), HANDLE: (0, 1), READ: (1, 1), ASSIGN: (2, 0)}
"""How many inputs and outputs each has."""


@dataclass
class _Variable:
    """What was seen of one so far: its first value, and whether it has one where the next operator runs."""

    value: Tensor | None = None
    is_set: bool = False
    initial: Tensor | None = field(default=None)


def check_variables(view: View) -> None:
    """Settles the operators of variables: no later rule is about them."""
    graph = view.graph
    names = handles(graph.operators)
    found = {name: _Variable(initial=graph.initials.get(name)) for name in names.values()}
    for index, op in view.open_operators():
        if op.opcode not in _COUNTS or op.opcode not in view.table:
            continue
        if (len(op.inputs), len(op.outputs)) != _COUNTS[op.opcode]:
            counts = f"it has {len(op.inputs)} inputs and {len(op.outputs)} outputs"
            view.report("operand-count", counts, _AGAIN, operator=index)
        elif op.opcode == ONCE:
            _run_once(view, index, op, found)
        elif op.opcode in (READ, ASSIGN):
            _use(view, index, op, names, found)
        view.settled.add(index)


def _run_once(view: View, index: int, op: Operator, found: dict[VariableName, _Variable]) -> None:
    if op.unread_options:
        view.report(
            "variable",
            f"it does more before the first inference than to set variables ({op.unread_options})",
            "Export the model so that its variables begin with constants.",
            operator=index,
        )
    for name, variable in found.items():
        if variable.value is not None:
            view.report(
                "variable",
                f"the variable {name[1]!r} is used before {ONCE} gives it its first value",
                _AGAIN,
                operator=index,
            )
            return
        if variable.initial is not None:
            variable.value, variable.is_set = variable.initial, True


def _use(
    view: View,
    index: int,
    op: Operator,
    names: dict[int, VariableName],
    found: dict[VariableName, _Variable],
) -> None:
    """A read or a write: of a variable, and of a value like all others of it."""
    if op.inputs[0] not in names:
        what = f"its input {view.typed(op.inputs[0])} is no handle of a variable"
        view.report("variable", what, _AGAIN, operator=index, tensor=op.inputs[0])
        return
    tensor = op.outputs[0] if op.opcode == READ else op.inputs[1]
    name, value = names[op.inputs[0]], view.graph[tensor]
    variable = found[name]
    form = view.form(op)
    if tensor in view.blamed:
        return
    if form is not None and value.dtype not in form.types:
        allowed = " or ".join(sorted(dtype.value for dtype in form.types))
        view.report(
            "variable",
            f"the variable {name[1]!r} keeps {view.typed(tensor)}, where the {view.runtime} runtime keeps "
            f"{allowed}",
            "Make an int8 model of the float original with edgeq convert."
            if value.dtype.is_float
            else "Export the model with its state as integers of 8, 16 or 32 bits.",
            operator=index,
            tensor=tensor,
        )
    elif op.opcode == READ and not variable.is_set:
        view.report(
            "variable",
            f"it reads the variable {name[1]!r} before anything has set it",
            f"Export the model with a first value of its state, which {ONCE} sets.",
            operator=index,
            tensor=tensor,
        )
    elif variable.value is not None:
        _compare(view, index, name, variable.value, tensor)
    variable.value = variable.value or value
    variable.is_set = True


def _compare(view: View, index: int, name: VariableName, first: Tensor, tensor: int) -> None:
    value = view.graph[tensor]
    if (value.shape, value.dtype) != (first.shape, first.dtype):
        view.report(
            "variable",
            f"the variable {name[1]!r} is {first.dtype.value} {list(first.shape)} in one place, and "
            f"{view.typed(tensor)} here",
            _AGAIN,
            operator=index,
            tensor=tensor,
        )
    elif value.quant is not None and first.quant is not None and value.dtype is not DType.INT32:
        one, other = (first.quant.scale, first.quant.zero_point), (value.quant.scale, value.quant.zero_point)
        if one != other:
            view.report(
                "scales-differ",
                f"the variable {name[1]!r} has scale {one[0]:.6g} and zero point {one[1]} in one place, and "
                f"{other[0]:.6g} and {other[1]} here: its bytes are moved, so they change their meaning",
                "Convert the float original again: a state has one scale.",
                operator=index,
                tensor=tensor,
                severity="warning",
            )
