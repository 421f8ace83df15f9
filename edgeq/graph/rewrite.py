"""Small graph changes that several steps need."""

from __future__ import annotations

from dataclasses import replace

from edgeq.graph.model import Graph


def compact(graph: Graph) -> Graph:
    """Drop tensors that nothing uses, and number the others anew in the same order."""
    used = {*graph.inputs, *graph.outputs}
    for op in graph.operators:
        used.update(op.inputs, op.outputs, op.intermediates)
    kept = [i for i in range(len(graph.tensors)) if i in used]
    number = {old: new for new, old in enumerate(kept)}
    number[-1] = -1
    return graph.replace(
        tensors=tuple(graph.tensors[i] for i in kept),
        operators=tuple(
            replace(
                op,
                inputs=tuple(number[i] for i in op.inputs),
                outputs=tuple(number[i] for i in op.outputs),
                intermediates=tuple(number[i] for i in op.intermediates),
            )
            for op in graph.operators
        ),
        inputs=tuple(number[i] for i in graph.inputs),
        outputs=tuple(number[i] for i in graph.outputs),
    )


def without_dead(graph: Graph) -> Graph:
    """Drop operators of which no output is used."""
    used = set(graph.outputs)
    kept = []
    for op in reversed(graph.operators):
        if used.intersection(op.outputs):
            used.update(op.inputs)
            kept.append(op)
    return graph.replace(operators=tuple(reversed(kept)))
