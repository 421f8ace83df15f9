"""Raw samples as files hold them: sounds, images, readings of sensors, before anything is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.features.raw import Raw


@dataclass(frozen=True, eq=False)
class Recordings:
    """Raw samples, with where each is from.

    Attributes:
        x: ``[n, *raw.form.shape]`` of the raw form's type.
        y: the class of each, int64 ``[n]``; None without labels.
        raw: what a sample is.
        origins: the file of each sample, as it is called within the folder.
        notes: what was done.
    """

    x: Array
    y: Array | None
    raw: Raw
    origins: tuple[str, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.x)

    def taken(self, chosen: Sequence[int]) -> Recordings:
        """Some of them."""
        y = None if self.y is None else self.y[list(chosen)]
        return Recordings(
            self.x[list(chosen)], y, self.raw, tuple(self.origins[i] for i in chosen), self.notes
        )


def windows(values: Array, length: int) -> list[Array]:
    """Consecutive windows along the first axis; what is shorter than one is filled up with zeros, else the
    rest is left out."""
    if len(values) >= length:
        return [values[at : at + length] for at in range(0, len(values) - length + 1, length)]
    filled = np.zeros((length, *values.shape[1:]), values.dtype)
    filled[: len(values)] = values
    return [filled]


def gathered(
    parts: Sequence[tuple[str, Sequence[Array], int | None]], raw: Raw, source: str, notes: Sequence[str]
) -> Recordings:
    """The windows of several files.

    Args:
        parts: of each its name, its windows, and its class.

    Raises:
        DataError: there is nothing.
    """
    x = [window for _, found, _ in parts for window in found]
    if not x:
        raise DataError(f"{source} holds no samples", "give at least one sample")
    labels = [label for _, found, label in parts for _ in found]
    y = None if any(label is None for label in labels) else np.array(labels, np.int64)
    origins = tuple(name for name, found, _ in parts for _ in found)
    return Recordings(np.stack(x), y, raw, origins, tuple(notes))
