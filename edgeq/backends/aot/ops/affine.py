"""An affine step ``(sum * multiplier >> down) + addend``, and the addends with which it is exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class AffineStep:
    """A multiplier, the shift behind it, the scaled outputs, and the sums at which each must be reached."""

    multiplier: int
    down: int
    goals: Ints
    reached: Ints

    def scaled(self, x: int) -> int:
        """``y`` of a sum, without addend."""
        return x * self.multiplier >> self.down

    def addends(self, low: int, high: int) -> tuple[int, int] | None:
        """The smallest and largest with which every threshold within [low, high] is met; None without any."""
        first = np.clip(self.reached, low, high + 1)
        at_least = (self.goals - (first * self.multiplier >> self.down))[first <= high]
        at_most = (self.goals - 1 - ((first - 1) * self.multiplier >> self.down))[first > low]
        smallest = int(at_least.max()) if len(at_least) else int(at_most.min())
        largest = int(at_most.min()) if len(at_most) else int(at_least.max())
        return (smallest, largest) if smallest <= largest else None

    def parted(self, low: int, zero: int, high: int, middle: int) -> tuple[int, int] | None:
        """Addend and correction where ``y`` takes a correction if it is below ``middle``; None without any.

        Sums below ``zero`` are.
        """
        above, below = self.addends(zero, high), self.addends(low, zero - 1)
        if above is None or below is None:
            return None
        least = max(above[0], middle - self.scaled(zero))
        most = min(above[1], middle - 1 - self.scaled(zero - 1))
        addend = (least + most) // 2
        correction = (below[0] + below[1]) // 2 - addend
        return (addend, correction) if least <= most else None
