"""What the real compiler did: a model and its compiled form, matched operator by operator."""

from __future__ import annotations

from collections import defaultdict

from edgeq.base.errors import ModelError
from edgeq.edgetpu.package import CUSTOM_OPERATOR
from edgeq.graph import Graph, Operator


def mapped_operators(original: Graph, compiled: Graph) -> tuple[bool, ...]:
    """Per operator of a model, whether the compiler put it on the Edge TPU.

    What stayed on the CPU is still in the compiled model, and is known again by opcode and outputs' names.

    Raises:
        ModelError: if the compiled model holds an operator that the original does not: not its compiled form.
    """
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, operator in enumerate(original.operators):
        places[_identity(original, operator)].append(index)
    mapped = [True] * len(original.operators)
    for index, operator in enumerate(compiled.operators):
        if operator.custom_code == CUSTOM_OPERATOR:
            continue
        known = places[_identity(compiled, operator)]
        if not known:
            raise ModelError(
                f"{compiled.describe(index)} of {compiled.name} is not in {original.name}.",
                "Give the model that it was compiled from.",
            )
        mapped[known.pop(0)] = False
    return tuple(mapped)


def _identity(graph: Graph, operator: Operator) -> tuple[str, ...]:
    return (operator.custom_code or operator.opcode, *(graph[tensor].name for tensor in operator.outputs))
