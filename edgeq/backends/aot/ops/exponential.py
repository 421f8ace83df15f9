"""ELU, EXP, GELU and LOG: functions of real numbers, computed in float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.lookup import in_float, table_operator
from edgeq.backends.aot.ops.tensors import affine
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph

Reals = npt.NDArray[np.float32]


def exp(x: Reals) -> Reals:
    """The nearest float32; infinity beyond."""
    with np.errstate(over="ignore"):
        result: Reals = np.exp(x.astype(np.float64)).astype(np.float32)
    return result


def _elu(x: Reals) -> Reals:
    return np.where(x < 0, exp(np.minimum(x, np.float32(0))) - np.float32(1), x)


def _gelu(x: Reals) -> Reals:
    """``x / 2 * erfc(-x / sqrt(2))``."""
    tail = [math.erfc(v) for v in (x * np.float32(-math.sqrt(0.5))).tolist()]
    result: Reals = np.float32(0.5) * x * np.array(tail, np.float32)
    return result


def _gelu_by_tanh(x: Reals) -> Reals:
    """``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))``."""
    inner = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)
    gate = np.float32(1) + np.tanh(inner.astype(np.float64)).astype(np.float32)
    result: Reals = np.float32(0.5) * x * gate
    return result


def gelu(graph: Graph, index: int) -> Callable[[Reals], Reals]:
    """The operator's function: the exact one, or by the option ``approximate`` the one by tanh."""
    return _gelu_by_tanh if graph.operators[index].options.get("approximate", False) else _gelu


def _gelu_table(graph: Graph, index: int, values: Ints) -> Ints:
    return in_float(gelu(graph, index), graph, index, values)


def _log_table(graph: Graph, index: int, values: Ints) -> Ints:
    """Of what is not positive the output's smallest real."""
    scale, zero_point = affine(graph, graph.operators[index].outputs[0], index)
    smallest = np.float32(-128 - zero_point) * np.float32(scale)

    def log(x: Reals) -> Reals:
        positive = np.where(x > 0, x, np.float32(1)).astype(np.float64)
        return np.where(x > 0, np.log(positive).astype(np.float32), smallest)

    return in_float(log, graph, index, values)


_ANY_RANK = (0, 8)
_BY_TFLM = "exact to TensorFlow Lite Micro's reference, for LiteRT's has no int8 form"

OPERATORS = (
    table_operator("ELU", Support(1, ranks=_ANY_RANK), partial(in_float, _elu), _BY_TFLM),
    table_operator("EXP", Support(2, ranks=_ANY_RANK), partial(in_float, exp)),
    table_operator("GELU", Support(2, ranks=_ANY_RANK), _gelu_table, unsigned=True),
    table_operator("LOG", Support(2, ranks=_ANY_RANK), _log_table),
)
