"""Weights and tables in the order in which kernels for Helium read them: one stream of bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops import mac
from edgeq.backends.aot.ops.mac import Ints

VECTOR = 16
"""Bytes of a register."""


def pack(weights: Ints, together: int) -> npt.NDArray[np.int8]:
    """[channels, inputs] weights, padded by zeros, as [blocks, steps, channels of a block, VECTOR]."""
    channels, inputs = weights.shape
    padded = np.zeros((mac.round_up(channels, together), mac.round_up(inputs, VECTOR)), np.int8)
    padded[:channels, :inputs] = weights
    blocks = padded.reshape(-1, together, padded.shape[1] // VECTOR, VECTOR)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3))


def stream(weights: npt.NDArray[np.int8], table: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """The bytes of a block: its weights, then its table's words."""
    words = np.frombuffer(table.astype("<i4").tobytes(), np.int8)
    return np.concatenate([weights.reshape(-1), words])
