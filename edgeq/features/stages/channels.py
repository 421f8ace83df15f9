"""A sensor's channels, each as a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, takes


@dataclass(frozen=True)
class Channels(Stage):
    """int16 ``[window, channels]`` to ``[channels, window]``."""

    name: ClassVar[str] = "channels"
    rows: ClassVar[bool] = False

    def of(self, given: Form) -> Form:
        """The axes the other way round."""
        takes(self, given, "int16", 2)
        return replace(given, shape=given.shape[::-1])

    def apply(self, values: Array, given: Form) -> Array:
        """A view."""
        made: Array = values.swapaxes(1, 2)
        return made

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_channels``."""
        return Kernel("edgeq_channels", {"window": given.shape[0], "channels": given.shape[1]})
