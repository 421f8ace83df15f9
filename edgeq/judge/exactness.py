"""How the device's outputs compare with the oracle's, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.graph import Graph
from edgeq.judge.accuracy import decisions

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Exactness:
    """Counts over all samples.

    Attributes:
        oracle: who gave the expected outputs.
        samples: how many inputs were compared.
        outputs: how many output elements were compared, of all outputs and samples.
        exact: how many of ``outputs`` are equal.
        off_by_one: how many of ``outputs`` differ by exactly one.
        argmax_agree: for how many of ``samples`` the first output decides for the same class.
    """

    oracle: str
    samples: int
    outputs: int
    exact: int
    off_by_one: int
    argmax_agree: int

    @property
    def is_exact(self) -> bool:
        """Whether every element is equal."""
        return self.exact == self.outputs


def compare(oracle: str, expected: Sequence[Array], got: Sequence[Array], graph: Graph) -> Exactness:
    """Compares integer outputs.

    Args:
        oracle: its name.
        expected, got: one array ``[n, ...]`` per model output, the same shapes.
        graph: the model, for the decisions.
    """
    differences = [
        np.abs(mine.astype(np.int64) - theirs.astype(np.int64))
        for mine, theirs in zip(got, expected, strict=True)
    ]
    agree = decisions(expected[0], graph) == decisions(got[0], graph)
    return Exactness(
        oracle=oracle,
        samples=len(expected[0]),
        outputs=sum(d.size for d in differences),
        exact=sum(int(np.count_nonzero(d == 0)) for d in differences),
        off_by_one=sum(int(np.count_nonzero(d == 1)) for d in differences),
        argmax_agree=int(np.count_nonzero(agree)),
    )
