"""What the samples and the answers show of the data and the model: rules over all samples, as warnings.

A verdict says what was measured. These rules say where that means little: inputs that the model was not
calibrated for, answers that never change, an accuracy that guessing reaches. Only a run that judged nothing
is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.checker import Finding
from edgeq.data import Dataset
from edgeq.data.dataset import integer_range
from edgeq.graph import Graph, QuantParams, Tensor
from edgeq.judge.accuracy import decisions
from edgeq.judge.report.accuracy import USUAL_DROP, Accuracy, lost
from edgeq.judge.report.findings import finding

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]
Ends = tuple[float, float]

SATURATED = 0.01
"""The share of an input's values beyond its range above which a warning says so."""

FAR_OUTSIDE = 1.0
"""Data that leaves an input's range by more than so many times the range's width is another data's."""

FEW_STEPS = 32
"""Data that spans fewer of an input's steps is hardly told apart; 256 are there."""

FEWEST = 10
"""Samples below which answers that are all alike, or an accuracy near chance, may be an accident."""

DEVIATIONS = 2.0
"""An accuracy within so many standard deviations of guessing's is guessing's."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All samples, and what became of them.

    Attributes:
        graph: the int8 model.
        data: the samples as they were given.
        expected: the oracle's outputs, ``[n, ...]`` each.
        got: the device's, alike.
        accuracy: of all models, where there are labels.
    """

    graph: Graph
    data: Dataset
    expected: Sequence[Array]
    got: Sequence[Array]
    accuracy: Accuracy

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """Class numbers, where there are any."""
        return self.data.y if self.accuracy.int8 is not None else None

    @property
    def classes(self) -> int:
        """How many the first output tells apart."""
        return max(2, int(np.prod(self.expected[0].shape[1:], dtype=np.int64)))


Rule = Callable[[Evidence], Iterator[Finding]]


def _nothing_judged(of: Evidence) -> Iterator[Finding]:
    compared = sum(array.size for array in of.expected)
    if not compared:
        yield finding(
            "nothing-judged", "error",
            "no output value was compared, so the device is not judged",
            "the model's outputs have no elements: look at its shapes",
        )  # fmt: skip
        return
    for name, arrays in (("the oracle", of.expected), ("the device", of.got)):
        lacking = sum(int(np.isnan(a).sum()) for a in arrays if a.dtype.kind == "f")
        if lacking:
            yield finding(
                "not-a-number", "error",
                f"{lacking:,} of {compared:,} output values of {name} are not numbers (NaN)",
                "look for infinite weights, and for inputs far outside what the model was trained on",
            )  # fmt: skip


def _range_of_inputs(of: Evidence) -> Iterator[Finding]:
    if of.data.is_random:
        return
    for position, (x, tensor) in enumerate(zip(of.data.x, of.graph.input_tensors, strict=True)):
        found = integers_of(of.graph, position)
        if found is None or not x.size:
            continue
        yield from _of_range(f"input '{tensor.label}'", _real(x, found[0]), *found)


def _of_range(name: str, real: Floats, quant: QuantParams, tensor: Tensor) -> Iterator[Finding]:
    """One input's values against the ends of what it holds; those of its own type are never beyond them."""
    low, high = _ends(quant, tensor)
    least, most, half = float(real.min()), float(real.max()), quant.scale / 2
    cut = int(np.count_nonzero(real < low - half)) + int(np.count_nonzero(real > high + half))
    spans, holds = f"spans {least:.4g} to {most:.4g}", f"{low:.4g} to {high:.4g}"
    if cut > SATURATED * real.size:
        yield finding(
            "input-saturates", "warning",
            f"{100 * cut / real.size:.1f} % of the values of {name} are cut off: the data {spans}, and the "
            f"input holds {holds}",
            _PREPARED,
        )  # fmt: skip
    elif max(low - least, most - high) > FAR_OUTSIDE * (high - low):
        yield finding(
            "input-range", "warning",
            f"the data of {name} {spans}, far outside of what the input holds, {holds}",
            _PREPARED,
        )  # fmt: skip
    steps = round((most - least) / quant.scale) + 1
    if steps < FEW_STEPS and real.size >= FEWEST:
        yield finding(
            "input-range", "warning",
            f"the data of {name} {spans}, far inside of what the input holds, {holds}: {steps} steps of its "
            f"scale of {quant.scale:.4g}",
            _PREPARED,
        )  # fmt: skip


_PREPARED = "prepare the data for training, calibration and test alike: --normalize, one scale in all files"


