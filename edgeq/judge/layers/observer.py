"""Looks at every row of the bench after each sample, in the interpreter's child; keeps sums only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

NAME = "edgeq.judge.layers.observer:Gauge"
"""As the interpreter's ``observe`` is told."""
KINDS = ("cumulative", "local", "own", "inputs", "weights", "clipped", "step")
"""The errors that are kept of every row, in this order: sum, sum of squares, largest magnitude."""

Floats = npt.NDArray[np.float64]


class Gauge:
    """Sums of errors.

    Args:
        plan: ``rows``, of each its tensors on the bench (real, cumulative, local, exact, weights; -1 where
            there is none), its scale (0 for a float tensor), zero point, and smallest and largest integer.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._rows = [_Row(row[:5], float(row[5]), *row[6:]) for row in plan["rows"]]

    def see(self, view: Callable[[int], npt.NDArray[np.generic]]) -> None:
        """Look at one sample."""
        for row in self._rows:
            row.see(view)

    def result(self) -> list[npt.NDArray[np.generic]]:
        """Of each row: [count, sum of squares, clipped values], errors [kinds, 3], ranges [2, channels]."""
        return [array for row in self._rows for array in (row.signal, row.errors, row.ranges)]


class _Row:
    def __init__(self, tensors: list[int], scale: float, zero_point: int, low: int, high: int) -> None:
        self._tensors = tensors
        self._scale, self._zero_point, self._limits = scale, zero_point, (low, high)
        self.signal: Floats = np.zeros(3)
        self.errors: Floats = np.zeros((len(KINDS), 3))
        self.ranges: Floats = np.empty((2, 0))

    def see(self, view: Callable[[int], npt.NDArray[np.generic]]) -> None:
        index, cumulative, local, exact, weights = self._tensors
        real = self._value(view, index)
        self.signal[:2] += real.size, (real**2).sum()
        self._range(real)
        self._add("cumulative", self._value(view, cumulative) - real)
        if local >= 0:
            found, due = self._value(view, local), self._value(view, exact)
            self._add("local", found - real)
            self._add("own", found - due)
            self._add("inputs", due - real)
        if weights >= 0:
            self._add("weights", self._value(view, weights) - real)
        if self._scale > 0:
            steps = np.rint(real / self._scale) + self._zero_point
            held = np.clip(steps, *self._limits)
            cut = held != steps
            error = (held - self._zero_point) * self._scale - real
            self.signal[2] += cut.sum()
            self._add("clipped", error[cut])
            self._add("step", error[~cut])

    def _range(self, real: Floats) -> None:
        rows = real.reshape(-1, real.shape[-1] if real.ndim else 1)
        if not rows.size:
            return
        found = np.stack([rows.min(axis=0), rows.max(axis=0)])
        if not self.ranges.size:
            self.ranges = found
        self.ranges[0] = np.minimum(self.ranges[0], found[0])
        self.ranges[1] = np.maximum(self.ranges[1], found[1])

    def _value(self, view: Callable[[int], npt.NDArray[np.generic]], index: int) -> Floats:
        array = view(index)
        values: Floats = array.astype(np.float64)
        if array.dtype.kind in "iu" and self._scale > 0:
            values = (values - self._zero_point) * self._scale
        return values

    def _add(self, kind: str, error: Floats) -> None:
        if error.size:
            sums = self.errors[KINDS.index(kind)]
            sums[0] += error.sum()
            sums[1] += (error**2).sum()
            sums[2] = max(sums[2], float(np.abs(error).max()))
