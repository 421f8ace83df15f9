"""float16 weights: half the size, float32 arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.converter.forms.stored import with_stored
from edgeq.graph import DType, Graph, Operator, Tensor

_FEW = 32
"""Of so many elements or fewer, storing saves less than the DEQUANTIZE takes."""


def float16_weights(graph: Graph) -> Graph:
    """A float model with its constants as float16, each behind a DEQUANTIZE.

    Args:
        graph: a float graph as ``prepare`` gives it.
    """
    return with_stored(graph, _half)


def _half(op: Operator, position: int, tensor: Tensor) -> tuple[Tensor, int] | None:
    del op, position
    data = np.asarray(tensor.data, np.float32)
    if data.size <= _FEW or not (np.abs(data) <= np.finfo(np.float16).max).all():
        return None
    return replace(tensor, name=f"{tensor.name}_half", dtype=DType.FLOAT16, data=data.astype(np.float16)), 3
