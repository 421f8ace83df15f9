"""Means and covariances of rows that come a few at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.converter.params import Floats

_ENOUGH = 512
"""Rows that are gathered before a product is formed."""


class Moments:
    """The mean and the covariance of rows [groups, columns], each group for itself.

    Sums are taken around the mean of the first rows, so that nothing cancels, and do not depend on the
    chunks in which the rows came.

    Args:
        groups, columns: the shape of a row.
    """

    def __init__(self, groups: int, columns: int) -> None:
        self._shift: Floats = np.zeros((groups, 1, columns), np.float32)
        self._sum = np.zeros((groups, columns), np.float64)
        self._products: Floats = np.zeros((groups, columns, columns), np.float32)
        self._waiting: list[Floats] = []
        self._count = 0
        self._rows = 0

    def add(self, rows: Floats) -> None:
        """Take rows, float32 [n, groups, columns], which must stay as they are."""
        self._waiting.append(rows)
        self._count += len(rows)
        if self._count >= _ENOUGH:
            self._form()

    def result(self) -> tuple[Floats, Floats]:
        """Mean, float32 [groups, columns], and covariance, float32 [groups, columns, columns]."""
        self._form()
        count = max(self._rows, 1)
        around = self._sum / count
        covariance: Floats = self._products / np.float32(count)
        covariance -= (around[:, :, None] * around[:, None, :]).astype(np.float32)
        return (around + self._shift[:, 0]).astype(np.float32), covariance

    def _form(self) -> None:
        if not self._waiting:
            return
        rows: npt.NDArray[np.float32] = np.concatenate(self._waiting).transpose(1, 0, 2)
        self._waiting, self._count = [], 0
        if not self._rows:
            self._shift = rows.mean(axis=1, keepdims=True)
        rows = rows - self._shift
        self._rows += rows.shape[1]
        self._sum += rows.sum(axis=1, dtype=np.float64)
        self._products += rows.transpose(0, 2, 1) @ rows
