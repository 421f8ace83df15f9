"""MAXIMUM and MINIMUM: bytes are compared as they are, for operands and output share a scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.ops.elementwise import HOW_OPERANDS, Arithmetic, Function, as_table, elementwise_step
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph


@dataclass(frozen=True)
class Extremum(Arithmetic):
    """Which of two bytes: the larger (1) or the smaller (0)."""

    largest: int


def _lower(
    function: Function, arithmetic: Extremum, graph: Graph, index: int, _t: Target
) -> tuple[Step, ...]:
    table = as_table(graph, index, function)
    return (table or elementwise_step(graph, index, "edgeq_extremum_s8", arithmetic),)


_SUPPORT = Support(4, TWO_INPUTS, shapes.broadcast, ranks=(0, 8), spacing="moves-bytes")
_HOW = f"bytes compared; {HOW_OPERANDS}"

OPERATORS = (
    Op("MAXIMUM", _SUPPORT, partial(_lower, np.maximum, Extremum(largest=1)), _HOW, unsigned=True),
    Op("MINIMUM", _SUPPORT, partial(_lower, np.minimum, Extremum(largest=0)), _HOW, unsigned=True),
)
