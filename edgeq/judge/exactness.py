"""How the device's outputs compare with the oracle's, element by element."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgeq.graph import Graph
from edgeq.judge.accuracy import decisions
from edgeq.judge.report.exactness import Difference, Exactness

Array = npt.NDArray[np.generic]


def compare(oracle: str, expected: Sequence[Array], got: Sequence[Array], graph: Graph) -> Exactness:
    """Compares integer outputs.

    Args:
        oracle: its name.
        expected, got: one array ``[n, ...]`` per model output, the same shapes.
        graph: the model, for the decisions.
    """
    differences = [
        np.abs(mine.astype(np.int64) - theirs.astype(np.int64)).reshape(len(mine), -1)
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
        max_difference=max((int(d.max(initial=0)) for d in differences), default=0),
        first=_first(differences, expected, got, graph),
    )


def _first(
    differences: Sequence[npt.NDArray[np.int64]],
    expected: Sequence[Array],
    got: Sequence[Array],
    graph: Graph,
) -> Difference | None:
    found = [
        (int(rows[0]), output)
        for output, difference in enumerate(differences)
        if (rows := np.flatnonzero(difference.any(axis=1))).size
    ]
    if not found:
        return None
    sample, output = min(found)
    element = int(np.flatnonzero(differences[output][sample])[0])
    wanted, told = (int(arrays[output][sample].reshape(-1)[element]) for arrays in (expected, got))
    return Difference(sample, output, graph.output_tensors[output].label, element, wanted, told)
