"""The operators of this backend, one file each, and a graph of them as steps."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from edgeq.base.errors import ModelError
from edgeq.base.hints import document
from edgeq.checker.operators import form_of
from edgeq.graph.model import DType, Graph

if TYPE_CHECKING:
    from edgeq.backends.aot.ops.operator import Op
    from edgeq.backends.aot.step import Step
    from edgeq.backends.aot.target import Target


@cache
def operators() -> Mapping[str, tuple[Op, ...]]:
    """The forms of every operator of every module here, by the operator's name, the one of int8 first."""
    found: dict[str, list[Op]] = {}
    for module in pkgutil.iter_modules(__path__):
        for op in getattr(importlib.import_module(f"{__name__}.{module.name}"), "OPERATORS", ()):
            found.setdefault(op.name, []).append(op)
    return {
        name: tuple(sorted(forms, key=lambda op: DType.INT8 not in op.support.types))
        for name, forms in found.items()
    }


def form(graph: Graph, index: int) -> Op:
    """An operator of a graph, by its index, in the form that it has there.

    Raises:
        ModelError: this backend does not have it.
    """
    op = graph.operators[index]
    forms = operators().get(op.opcode)
    if forms is None:
        raise ModelError(
            f"{graph.describe(index)} is not an operator of the aot runtime",
            f"see {document('operators.md')} for the operators it has",
        )
    return forms[form_of([one.support for one in forms], graph, op)]


def lower(graph: Graph, target: Target) -> tuple[Step, ...]:
    """The whole graph as steps in execution order.

    Raises:
        ModelError: for an operator that this backend does not have, or a form of it that it cannot take.
    """
    outputs_are_made(graph)
    return tuple(
        step for index in range(len(graph.operators)) for step in lower_operator(graph, index, target)
    )


def lower_operator(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One operator of it, as :func:`lower`."""
    from edgeq.backends.aot.ops.copying import constant_output

    output = graph.operators[index].outputs[0]
    if not graph[output].is_constant:
        return form(graph, index).lower(graph, index, target)
    return (constant_output(graph, index),) if output in graph.outputs else ()


def outputs_are_made(graph: Graph) -> None:
    """Refuses a graph with an output that nothing makes.

    Raises:
        ModelError: it is one.
    """
    made = {tensor for op in graph.operators for tensor in op.outputs} | set(graph.inputs)
    for position, tensor in enumerate(graph.outputs):
        if tensor not in made:
            raise ModelError(
                f"output {position} of the model is made by no operator", "remove it when exporting the model"
            )
