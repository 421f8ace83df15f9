"""What a user wants of a network, and what of the board's memory is the application's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Optimize = Literal["auto", "speed", "size", "ram"]
"""The fewest instructions in the memory that there is, or in any; the least flash; the least RAM."""


@dataclass(frozen=True)
class Budget:
    """What a user wants of a network, and leaves to it.

    Attributes:
        optimize: for what kernels are chosen.
        reserve_ram, reserve_flash: bytes of the board's that are for the application.
    """

    optimize: Optimize = "auto"
    reserve_ram: int = 0
    reserve_flash: int = 0
