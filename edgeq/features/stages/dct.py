"""The cosine transform that makes cepstral coefficients (MFCC) of logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, takes, whole

_LARGEST = 1 << 14
"""Of a logarithm: 64 times 256."""


@dataclass(frozen=True)
class Dct(Stage):
    """int16 ``[..., channels]`` to ``[..., coefficients]``: DCT-II, orthonormal, divided by the power of two
    that keeps every coefficient within int16 (4 for 16 to 63 channels).

    Attributes:
        coefficients: the first so many.
    """

    name: ClassVar[str] = "dct"
    coefficients: int

    def __post_init__(self) -> None:
        whole("coefficients", self.coefficients, 1, 512)

    def of(self, given: Form) -> Form:
        """No more coefficients than channels."""
        takes(self, given, "int16")
        if self.coefficients > given.shape[-1]:
            raise ValueError(f"there are {given.shape[-1]} channels for {self.coefficients} coefficients")
        return given.row(self.coefficients)

    def apply(self, values: Array, given: Form) -> Array:
        """Sums of products, rounded once, cut off at int16's ends."""
        table, bits = self._table(given.shape[-1])
        total = values.astype(np.int64) @ table.astype(np.int64).T
        made: Array = np.clip((total + (1 << bits - 1)) >> bits, -32768, 32767).astype(np.int16)
        return made

    def _table(self, channels: int) -> tuple[Array, int]:
        """Cosines, and how many bits their sums are shifted."""
        k = np.arange(self.coefficients)[:, None]
        norm = np.where(k == 0, np.sqrt(1 / channels), np.sqrt(2 / channels))
        cosines = norm * np.cos(np.pi / channels * (np.arange(channels) + 0.5) * k)
        most = float(np.abs(cosines).sum(axis=1).max())
        divided = max(0, int(np.ceil(np.log2(most * _LARGEST / 32767))))
        for bits in range(15, 0, -1):
            table = np.floor(cosines * 2**bits + 0.5).astype(np.int64)
            if np.abs(table).sum(axis=1).max() * 32768 + (1 << bits + divided - 1) < 1 << 31:
                break
        return np.minimum(table, 32767).astype(np.int16), bits + divided

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_dct``."""
        table, bits = self._table(given.shape[-1])
        fields: dict[str, int | str | None] = {
            "channels": given.shape[-1],
            "coefficients": self.coefficients,
            "shift": bits,
            "table": "table",
        }
        return Kernel("edgeq_dct", fields, {"table": table})
