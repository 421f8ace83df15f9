"""From one order of colours to another, or to grey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, choice, takes

_WEIGHTS = {"R": 19595, "G": 38470, "B": 7471}
"""Of ITU-R BT.601, 16 bits behind the point, as Pillow's."""


@dataclass(frozen=True)
class ColourOrder(Stage):
    """uint8 ``[..., 3]`` or ``[..., 4]`` to ``[..., 3]`` or ``[..., 1]``.

    Attributes:
        given: the order of a pixel's bytes: RGB, BGR or RGBA, whose transparency is left out.
        to: grey, RGB or BGR.
    """

    name: ClassVar[str] = "colour"
    rows: ClassVar[bool] = False
    given: str
    to: str

    def __post_init__(self) -> None:
        choice("given", self.given, ("RGB", "BGR", "RGBA"))
        choice("to", self.to, ("grey", "RGB", "BGR"))
        if self.given == self.to:
            raise ValueError(f"the colours are {self.to} already")

    def of(self, given: Form) -> Form:
        """1 channel for grey, else 3."""
        takes(self, given, "uint8", 3)
        if given.shape[-1] != len(self.given):
            raise ValueError(f"the stage colour takes {self.given}, and gets {given}")
        return given.row(1 if self.to == "grey" else 3)

    def apply(self, values: Array, given: Form) -> Array:
        """Grey is rounded once."""
        if self.to != "grey":
            return values[..., [self.given.index(one) for one in self.to]]
        weights = np.array([_WEIGHTS.get(one, 0) for one in self.given])
        grey = (values.astype(np.int64) @ weights + 0x8000) >> 16
        made: Array = grey.astype(np.uint8)[..., None]
        return made

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_grey`` or ``edgeq_order``."""
        pixels = given.elements // given.shape[-1]
        fields: dict[str, int | str | None] = {"pixels": pixels, "step": given.shape[-1]}
        if self.to == "grey":
            return Kernel("edgeq_grey", fields | {f"weight_{i}": _WEIGHTS[self.given[i]] for i in range(3)})
        return Kernel("edgeq_order", fields | {f"from_{i}": self.given.index(self.to[i]) for i in range(3)})
