"""What a user wants of a network, and what of the board's memory is the application's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Optimize = Literal["auto", "speed", "size", "ram"]
"""The fewest instructions in the memory that there is, or in any; the least flash; the least RAM."""


Feeding = Literal["whole", "rows"]
"""Whether an input lies in the arena as a whole, or comes row by row while the network runs."""


@dataclass(frozen=True)
class Budget:
    """What a user wants of a network, and leaves to it.

    Attributes:
        optimize: for what kernels are chosen.
        input: how the network is given its input.
        reserve_ram, reserve_flash: bytes of the board's that are for the application.
    """

    optimize: Optimize = "auto"
    reserve_ram: int = 0
    reserve_flash: int = 0
    input: Feeding = "whole"
