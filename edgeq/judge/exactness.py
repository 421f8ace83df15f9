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
    """Compares outputs. Real numbers agree where they are the same, and are never off by one.

    Args:
        oracle: its name.
        expected, got: one array ``[n, ...]`` per model output, the same shapes.
        graph: the model, for the decisions.
    """
    differences = [_differences(*pair).reshape(len(pair[0]), -1) for pair in zip(got, expected, strict=True)]
    agree = decisions(expected[0], graph) == decisions(got[0], graph)
    are_whole = all(array.dtype.kind != "f" for array in expected)
    return Exactness(
        oracle=oracle,
        samples=len(expected[0]),
        outputs=sum(d.size for d in differences),
        exact=sum(int(np.count_nonzero(d == 0)) for d in differences),
        off_by_one=sum(int(np.count_nonzero(d == 1)) for d in differences),
        argmax_agree=int(np.count_nonzero(agree)),
        max_difference=max((int(d.max(initial=0)) for d in differences), default=0) if are_whole else None,
        first=_first(differences, expected, got, graph) if are_whole else None,
    )


def _differences(one: Array, other: Array) -> npt.NDArray[np.uint64]:
    """How far integers are from each other; of real numbers 0 where they are the same, else 2."""
    if one.dtype.kind == "f":
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        return np.where(same, 0, 2).astype(np.uint64)
    mine, theirs = one.astype(np.int64), other.astype(np.int64)
    return np.maximum(mine, theirs).view(np.uint64) - np.minimum(mine, theirs).view(np.uint64)


def _first(
    differences: Sequence[npt.NDArray[np.uint64]],
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