def _constant_outputs(of: Evidence) -> Iterator[Finding]:
    n = len(of.data)
    if n < FEWEST or not any(_varies(x) for x in of.data.x) or _is_one_class(of.labels):
        return
    for tensor, values in zip(of.graph.output_tensors, of.expected, strict=True):
        if values.size and not _varies(values):
            yield finding(
                "constant-output", "warning",
                f"output '{tensor.label}' of the int8 model is the same for all {n:,} samples, so they prove "
                "little",
                "look at the inputs' range and at the calibration; debug shows where values get lost"
                if not of.data.is_random
                else "give real inputs with --data",
            )  # fmt: skip


def _one_class(of: Evidence) -> Iterator[Finding]:
    labels, n = of.labels, len(of.data)
    if labels is None or n < FEWEST or _is_one_class(labels):
        return
    decided = decisions(of.expected[0], of.graph)
    if _is_one_class(decided):
        yield finding(
            "one-class", "warning",
            f"the int8 model decides for class {int(decided[0])} in all {n:,} samples, and the labels name "
            f"{len(np.unique(labels))} classes",
            "look at the inputs' range and at the calibration; debug shows where values get lost",
        )  # fmt: skip


def _near_chance(of: Evidence) -> Iterator[Finding]:
    labels, n = of.labels, len(of.data)
    which, share = (
        ("float", of.accuracy.float) if of.accuracy.float is not None else ("int8", of.accuracy.int8)
    )
    if labels is None or share is None or n < FEWEST:
        return
    guessed = 1 / of.classes
    commonest = 0.0 if _is_one_class(labels) else float(np.bincount(labels).max()) / n
    margin = DEVIATIONS * float(np.sqrt(guessed * (1 - guessed) / n))
    if share <= guessed + margin or share < commonest:
        yield finding(
            "near-chance", "warning",
            f"the accuracy of the {which} model is {100 * share:.2f} %, where guessing one of {of.classes} "
            f"classes gives {100 * guessed:.2f} %, and always naming the commonest {100 * commonest:.2f} %",
            "look at the order of the classes in the labels, at the inputs' preparation, and at which output "
            "is the answer",
        )  # fmt: skip


def _lost_by_int8(of: Evidence) -> Iterator[Finding]:
    drop = lost(of.accuracy.float, of.accuracy.int8, len(of.data), USUAL_DROP)
    if drop is not None and of.accuracy.float is not None and of.accuracy.int8 is not None:
        yield finding(
            "int8-accuracy", "warning",
            f"accuracy drops by {100 * drop:.2f} points from {100 * of.accuracy.float:.2f} % (float) to "
            f"{100 * of.accuracy.int8:.2f} % (int8)",
            "calibrate with inputs as the model meets them; debug names the layers that lose it",
        )  # fmt: skip


RULES: tuple[Rule, ...] = (
    _nothing_judged,
    _range_of_inputs,
    _constant_outputs,
    _one_class,
    _near_chance,
    _lost_by_int8,
)
"""In the order of what they look at: nothing, inputs, outputs, accuracy."""


def check_data(of: Evidence) -> tuple[Finding, ...]:
    """What every rule has to say."""
    return tuple(found for rule in RULES for found in rule(of))


def integers_of(graph: Graph, position: int) -> tuple[QuantParams, Tensor] | None:
    """How an input becomes integers: by its own scale, or by the QUANTIZE behind it; else None."""
    index = graph.inputs[position]
    if graph[index].dtype.is_float:
        behind = (op.outputs[0] for op in graph.operators if op.opcode == "QUANTIZE" and index in op.inputs)
        index = next(behind, index)
    tensor = graph[index]
    if tensor.quant is None or tensor.quant.is_per_channel or tensor.dtype.is_float:
        return None
    return tensor.quant, tensor


def _ends(quant: QuantParams, tensor: Tensor) -> Ends:
    """The smallest and largest real value that the tensor holds."""
    low, high = integer_range(tensor.dtype.numpy)
    return (low - quant.zero_point) * quant.scale, (high - quant.zero_point) * quant.scale


def _real(x: Array, quant: QuantParams) -> Floats:
    if x.dtype.kind == "f":
        return x.astype(np.float32, copy=False)
    real: Floats = (x.astype(np.float32) - np.float32(quant.zero_point)) * np.float32(quant.scale)
    return real


def _varies(values: Array) -> bool:
    return bool((values != values[:1]).any())


def _is_one_class(classes: npt.NDArray[np.int64] | None) -> bool:
    return classes is not None and len(np.unique(classes)) < 2
