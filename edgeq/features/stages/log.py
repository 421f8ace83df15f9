"""The logarithm of a power, by a table and straight lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, takes, whole

FRACTION = 8
"""Bits behind the point: a step is 0.012 dB."""
_SEGMENTS = 64


@dataclass(frozen=True)
class Log(Stage):
    """uint64 to int16: 256 log2(power + offset), within 1 of it.

    Attributes:
        offset: what keeps silence from minus infinity; at least 1.
    """

    name: ClassVar[str] = "log"
    offset: int = 1

    def __post_init__(self) -> None:
        whole("offset", self.offset, 1, 1 << 30)

    def of(self, given: Form) -> Form:
        """The same shape."""
        takes(self, given, "uint64")
        return given.row(given.shape[-1], dtype="int16")

    def apply(self, values: Array, given: Form) -> Array:
        """The highest bit, and 16 bits behind it by the table."""
        power = values + np.uint64(self.offset)
        top = np.zeros(power.shape, np.int64)
        for bit in (32, 16, 8, 4, 2, 1):
            more = (power >> (top + bit).astype(np.uint64)) > 0
            top += bit * more
        behind = (power << (63 - top).astype(np.uint64)) >> np.uint64(47)
        behind = behind.astype(np.int64) & 0xFFFF
        table = _table().astype(np.int64)
        segment, rest = behind >> 10, behind & 0x3FF
        line = table[segment] + ((table[segment + 1] - table[segment]) * rest >> 10)
        made: Array = ((top << FRACTION) + (line + 64 >> 7)).astype(np.int16)
        return made

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_log``."""
        fields: dict[str, int | str | None] = {
            "size": given.shape[-1],
            "offset": self.offset,
            "table": "table",
        }
        return Kernel("edgeq_log", fields, {"table": _table()})


def _table() -> Array:
    """log2(1 + i / 64), 15 bits behind the point."""
    return np.floor(np.log2(1 + np.arange(_SEGMENTS + 1) / _SEGMENTS) * 32768 + 0.5).astype(np.uint16)
