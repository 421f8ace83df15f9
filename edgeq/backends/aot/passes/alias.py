"""Operators that move no byte: their outputs are their inputs, seen otherwise."""

from __future__ import annotations

from dataclasses import replace

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import operators


def alias(lowerable: Lowerable) -> Lowerable:
    """Makes the output of each such operator an alias of its input; which are, the operators' files know."""
    graph, known = lowerable.graph, operators()
    found = {
        op.outputs[0]: op.inputs[0]
        for index, op in enumerate(graph.operators)
        if not graph[op.outputs[0]].is_constant
        and op.opcode in known
        and known[op.opcode].is_alias(graph, index)
    }
    return replace(lowerable, aliases={**lowerable.aliases, **found})
