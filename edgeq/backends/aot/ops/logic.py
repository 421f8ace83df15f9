"""LOGICAL_AND, LOGICAL_OR and LOGICAL_NOT: of bytes that are 0 or 1 the smaller, the larger, the other."""

from __future__ import annotations

from functools import partial

import numpy as np

from edgeq.backends.aot.ops.elementwise import elementwise_step
from edgeq.backends.aot.ops.extremum import Extremum
from edgeq.backends.aot.ops.lookup import EVERY_BYTE, lookup_step
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph

_TRUTH = frozenset({DType.BOOL})


def _pair(arithmetic: Extremum, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    return (elementwise_step(graph, index, "edgeq_extremum_s8", arithmetic),)


def _not(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    table = (EVERY_BYTE == 0).astype(np.int64)
    return (lookup_step(graph, index, table, graph.operators[index].inputs[0]),)


_SUPPORT = Support(1, TWO_INPUTS, shapes.broadcast, ranks=(0, 4), types=_TRUTH)

OPERATORS = (
    Op("LOGICAL_AND", _SUPPORT, partial(_pair, Extremum(largest=0)), "the smaller of two bytes"),
    Op("LOGICAL_OR", _SUPPORT, partial(_pair, Extremum(largest=1)), "the larger of two bytes"),
    Op("LOGICAL_NOT", Support(1, ranks=(0, 8), types=_TRUTH), _not, "a table of 256 bytes"),
)
