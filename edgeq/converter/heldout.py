"""Which of two ways suits a model: both are tried on a part of the calibration data, judged on the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.converter.auto import choose
from edgeq.converter.calibrate import Range
from edgeq.converter.calibrators import calibrator
from edgeq.converter.findings import logits
from edgeq.converter.params import Array
from edgeq.converter.quantize import quantize
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import Graph, write_model
from edgeq.graph.macs import operator_macs
from edgeq.interpreter import compute
from edgeq.interpreter.adaptor import Adaptor

_NAME = "edgeq.converter.heldout:work"
Way = Literal["auto", "minmax"]

MOST = 100
"""Samples that the trial takes at most, spread evenly: it takes no longer with more data."""
FEWEST = 10
"""With fewer there is nothing to hold out."""
_EVERY = 5
"""One sample in so many is held out."""
MARGIN = 0.3
"""Decibels: roundings that have nothing to do with each other move the SQNR by more."""
_WORK = 10_000_000_000
"""Multiply-accumulates that the trial may take in each form: of a large model it takes fewer samples."""


def better(graph: Graph, data: Dataset, fixed: Mapping[int, Range]) -> tuple[Way, tuple[str, ...]]:
    """The way that gives the smaller error on samples that it has not seen, and a note.

    The automatic way is kept where the two are within :data:`MARGIN`, or within twice the standard error of
    their difference, and where too little data can tell.

    Args:
        graph: a float graph as ``prepare`` gives it.
        data: all calibration samples.
        fixed: ranges of inputs that the data shall not choose.
    """
    if len(data) < FEWEST:
        return "auto", ()
    cost = sum(operator_macs(graph, op) for op in graph.operators)
    count = min(MOST, len(data), max(FEWEST, _WORK // max(cost, 1)))
    picked = np.linspace(0, len(data) - 1, count).astype(np.intp)
    held = picked[_EVERY // 2 :: _EVERY]
    seen = part(data, np.setdiff1d(picked, held))
    try:
        choice = choose(graph, seen, calibrator("crossed"), None, fixed)
    except DataError:  # a part says nothing where all samples together do
        return "auto", ()
    found = (
        quantize(choice.graph, choice.ranges, choice.rounded)[0],
        quantize(graph, {**choice.seen, **fixed})[0],
    )
    real, *others = answers(part(data, held), graph, *found)
    each = [sqnr(real, whole, one) for whole, one in zip(others, found, strict=True)]
    auto, minmax = (float(one.mean()) for one in each)
    gain = each[1] - each[0]
    unsure = 2 * float(gain.std()) / len(gain) ** 0.5
    on = f"on {len(held)} calibration samples held out"
    if minmax - auto > max(MARGIN, unsure):
        return "minmax", (
            f"Minima and maxima as they are were kept: {on} they gave {minmax:.1f} dB, "
            f"the automatic mode's choice {auto:.1f} dB.",
        )
    return "auto", (
        f"The automatic mode's choice was kept: {on} it gave {auto:.1f} dB, "
        f"minima and maxima as they are {minmax:.1f} dB.",
    )


def part(data: Dataset, which: npt.NDArray[np.intp]) -> Dataset:
    """Some of the samples, without labels."""
    return replace(data, x=tuple(array[which] for array in data.x), y=None)


def answers(data: Dataset, *graphs: Graph) -> list[list[Array]]:
    """What each graph gives for the samples, up to its logits; all in one child process."""
    plan: list[int] = []
    arrays: list[Array] = []
    for graph in graphs:
        upto = graph.replace(outputs=logits(graph))
        arrays.append(np.frombuffer(write_model(upto), np.uint8))
        arrays += [quantize_input(x, t) for x, t in zip(data.x, upto.input_tensors, strict=True)]
        plan.append(len(upto.outputs))
    found = iter(compute(_NAME, {"inputs": len(data.x)}, arrays, b""))
    return [[next(found) for _ in range(count)] for count in plan]


def work(plan: dict[str, Any], arrays: Sequence[Array], _blob: bytes) -> list[Array]:
    """The child's part: of each model, which comes before its inputs, every output ``[n, *shape]``."""
    found: list[Array] = []
    each = 1 + int(plan["inputs"])
    for start in range(0, len(arrays), each):
        adaptor = Adaptor(arrays[start].tobytes(), "optimized")
        given = arrays[start + 1 : start + each]
        outputs = []
        for sample in range(len(given[0])):
            adaptor.invoke(
                [x[sample].reshape(shape) for x, (shape, _) in zip(given, adaptor.inputs, strict=True)]
            )
            outputs.append(adaptor.outputs())
        found += [np.stack(one) for one in zip(*outputs, strict=True)]
    return found


def sqnr(real: Sequence[Array], found: Sequence[Array], integer: Graph) -> npt.NDArray[np.float64]:
    """Of each sample against the mean signal, in dB, so that an outlier is one sample and no more; [samples].

    It is the mean over the logits' tensors.
    """
    each = []
    for exact, whole, index in zip(real, found, logits(integer), strict=True):
        tensor = integer[index]
        if not exact.size or tensor.quant is None:
            continue  # whole numbers and truth values
        least = tensor.quant.scale**2 / 12 / exact.size
        wide = exact.astype(np.float64).reshape(len(exact), -1)
        off = wide - dequantize(whole, tensor).reshape(len(exact), -1)
        noise = np.maximum((off**2).mean(axis=1), least)
        each.append(10 * np.log10(max(float((wide**2).mean()), least) / noise))
    return np.mean(each, axis=0) if each else np.zeros(1)
