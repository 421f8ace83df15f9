"""What a window's values are like: mean, deviation and the like, as integers of the signal's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, takes

MEASURES = ("mean", "std", "rms", "min", "max")


@dataclass(frozen=True)
class Statistics(Stage):
    """int16 ``[..., window]`` to int16 ``[..., measures]``.

    mean is rounded down; std is the root of the mean square of what the values differ from the exact mean,
    rms that of the values, both rounded down: sqrt(n sum(x^2) - sum(x)^2) / n.

    Attributes:
        measures: which, in which order.
    """

    name: ClassVar[str] = "statistics"
    measures: Sequence[str] = MEASURES

    def __post_init__(self) -> None:
        if isinstance(self.measures, str) or not isinstance(self.measures, Sequence):
            raise ValueError("measures is a list")
        if not self.measures or any(one not in MEASURES for one in self.measures):
            raise ValueError(f"measures are some of {', '.join(MEASURES)}")
        object.__setattr__(self, "measures", tuple(self.measures))

    def to_json(self) -> dict[str, Any]:
        """The measures as a list."""
        return {"stage": self.name, "measures": list(self.measures)}

    def of(self, given: Form) -> Form:
        """One value a measure."""
        takes(self, given, "int16")
        if given.shape[-1] > 1 << 15:
            raise ValueError("the stage statistics takes windows of up to 32768 values")
        return given.row(len(self.measures))

    def apply(self, values: Array, given: Form) -> Array:
        """By exact sums."""
        wide = values.astype(np.int64)
        n = given.shape[-1]
        total, squares = wide.sum(axis=-1), (wide * wide).sum(axis=-1)
        found = {
            "mean": total // n,
            "std": _root((n * squares - total * total).astype(np.uint64)) // n,
            "rms": _root((squares // n).astype(np.uint64)),
            "min": wide.min(axis=-1),
            "max": wide.max(axis=-1),
        }
        stacked = np.stack([found[one] for one in self.measures], axis=-1)
        made: Array = np.clip(stacked, -32768, 32767).astype(np.int16)
        return made

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_statistics``."""
        order = np.array([MEASURES.index(one) for one in self.measures], np.uint8)
        fields: dict[str, int | str | None] = {
            "size": given.shape[-1],
            "count": len(order),
            "measures": "measures",
        }
        return Kernel("edgeq_statistics", fields, {"measures": order})


def _root(values: Array) -> Array:
    """Square roots, rounded down."""
    root = np.sqrt(values.astype(np.float64)).astype(np.uint64)
    root = np.where(root * root > values, root - np.uint64(1), root)
    root = np.where((root + np.uint64(1)) * (root + np.uint64(1)) <= values, root + np.uint64(1), root)
    return root.astype(np.int64)
