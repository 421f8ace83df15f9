"""What code is made for: the core that runs it, the oracle whose results it must give, what counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgeq.boards.cores import Core

Oracle = Literal["litert", "tflm"]
"""LiteRT's reference kernels, or TensorFlow Lite Micro's. They round fully connected layers differently."""


@dataclass(frozen=True)
class Target:
    """What a lowering may know beside the graph.

    Attributes:
        core: the row of the core that runs it.
        oracle: whose rounding the operators match, byte for byte.
        fpu: whether the board's core has its FPU, whose registers are Helium's vectors.
        small: whether the least flash counts, and not the fewest instructions.
        lean: the output rows of a call, where little RAM counts first: the least scratch among kernels that
            are about as fast and make so many rows together; 0 for whole outputs and all the RAM that is
            wanted.
        stored: whether filters may take more flash than weights do, transformed before.
        shared: kernels that other steps call anyway: where one of them can do it, no other is taken.
        scratch: the most bytes of a kernel's scratch, where there is a kernel that takes no more.
    """

    core: Core
    oracle: Oracle = "litert"
    fpu: bool = True
    small: bool = False
    stored: bool = True
    lean: int = 0
    scratch: int | None = None
    shared: frozenset[str] = frozenset()
