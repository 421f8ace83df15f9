"""How right the answers are: the share of right decisions, or the errors of a regression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgeq.data import Dataset, dequantize
from edgeq.graph import Graph
from edgeq.graph.names import called
from edgeq.judge.accuracy import accuracy, decisions, refuse_targets
from edgeq.judge.float_model import FloatAnswers
from edgeq.judge.report.accuracy import Accuracy
from edgeq.judge.report.confusion import MOST_CELLS, Confusion
from edgeq.judge.report.regression import Errors, Regression
from edgeq.judge.report.scatter import MOST_POINTS, Scatter

Array = npt.NDArray[np.generic]


def scores(
    graph: Graph,
    data: Dataset,
    expected: Sequence[Array],
    got: Sequence[Array],
    floats: FloatAnswers | None,
) -> tuple[Accuracy, Regression | None]:
    """What the labels say of the judged output: of the float model, of the oracle and of the device.

    Args:
        graph: the int8 model.
        data: the samples, with labels, the values of a regression, or neither.
        expected, got: the oracle's outputs and the device's, ``[n, ...]`` each.
        floats: what the float model gave; None without one.

    Raises:
        DataError: labels or values that the output cannot have.
    """
    position = data.output
    right, mine = expected[position], got[position]
    shares = Accuracy(
        None if floats is None else floats.accuracy,
        accuracy(right, data.y, graph, position),
        accuracy(mine, data.y, graph, position),
        called(graph.output_tensors, "output")[position] if data.is_labelled else None,
    )
    if data.targets is None:
        return shares, None
    tensor = graph.output_tensors[position]
    real = None if floats is None else floats.real
    return shares, Regression(
        called(graph.output_tensors, "output")[position],
        None if real is None else errors(real, data.targets),
        errors(dequantize(right, tensor), data.targets, real),
        errors(dequantize(mine, tensor), data.targets, real),
    )


def answers(graph: Graph, data: Dataset, got: Sequence[Array]) -> Confusion | Scatter | None:
    """The device's classes beside the labels, or its values beside the true ones; None without labels.

    Args:
        graph: the int8 model.
        data: the samples.
        got: the device's outputs, ``[n, ...]`` each.
    """
    position = data.output
    output = called(graph.output_tensors, "output")[position]
    if data.y is not None:
        pairs = Counter(zip(data.y.tolist(), decisions(got[position], graph, position).tolist(), strict=True))
        fullest = pairs.most_common(MOST_CELLS)
        cells = sorted((label, decided, count) for (label, decided), count in fullest)
        return Confusion(output, len(data.y), tuple(cells), len(data.y) - sum(cell[2] for cell in cells))
    if data.targets is None:
        return None
    found = dequantize(got[position], graph.output_tensors[position]).reshape(-1)
    true = data.targets.reshape(-1)
    step = -(-len(true) // MOST_POINTS)
    points = zip(true[::step].tolist(), found[::step].tolist(), strict=True)
    return Scatter(output, tuple(points))


def errors(values: Array, targets: npt.NDArray[np.float32], real: Array | None = None) -> Errors:
    """How far values are from the true ones.

    Args:
        values: real numbers, ``[n, ...]``.
        targets: the true ones, as many for each sample.
        real: what the float model gave, for the noise of quantization.

    Raises:
        DataError: another number of values.
    """
    refuse_targets(targets, int(np.prod(values.shape[1:], dtype=np.int64)))
    found, wanted = (array.reshape(len(array), -1).astype(np.float64) for array in (values, targets))
    off = found - wanted
    spread = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    return Errors(
        mae=float(np.abs(off).mean()),
        rmse=float(np.sqrt((off**2).mean())),
        r2=1 - float((off**2).sum()) / spread if spread > 0 else None,
        sqnr_db=None if real is None else _sqnr(real.reshape(found.shape).astype(np.float64), found),
    )


def _sqnr(real: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float | None:
    signal, noise = float((real**2).sum()), float(((real - other) ** 2).sum())
    return float(10 * np.log10(signal / noise)) if signal > 0 and noise > 0 else None
