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


def stream(*parts: npt.NDArray[np.int8] | npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """The bytes of a block, one part behind the other: weights, and words of a table."""
    little = (part.astype(part.dtype.newbyteorder("<")).tobytes() for part in parts)
    return np.frombuffer(b"".join(little), np.int8)
