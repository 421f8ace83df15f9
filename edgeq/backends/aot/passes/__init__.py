"""Rewrites of the graph before it is lowered, one file each, in the order in which they run."""

from __future__ import annotations

from edgeq.backends.aot.lowerable import Lowerable, Pass
from edgeq.backends.aot.passes.alias import alias
from edgeq.backends.aot.passes.constant_channels import constant_channels
from edgeq.backends.aot.passes.fold import fold
from edgeq.backends.aot.passes.signed import signed
from edgeq.backends.aot.passes.variables import variables
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

PASSES: tuple[Pass, ...] = (fold, variables, signed, constant_channels, alias)


def prepare(model: bytes, graph: Graph, target: Target) -> Lowerable:
    """The graph of a model as every pass in turn leaves it, for a target.

    Raises:
        ModelError: as the passes do.
    """
    lowerable = Lowerable(model, target, graph)
    for one in PASSES:
        lowerable = one(lowerable)
    return lowerable
