"""What the oracle makes of a model, for generated files to carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edgeq.data import Dataset, quantize_input, random_data
from edgeq.interpreter import ORACLES, oracle_name, run

if TYPE_CHECKING:
    from edgeq.checker import Checked

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Inference:
    """One inference; each array's first axis has one element."""

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]


def oracle_of(checked: Checked) -> str:
    """Who judges a model's runtime, with its version."""
    return oracle_name(ORACLES[checked.runtime])


def inferences(
    checked: Checked, samples: int = 1, *, data: Dataset | None = None, seed: int = 0
) -> list[Inference]:
    """Runs the oracle.

    Args:
        checked: the model; its runtime says which oracle.
        data: its first samples are the inputs; None for seeded random numbers.

    Raises:
        ModelError: the oracle refuses the model.
        DataError: the data does not suit it.
        ToolMissingError: the oracle is not installed.
    """
    tensors = checked.graph.input_tensors
    given = data if data is not None else random_data(tensors, samples, seed)
    found = []
    for at in range(samples):
        inputs = [quantize_input(x[at : at + 1], tensor) for x, tensor in zip(given.x, tensors, strict=True)]
        outputs = run(checked.model, inputs, resolver=ORACLES[checked.runtime])
        found.append(Inference(tuple(inputs), tuple(outputs)))
    return found
