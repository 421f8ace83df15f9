"""Operators that move no byte: their outputs are their inputs, seen otherwise."""

from __future__ import annotations

from dataclasses import replace

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import form


def alias(lowerable: Lowerable) -> Lowerable:
    """Makes the output of each such operator an alias of its input; which are, the operators' files know."""
    graph = lowerable.graph
    found = {
        op.outputs[0]: op.inputs[0]
        for index, op in enumerate(graph.operators)
        if op.outputs and not graph[op.outputs[0]].is_constant and form(graph, index).is_alias(graph, index)
    }
    return replace(lowerable, aliases={**lowerable.aliases, **found})
