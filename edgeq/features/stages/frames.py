"""Frames of a signal, each some samples after the last: what streams by hop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, takes, whole


@dataclass(frozen=True)
class Frames(Stage):
    """int16 ``[samples]`` to ``[frames, size]``; samples after the last whole frame are left.

    Attributes:
        size: samples of a frame.
        hop: samples from the beginning of one to that of the next.
    """

    name: ClassVar[str] = "frames"
    rows: ClassVar[bool] = False
    first: ClassVar[bool] = True
    size: int
    hop: int

    def __post_init__(self) -> None:
        whole("size", self.size, 1, 1 << 16)
        whole("hop", self.hop, 1, self.size)

    def of(self, given: Form) -> Form:
        """As many frames as are whole."""
        takes(self, given, "int16", 1)
        if given.shape[0] < self.size:
            raise ValueError(f"a frame of {self.size} samples is longer than the {given.shape[0]} there are")
        return replace(given, shape=((given.shape[0] - self.size) // self.hop + 1, self.size))

    def apply(self, values: Array, given: Form) -> Array:
        """Views of the frames."""
        return np.lib.stride_tricks.sliding_window_view(values, self.size, axis=1)[:, :: self.hop]

    def kernel(self, given: Form) -> Kernel:
        """None: the caller's loop goes over frames."""
        raise NotImplementedError
