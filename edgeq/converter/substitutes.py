"""Operators without an int8 form, written as others that have one; those that cost something, on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edgeq.converter.ops import RULES
from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor

_NONE = {"fused_activation_function": "NONE"}


@dataclass
class _Parts:
    """What one operator is replaced by."""

    tensors: list[Tensor]
    operators: list[Operator] = field(default_factory=list)

    def add(self, like: Tensor, suffix: str, **changes: object) -> int:
        """A tensor like another, but for what training fixed of its values."""
        changes = {"quant": None, **changes}
        self.tensors.append(replace(like, name=f"{like.name}_{suffix}", **changes))  # type: ignore[arg-type]  # fields by name
        return len(self.tensors) - 1


_Write = Callable[[_Parts, Operator], None]


@dataclass(frozen=True)
class _Substitute:
    """Another way to compute an operator.

    Attributes:
        cost: what takes its place, and what that costs.
        write: adds the operators that compute it.
        always: whether it is done without being asked for, since nothing is lost by it.
        fits: whether it can be done for this operator of this graph.
    """

    cost: str
    write: _Write
    always: bool = False
    fits: Callable[[Graph, Operator], bool] = field(default=lambda graph, op: True)


def _square(parts: _Parts, op: Operator) -> None:
    parts.operators.append(Operator("MUL", (op.inputs[0], op.inputs[0]), op.outputs, dict(_NONE)))


def _add_n(parts: _Parts, op: Operator) -> None:
    total = op.inputs[0]
    for position, index in enumerate(op.inputs[1:], start=1):
        last = position == len(op.inputs) - 1
        made = op.outputs[0] if last else parts.add(parts.tensors[op.outputs[0]], f"part_{position}")
        parts.operators.append(Operator("ADD", (total, index), (made,), dict(_NONE)))
        total = made


def _l2_pool(parts: _Parts, op: Operator) -> None:
    square = parts.add(parts.tensors[op.inputs[0]], "squared", data=None)
    mean = parts.add(parts.tensors[op.outputs[0]], "mean")
    parts.operators += [
        Operator("MUL", (op.inputs[0], op.inputs[0]), (square,), dict(_NONE)),
        Operator("AVERAGE_POOL_2D", (square,), (mean,), dict(op.options)),
        Operator("SQRT", (mean,), op.outputs),
    ]


def _sum(parts: _Parts, op: Operator) -> None:
    source, output = parts.tensors[op.inputs[0]], parts.tensors[op.outputs[0]]
    count = np.array([source.elements / max(output.elements, 1)], np.float32)
    fixed = output.quant and replace(output.quant, scales=output.quant.scales / count)
    mean = parts.add(output, "mean", quant=fixed)
    factor = parts.add(output, "count", shape=(1,), shape_signature=(1,), data=count)
    parts.operators += [
        Operator("MEAN", op.inputs, (mean,), dict(op.options)),
        Operator("MUL", (mean, factor), op.outputs, dict(_NONE)),
    ]


def _negate(parts: _Parts, op: Operator) -> None:
    minus = parts.add(
        parts.tensors[op.outputs[0]],
        "minus",
        shape=(1,),
        shape_signature=(1,),
        data=np.array([-1], np.float32),
    )
    parts.operators.append(Operator("MUL", (op.inputs[0], minus), op.outputs, dict(_NONE)))


_SUBSTITUTES: Mapping[str, _Substitute] = {
    # LiteRT's reference kernel of an int8 SUM gives a constant; its quantizer lets sums saturate
    "SUM": _Substitute("MEAN and a multiplication by the count", _sum, always=True),
    "SQUARE": _Substitute("MUL of its input by itself (exact, no cost)", _square, always=True),
    "NEG": _Substitute("MUL by -1 (the scale stays, and so do the integers)", _negate, always=True),
    "ADD_N": _Substitute(
        "a chain of ADD (each rounds to 8 bits)", _add_n, fits=lambda graph, op: len(op.inputs) > 1
    ),
    "L2_POOL_2D": _Substitute(
        "MUL, AVERAGE_POOL_2D and SQRT (each rounds to 8 bits: results near 0 may be 16 steps off)",
        _l2_pool,
        fits=lambda graph, op: op.options.get("fused_activation_function") == "NONE",
    ),
}

TABLE = ("CAST", "ADD", "GATHER")
"""The operators of a table."""
_TABLE = "a table of 256 results: CAST, ADD and GATHER (exact; 8 bytes of memory an element while it runs)"


def way_out(graph: Graph, op: Operator) -> str:
    """What could take an operator's place and what that costs; empty where nothing can."""
    substitute = _SUBSTITUTES.get(op.opcode)
    if substitute is not None and op.inputs and op.outputs and substitute.fits(graph, op):
        return substitute.cost
    return _TABLE if op.opcode in RULES and RULES[op.opcode].table else ""


def ways() -> Mapping[str, str]:
    """By operator what takes its place and what that costs, and whether it has to be asked for."""
    asked = "with --rewrite: "
    substitutes = {name: ("" if one.always else asked) + one.cost for name, one in _SUBSTITUTES.items()}
    return substitutes | {name: asked + _TABLE for name, rule in RULES.items() if rule.table}


def stand_ins(graph: Graph, op: Operator) -> tuple[str, ...]:
    """The opcodes of what could take an operator's place; empty where nothing can."""
    if not way_out(graph, op):
        return ()
    if op.opcode not in _SUBSTITUTES:
        return TABLE
    parts = _Parts(list(graph.tensors))
    _SUBSTITUTES[op.opcode].write(parts, op)
    return tuple(dict.fromkeys(made.opcode for made in parts.operators))


def rewritten(graph: Graph, notes: list[str], *, asked: bool) -> Graph:
    """The graph with operators replaced that have no int8 form but another way; ``notes`` names them.

    Operators of which a table takes the place stay: the table is made when the input's scale is known.

    Args:
        asked: whether to replace those too of which the replacement costs something.
    """
    parts = _Parts(list(graph.tensors))
    for position, op in enumerate(graph.operators):
        if not is_replaced(graph, op, asked=asked):
            parts.operators.append(op)
            continue
        notes.append(f"{graph.describe(position)} was rewritten as {way_out(graph, op)}.")
        if op.opcode in _SUBSTITUTES:
            _SUBSTITUTES[op.opcode].write(parts, op)
        else:
            parts.operators.append(op)
    return graph.replace(tensors=tuple(parts.tensors), operators=tuple(parts.operators))


def is_replaced(graph: Graph, op: Operator, *, asked: bool) -> bool:
    """Whether :func:`rewritten` puts something else in an operator's place."""
    if not any(i != ABSENT and graph[i].dtype is DType.FLOAT32 for i in op.inputs):
        return False
    if not asked and not (op.opcode in _SUBSTITUTES and _SUBSTITUTES[op.opcode].always):
        return False
    return bool(way_out(graph, op)) and (op.opcode not in RULES or RULES[op.opcode].table)
