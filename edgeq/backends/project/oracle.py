"""What the oracle makes of a model, for generated files to carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edgeq.data import Dataset, quantize_input, random_data
from edgeq.interpreter import judged

if TYPE_CHECKING:
    from edgeq.checker import Checked

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Inference:
    """One inference; each array's first axis has one element.

    Attributes:
        oracle: who says that the outputs are right, with its version.
    """

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    oracle: str


def inferences(
    checked: Checked, samples: int = 1, *, data: Dataset | None = None, seed: int = 0
) -> list[Inference]:
    """Runs the oracle, or the next one where it refuses the model.

    Args:
        checked: the model; its runtime says which oracle.
        data: its first samples are the inputs; None for seeded random numbers.

    Raises:
        ModelError: every oracle refuses the model.
        DataError: the data does not suit it.
        ToolMissingError: the oracle is not installed.
    """
    tensors = checked.graph.input_tensors
    given = data if data is not None else random_data(tensors, samples, seed)
    found = []
    for at in range(samples):
        inputs = [quantize_input(x[at : at + 1], tensor) for x, tensor in zip(given.x, tensors, strict=True)]
        answers = judged(checked.runtime, checked.model, inputs)
        found.append(Inference(tuple(inputs), tuple(answers.outputs), answers.oracle))
    return found
