"""Which kernels a layer could have, and which one it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Alternative:
    """One kernel for a layer.

    Attributes:
        kernel: the C function.
        instructions: executed by one call, estimated; None where there is no other, so that nobody asked.
        scratch: bytes of the arena.
        flash: bytes of constants.
        code: bytes of code that it brings beside what every layer of its kind calls.
        chosen: whether the layer got it.
    """

    kernel: str
    instructions: int | None
    scratch: int
    flash: int
    code: int
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """The kernels that a board's core runs for a layer.

    Attributes:
        name: of the step in the generated C.
        title: operator and shapes.
        alternatives: the chosen one first, then by their cost.
        turns: in how many the layer runs by rows, with those beside it that do too; None where it runs whole.
    """

    name: str
    title: str
    alternatives: Sequence[Alternative]
    turns: int | None = None

    @property
    def next_best(self) -> int | None:
        """Instructions that the next best takes more, estimated; None without another."""
        costs = [one.instructions for one in self.alternatives]
        if len(costs) < 2 or costs[0] is None or costs[1] is None:
            return None
        return costs[1] - costs[0]

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {**asdict(self), "next_best": self.next_best}
