"""A project for a board before there is a model: the smallest network that is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.boards import Board

_WIDE = 4


def sample_project(board: Board) -> Project:
    """C for a network that tells which of its four inputs is the largest.

    It is a project like any other: it builds, is flashed, talks, and is judged.

    Raises:
        BoardError: no firmware of edgeq's runs on the board.
    """
    from edgeq.backends.aot import generate
    from edgeq.checker import check

    return generate(check(write_model(_graph()), name="sample"), board)


def _graph() -> Graph:
    one = np.eye(_WIDE, dtype=np.int8) * np.int8(127)
    tensors = (
        Tensor("values", (1, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 16, 0)),
        Tensor("each", (_WIDE, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 127, 0), one),
        Tensor("scores", (1, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 16, 0)),
        Tensor("largest", (1, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 256, -128)),
    )
    dense = {"fused_activation_function": "NONE", "weights_format": "DEFAULT"}
    operators = (
        Operator("FULLY_CONNECTED", (0, 1, -1), (2,), dense),
        Operator("SOFTMAX", (2,), (3,), {"beta": 1.0}),
    )
    return Graph("sample", tensors, operators, (0,), (3,))
