"""One inference by the oracle, for a program to compare its own with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edgeq.backends import text
from edgeq.data import Dataset, quantize_input, random_data
from edgeq.interpreter import ORACLES, oracle_name, run

if TYPE_CHECKING:
    from edgeq.checker import Checked

Array = npt.NDArray[np.generic]


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
    tensors = checked.graph.input_tensors
    given = data if data is not None else random_data(tensors, 1, seed)
    inputs = [quantize_input(x[:1], tensor) for x, tensor in zip(given.x, tensors, strict=True)]
    oracle = ORACLES[checked.runtime]
    outputs = run(checked.model, inputs, resolver=oracle)
    return Golden(oracle_name(oracle), (*_arrays("input", inputs), *_arrays("output", outputs)))


def _arrays(role: str, values: list[Array]) -> tuple[GoldenArray, ...]:
    return tuple(
        GoldenArray(role, i, f"{array.dtype.name}_t", int(array.size), text.values(array))
        for i, array in enumerate(values)
    )
