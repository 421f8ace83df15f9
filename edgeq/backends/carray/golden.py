"""One inference by the oracle, for a program to compare its own with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgeq.backends.project import text
from edgeq.backends.project.oracle import Array, inferences
from edgeq.data import Dataset

if TYPE_CHECKING:
    from edgeq.checker import Checked


@dataclass(frozen=True)
class GoldenArray:
    """The values of one input or output as C text."""

    role: str
    index: int
    ctype: str
    count: int
    text: str


@dataclass(frozen=True)
class Golden:
    """Inputs and outputs of one inference, and who made it."""

    oracle: str
    arrays: tuple[GoldenArray, ...]


def golden(checked: Checked, data: Dataset | None = None, seed: int = 0) -> Golden:
    """Runs the oracle once.

    Args:
        checked: the model; its runtime says which oracle.
        data: its first sample is the input; None for seeded random numbers.

    Raises:
        ModelError: the oracle refuses the model.
        DataError: the data does not suit it.
        ToolMissingError: the oracle is not installed.
    """
    (one,) = inferences(checked, data=data, seed=seed)
    return Golden(one.oracle, (*_arrays("input", one.inputs), *_arrays("output", one.outputs)))


def _arrays(role: str, values: Sequence[Array]) -> tuple[GoldenArray, ...]:
    return tuple(
        GoldenArray(role, i, f"{array.dtype.name}_t", int(array.size), text.values(array))
        for i, array in enumerate(values)
    )
