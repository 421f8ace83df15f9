"""Rewrites of the graph before it is lowered, one file each, in the order in which they run."""

from __future__ import annotations

from edgeq.backends.aot.lowerable import Lowerable, Pass
from edgeq.backends.aot.passes.alias import alias
from edgeq.backends.aot.passes.fold import fold
from edgeq.graph.model import Graph

PASSES: tuple[Pass, ...] = (fold, alias)


def prepare(model: bytes, graph: Graph) -> Lowerable:
    """The graph of a model as every pass in turn leaves it.

    Raises:
        ModelError: as the passes do.
    """
    lowerable = Lowerable(model, graph)
    for one in PASSES:
        lowerable = one(lowerable)
    return lowerable
