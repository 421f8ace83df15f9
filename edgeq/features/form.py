"""Shape and type of what goes from one stage to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Name = Literal["uint8", "int16", "uint16", "uint64"]


@dataclass(frozen=True)
class Form:
    """Of one sample.

    Attributes:
        shape: without the axis of samples.
        dtype: numpy's name of an element's type.
        rate: elements a second along the last axis, where that is time; bins of a spectrum keep that of the
            signal.
    """

    shape: tuple[int, ...]
    dtype: Name
    rate: float = 0.0

    @property
    def numpy(self) -> np.dtype[Any]:
        """The element's dtype."""
        return np.dtype(self.dtype)

    @property
    def elements(self) -> int:
        """How many there are."""
        return math.prod(self.shape)

    def row(self, *last: int, dtype: Name | None = None) -> Form:
        """The same rows, each of another shape, and maybe type."""
        return replace(self, shape=(*self.shape[:-1], *last), dtype=dtype or self.dtype)

    def __str__(self) -> str:
        """``int16 [49, 480]``."""
        return f"{self.dtype} {list(self.shape)}"
