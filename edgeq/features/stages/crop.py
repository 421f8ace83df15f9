"""A part of an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, takes, whole


@dataclass(frozen=True)
class Crop(Stage):
    """uint8 ``[height, width, channels]`` to a smaller one.

    Attributes:
        left, top: what is left out on those sides, in pixels.
        width, height: what is kept.
    """

    name: ClassVar[str] = "crop"
    rows: ClassVar[bool] = False
    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        for name in ("left", "top"):
            whole(name, getattr(self, name), 0, 65535)
        for name in ("width", "height"):
            whole(name, getattr(self, name), 1, 65535)

    def of(self, given: Form) -> Form:
        """The part, which has to lie inside."""
        takes(self, given, "uint8", 3)
        height, width, channels = given.shape
        if self.top + self.height > height or self.left + self.width > width:
            raise ValueError(f"a part of {self} does not lie inside an image of {width}x{height}")
        return replace(given, shape=(self.height, self.width, channels))

    def apply(self, values: Array, given: Form) -> Array:
        """A view."""
        return values[:, self.top : self.top + self.height, self.left : self.left + self.width]

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_crop``."""
        _, width, channels = given.shape
        fields: dict[str, int | str | None] = {
            "first": (self.top * width + self.left) * channels,
            "stride": width * channels,
            "row": self.width * channels,
            "rows": self.height,
        }
        return Kernel("edgeq_crop", fields)
