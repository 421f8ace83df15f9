"""Integers and truths that follow from constants and sizes alone, computed while a file is read.

Only what decides control flow: counters, their comparisons, and how these are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.graph.model import DType, Operator, Tensor

Value = npt.NDArray[Any]

_TYPES = frozenset({DType.INT32, DType.INT64, DType.BOOL})
_LARGEST = 1024
"""Elements: counters and conditions are small."""
_OF_TWO: Mapping[str, Callable[[Value, Value], Value]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "MINIMUM": np.minimum,
    "MAXIMUM": np.maximum,
    "LESS": np.less,
    "LESS_EQUAL": np.less_equal,
    "GREATER": np.greater,
    "GREATER_EQUAL": np.greater_equal,
    "EQUAL": np.equal,
    "NOT_EQUAL": np.not_equal,
    "LOGICAL_AND": np.logical_and,
    "LOGICAL_OR": np.logical_or,
}
_RESHAPING = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})


def value_of(tensor: Tensor) -> Value | None:
    """A constant's value, where it is of a kind that decides; None for all else."""
    if tensor.data is None or tensor.dtype not in _TYPES or tensor.elements > _LARGEST:
        return None
    return np.asarray(tensor.data)


def computed(
    op: Operator, inputs: Sequence[Value | None], sources: Sequence[Tensor], result: Tensor
) -> Value | None:
    """What an operator of one output gives.

    Args:
        op: the operator.
        inputs: the values of its inputs that are there; None where one is not known.
        sources: the same inputs.
        result: its output.

    Returns:
        The value, of the output's type; None where it does not follow, or edgeq does not compute it.
    """
    if result.dtype not in _TYPES or result.elements > _LARGEST:
        return None
    found: Value | None = None
    if not inputs:
        return None
    if op.opcode == "SHAPE" and not sources[0].is_dynamic:
        found = np.array(sources[0].shape)
    elif inputs[0] is None:
        return None
    elif op.opcode in _RESHAPING and inputs[0].size == result.elements:
        found = inputs[0].reshape(result.shape)
    elif op.opcode == "CAST":
        found = inputs[0]
    elif op.opcode == "LOGICAL_NOT":
        found = np.logical_not(inputs[0])
    elif op.opcode in _OF_TWO and op.options.get("fused_activation_function", "NONE") == "NONE":
        found = _of_two(op.opcode, inputs)
    return None if found is None else found.astype(result.dtype.numpy)


def _of_two(opcode: str, inputs: Sequence[Value | None]) -> Value | None:
    if len(inputs) != 2 or inputs[0] is None or inputs[1] is None:
        return None
    try:
        with np.errstate(over="ignore"):
            return np.asarray(_OF_TWO[opcode](inputs[0], inputs[1]))
    except ValueError:  # shapes that do not go together
        return None
