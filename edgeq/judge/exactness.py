"""How the device's outputs compare with the oracle's, element by element."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgeq.graph import Graph
from edgeq.judge.accuracy import decisions
from edgeq.judge.report.exactness import Exactness

Array = npt.NDArray[np.generic]


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
