"""Operators without an int8 kernel, as a table: 256 results, chosen by the input's integer.

The table is exact: each entry is the float result of one int8 input, rounded once. It runs as CAST to int32,
ADD of 128 and GATHER, which every runtime with these operators computes alike; it costs 256 bytes of weights
and eight bytes of memory for each element while it runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ModelError
from edgeq.graph import ABSENT, Graph, Operator

Doubles = npt.NDArray[np.float64]

FUNCTIONS: Mapping[str, Callable[[Doubles], Doubles]] = {
    "SIN": np.sin,
    "COS": np.cos,
    "FLOOR": np.floor,
    "CEIL": np.ceil,
    "ROUND": np.rint,
    "SIGN": np.sign,
    "POW": np.positive,
}
"""What each operator computes; POW with a constant exponent is :func:`values_of`'s."""


def check_table(graph: Graph, op: Operator, where: str) -> None:
    """Refuse what no table can stand for.

    Raises:
        ModelError: a POW whose exponent is not one constant.
    """
    if op.opcode == "POW" and exponent(graph, op) is None:
        raise ModelError(
            f"{where}: its exponent '{graph[op.inputs[1]].name}' is not one constant",
            "replace it by a multiplication, or by a constant exponent",
        )


def exponent(graph: Graph, op: Operator) -> float | None:
    """The exponent of a POW where it is one constant."""
    if len(op.inputs) < 2 or op.inputs[1] == ABSENT:
        return None
    data = graph[op.inputs[1]].data
    return float(np.ravel(data)[0]) if data is not None and np.size(data) == 1 else None


def values_of(graph: Graph, op: Operator, inputs: Doubles) -> Doubles:
    """The operator's results for these inputs; 0 where it is not defined.

    Args:
        inputs: float64 [256], the real values of all int8 integers.
    """
    with np.errstate(all="ignore"):
        power = exponent(graph, op) if op.opcode == "POW" else None
        found = FUNCTIONS[op.opcode](inputs) if power is None else np.power(inputs, power)
    return np.nan_to_num(np.asarray(found, np.float64), nan=0.0, posinf=math.inf, neginf=-math.inf)
