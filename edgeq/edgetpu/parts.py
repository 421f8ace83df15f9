"""Parts of a model as models: what a run or a set of its operators takes in and gives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from edgeq.base.errors import UsageError
from edgeq.graph import Graph, Operator


def part(graph: Graph, members: Collection[int], name: str) -> Graph:
    """A model of some operators alone.

    Its inputs are the activations that they take from others or from the model's inputs; its outputs are what
    they make that others read, or the whole model gives, or nobody reads.

    Args:
        members: indices of operators, at least one.
        name: of the new model.
    """
    chosen = sorted(members)
    operators = [graph.operators[index] for index in chosen]
    made = {tensor for op in operators for tensor in op.outputs}
    used = [tensor for op in operators for tensor in op.inputs if tensor >= 0]
    others = (op for index, op in enumerate(graph.operators) if index not in members)
    wanted = {tensor for op in others for tensor in op.inputs} | set(graph.outputs)
    inputs = [t for t in dict.fromkeys(used) if t not in made and not graph[t].is_constant]
    outputs = [t for op in operators for t in op.outputs if t in wanted or t not in used]
    kept = sorted({*used, *made, *(tensor for op in operators for tensor in op.intermediates)})
    number = {tensor: position for position, tensor in enumerate(kept)}
    return Graph(
        name=name,
        tensors=tuple(graph[tensor] for tensor in kept),
        operators=tuple(_renumbered(op, number) for op in operators),
        inputs=tuple(number[t] for t in inputs if not graph[t].is_variable),
        outputs=tuple(number[t] for t in outputs),
    )


def cut(graph: Graph, first: int, last: int) -> Graph:
    """A model of the operators ``first`` to ``last`` alone, as :func:`part`.

    Raises:
        UsageError: no such operators.
    """
    if not 0 <= first <= last < len(graph.operators):
        raise UsageError(f"there are no operators {first} to {last} in {graph.name}")
    return part(graph, range(first, last + 1), f"{graph.name}_{first}_{last}")


def frontier(graph: Graph, first: int) -> tuple[int, ...]:
    """What the operators before ``first`` make for those from it on, or as outputs of the model: tensors."""
    made = [tensor for op in graph.operators[:first] for tensor in op.outputs]
    wanted = {tensor for op in graph.operators[first:] for tensor in op.inputs} | set(graph.outputs)
    return tuple(tensor for tensor in made if tensor in wanted)


def _renumbered(op: Operator, number: dict[int, int]) -> Operator:
    def of(tensors: Sequence[int]) -> tuple[int, ...]:
        return tuple(number.get(tensor, tensor) for tensor in tensors)

    return replace(op, inputs=of(op.inputs), outputs=of(op.outputs), intermediates=of(op.intermediates))
