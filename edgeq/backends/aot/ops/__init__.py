"""The operators of this backend, one file each, and a graph of them as steps."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from edgeq.base.errors import ModelError
from edgeq.base.hints import document
from edgeq.checker.operators import form_of, unsigned
from edgeq.graph.model import DType, Graph

if TYPE_CHECKING:
    from edgeq.backends.aot.kernels import Candidate
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
            if op.unsigned and DType.UINT8 not in op.support.types:
                found[op.name].append(replace(op, support=unsigned(op.support)))
    return {
        name: tuple(sorted(forms, key=lambda op: DType.INT8 not in op.support.types))
        for name, forms in found.items()
    }


def candidates_of(graph: Graph, index: int, target: Target) -> tuple[Candidate, ...]:
    """The kernels between which an operator of a graph, by its index, chooses; none where it has no choice.

    Raises:
        ModelError: as :func:`form`.
    """
    found = form(graph, index).candidates
    is_copied = any(graph[tensor].is_constant for tensor in graph.operators[index].outputs)
    return () if found is None or is_copied else tuple(found(graph, index, target))


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


def lower(graph: Graph, target: Target, flips: Mapping[int, int] | None = None) -> tuple[Step, ...]:
    """The whole graph as steps in execution order.

    Args:
        graph: what the passes made.
        target: what it is for.
        flips: by tensor, the one whose bytes it is but for their highest bits.

    Raises:
        ModelError: for an operator that this backend does not have, or a form of it that it cannot take.
    """
    made = flips or {}
    outputs_are_made(graph, made)
    indices = range(len(graph.operators))
    return tuple(step for index in indices for step in lower_operator(graph, index, target, made))


def lower_operator(graph: Graph, index: int, target: Target, flips: Mapping[int, int]) -> tuple[Step, ...]:
    """One operator of it, as :func:`lower`, and the flips of its outputs; with the first, of the inputs."""
    from edgeq.backends.aot.ops.copying import constant_output
    from edgeq.backends.aot.ops.flipping import flip_steps

    outputs = graph.operators[index].outputs
    steps = flip_steps(graph, index, graph.inputs, flips) if index == 0 else ()
    if not outputs or not graph[outputs[0]].is_constant:
        steps += form(graph, index).lower(graph, index, target)
        _reads_no_constant(graph, index, steps)
    else:
        steps += tuple(constant_output(graph, index, i) for i in outputs if i in graph.outputs)
    return steps + flip_steps(graph, index, outputs, flips)


def _reads_no_constant(graph: Graph, index: int, steps: tuple[Step, ...]) -> None:
    """Refuses what keeps a state and reads the same at every inference: it is not computed offline.

    Raises:
        ModelError: it does.
    """
    if any(graph[tensor].is_constant and tensor not in graph.outputs for s in steps for tensor in s.inputs):
        raise ModelError(
            f"{graph.describe(index)}: its input is constant",
            "give it an input of the model, or leave it out",
        )


def outputs_are_made(graph: Graph, flips: Mapping[int, int]) -> None:
    """Refuses a graph with an output that nothing makes.

    Raises:
        ModelError: it is one.
    """
    made = {tensor for op in graph.operators for tensor in op.outputs} | {*graph.inputs, *flips}
    for position, tensor in enumerate(graph.outputs):
        if tensor not in made:
            raise ModelError(
                f"output {position} of the model is made by no operator", "remove it when exporting the model"
            )
