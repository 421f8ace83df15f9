"""The operators of this backend, one file each, and a graph of them as steps."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from edgeq.base.errors import ModelError
from edgeq.base.hints import document
from edgeq.graph.model import Graph

if TYPE_CHECKING:
    from edgeq.backends.aot.ops.operator import Op
    from edgeq.backends.aot.step import Step
    from edgeq.backends.aot.target import Target


@cache
def operators() -> Mapping[str, Op]:
    """Every operator of every module here, by its name."""
    found: dict[str, Op] = {}
    for module in pkgutil.iter_modules(__path__):
        for op in getattr(importlib.import_module(f"{__name__}.{module.name}"), "OPERATORS", ()):
            if op.name in found:
                raise ValueError(f"{op.name} has two files: one of them is {module.name}")
            found[op.name] = op
    return found


def lower(graph: Graph, target: Target) -> tuple[Step, ...]:
    """The whole graph as steps in execution order.

    Raises:
        ModelError: for an operator that this backend does not have, or a form of it that it cannot take.
    """
    from edgeq.backends.aot.ops.copying import constant_output

    _check_outputs(graph)
    known = operators()
    steps: list[Step] = []
    for index, op in enumerate(graph.operators):
        if op.opcode not in known:
            raise ModelError(
                f"{graph.describe(index)} is not an operator of the aot runtime",
                f"see {document('operators.md')} for the operators it has",
            )
        if not graph[op.outputs[0]].is_constant:
            steps += known[op.opcode].lower(graph, index, target)
        elif op.outputs[0] in graph.outputs:
            steps.append(constant_output(graph, index))
    return tuple(steps)


def _check_outputs(graph: Graph) -> None:
    made = {tensor for op in graph.operators for tensor in op.outputs} | set(graph.inputs)
    for position, tensor in enumerate(graph.outputs):
        if tensor not in made:
            raise ModelError(
                f"output {position} of the model is made by no operator", "remove it when exporting the model"
            )
