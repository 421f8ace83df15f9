"""How two operands meet: which elements go together, as loops with strides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MAX_LOOPS = 7
"""How many outer loops the kernels take (``EDGEQ_BROADCAST_LOOPS``): any broadcast of 8 dimensions."""


@dataclass(frozen=True)
class Broadcast:
    """The loops of an operator of two broadcast operands.

    Attributes:
        run: elements of the innermost loop, contiguous in the output.
        a_step, b_step: 1 where the operand advances in the innermost loop, 0 where one element serves all.
        loops: outer loops, outermost first: (count, stride of a, stride of b) in elements.
    """

    run: int
    a_step: int
    b_step: int
    loops: tuple[tuple[int, int, int], ...]

    def table(self) -> npt.NDArray[np.int32]:
        """The outer loops as the kernels read them: int32 [3 * loops]."""
        return np.asarray(self.loops, np.int32).reshape(-1)


def broadcast(a: tuple[int, ...], b: tuple[int, ...], output: tuple[int, ...]) -> Broadcast:
    """The fewest loops for operands of shapes ``a`` and ``b`` that make ``output``."""
    rank = len(output)
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    a_strides, b_strides = _strides(a), _strides(b)
    loops: list[tuple[int, int, int]] = []
    for axis in range(rank):
        size = output[axis]
        if size == 1:
            continue
        step = (size, a_strides[axis], b_strides[axis])
        if loops and all(loops[-1][i] == step[i] * size for i in (1, 2)):
            loops[-1] = (loops[-1][0] * size, step[1], step[2])
        else:
            loops.append(step)
    run, a_step, b_step = loops.pop() if loops else (1, 1, 1)
    return Broadcast(run, a_step, b_step, tuple(loops))


def _strides(shape: tuple[int, ...]) -> list[int]:
    """Strides in elements; 0 where a dimension of 1 is repeated."""
    return [0 if size == 1 else math.prod(shape[axis + 1 :]) for axis, size in enumerate(shape)]
