"""What the samples and the answers show of the data and the model: rules over all samples, as warnings.

A verdict says what was measured. These rules say where that means little: inputs that the model was not
calibrated for, answers that never change, an accuracy that guessing reaches. Only a run that judged nothing
is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from edgeq.checker import Finding
from edgeq.checker.findings import Severity
from edgeq.data import Dataset
from edgeq.data.dataset import integer_range
from edgeq.graph import Graph, QuantParams, Tensor
from edgeq.judge.accuracy import classes_of, decisions
from edgeq.judge.report.accuracy import USUAL_DROP, Accuracy, lost
from edgeq.judge.report.findings import finding
from edgeq.judge.report.regression import Regression

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]

SATURATED = 0.01
"""The share of an input's values beyond its range above which a warning says so."""

FEW_STEPS = 32
"""Data that spans fewer of an input's steps is hardly told apart; 256 are there."""

FEWEST = 10
"""Samples below which answers that are all alike, or an accuracy near chance, may be an accident."""

DEVIATIONS, MARGIN = 2.0, 0.1
"""An accuracy within so many standard deviations of guessing's, or not twice as good, is guessing's, if it is
no further from it than the margin."""


@dataclass(frozen=True)
class Input:
    """One input's data against what the input holds.

    Attributes:
        values: how many there are.
        least, most: the data's ends.
        low, high: the input's.
        scale: its step.
        cut: the share of the values that is beyond its ends, and more than rounding.
    """

    name: str
    values: int
    least: float
    most: float
    low: float
    high: float
    scale: float
    cut: float

    @property
    def steps(self) -> int:
        """How many of the input's steps the data spans."""
        return round((self.most - self.least) / self.scale) + 1

    @property
    def spans(self) -> str:
        """The data's ends, for people."""
        return f"spans {self.least:.4g} to {self.most:.4g}"

    @property
    def holds(self) -> str:
        """The input's ends, for people."""
        return f"{self.low:.4g} to {self.high:.4g}"


@dataclass(frozen=True, eq=False)
class Evidence:
    """All samples, and what became of them.

    Attributes:
        graph: the int8 model.
        data: the samples as they were given.
        expected: the oracle's outputs, ``[n, ...]`` each.
        got: the device's, alike.
        accuracy: of all models, where there are labels.
        regression: the errors of all models, where the labels are values.
        divided: the float model's accuracy on the samples divided by 255, where they span bytes' values.
    """

    graph: Graph
    data: Dataset
    expected: Sequence[Array]
    got: Sequence[Array]
    accuracy: Accuracy
    regression: Regression | None = None
    divided: float | None = None

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """Those that have a scale, where the data is not noise."""
        return tuple(_inputs(self.graph, self.data))

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """Class numbers, where there are any."""
        return self.data.y if self.accuracy.int8 is not None else None

    @property
    def judged(self) -> Array:
        """The oracle's values of the output that the labels are of."""
        return self.expected[self.data.output]

    @property
    def classes(self) -> int:
        """How many the judged output tells apart; where it names them itself, as many as the labels do."""
        told = classes_of(self.graph, self.data.output)
        labels = () if self.data.y is None else self.data.y
        return told if told is not None else max(2, len(np.unique(labels)))


Message = tuple[str, str]
"""A message, and what to do."""

_PREPARED = "prepare the data for training, calibration and test alike: --normalize, one scale in all files"
_LOST = "look at the inputs' range and at the calibration; debug shows where values get lost"


def _nothing_judged(of: Evidence) -> Iterator[Message]:
    if not sum(array.size for array in of.expected):
        message = "no output value was compared, so the device is not judged"
        yield message, "the model's outputs have no elements: look at its shapes"


def _not_a_number(of: Evidence) -> Iterator[Message]:
    for name, arrays in (("the oracle", of.expected), ("the device", of.got)):
        lacking = sum(int(np.isnan(array).sum()) for array in arrays if array.dtype.kind == "f")
        if lacking:
            compared = sum(array.size for array in arrays)
            yield (
                f"{lacking:,} of {compared:,} output values of {name} are not numbers (NaN)",
                "look for infinite weights, and for inputs far outside what the model was trained on",
            )


def _saturates(of: Evidence) -> Iterator[Message]:
    for one in of.inputs:
        if one.cut > SATURATED:
            yield (
                f"{100 * one.cut:.1f} % of the values of input '{one.name}' are cut off: the data "
                f"{one.spans}, and the input holds {one.holds}",
                _PREPARED,
            )


def _outside(of: Evidence) -> Iterator[Message]:
    for one in of.inputs:
        if one.cut <= SATURATED and max(one.low - one.least, one.most - one.high) > one.high - one.low:
            yield (
                f"the data of input '{one.name}' {one.spans}, far outside of what the input holds, "
                f"{one.holds}",
                _PREPARED,
            )


def _inside(of: Evidence) -> Iterator[Message]:
    for one in of.inputs:
        if one.steps < FEW_STEPS and one.values >= FEWEST:
            yield (
                f"the data of input '{one.name}' {one.spans}, far inside of what the input holds, "
                f"{one.holds}: {one.steps} steps of its scale of {one.scale:.4g}",
                _PREPARED,
            )


def _otherwise_prepared(of: Evidence) -> Iterator[Message]:
    for tensor, step in zip(of.graph.input_tensors, of.data.preprocessing, strict=False):
        own = tensor.preprocessing
        if step is not None and own is not None and not step.alike(own):
            yield (
                f"the data of input '{tensor.label}' is {step}, and the model is for {own}",
                _PREPARED,
            )


def _undivided(of: Evidence) -> Iterator[Message]:
    share, better, n = of.accuracy.float, of.divided, of.data.samples
    if share is None or better is None or n < FEWEST:
        return
    if better > share + max(MARGIN, DEVIATIONS * float(np.sqrt(better * (1 - better) / n))):
        yield (
            f"the float model is right on {100 * share:.2f} % of the samples as they are, from 0 to 255, "
            f"and on {100 * better:.2f} % of the same samples divided by 255",
            _PREPARED,
        )


def _constant_outputs(of: Evidence) -> Iterator[Message]:
    n = of.data.samples
    if n < FEWEST or not any(_varies(x) for x in of.data.x) or _is_one_class(of.labels):
        return
    for tensor, values in zip(of.graph.output_tensors, of.expected, strict=True):
        if values.size and not _varies(values):
            yield (
                f"output '{tensor.label}' of the int8 model is the same for all {n:,} samples, so they prove "
                "little",
                "give real inputs with --data" if of.data.is_random else _LOST,
            )


def _one_class(of: Evidence) -> Iterator[Message]:
    labels, n = of.labels, of.data.samples
    if labels is None or n < FEWEST or _is_one_class(labels) or not _varies(of.judged):
        return
    decided = decisions(of.judged, of.graph, of.data.output)
    if _is_one_class(decided):
        yield (
            f"the int8 model decides for class {int(decided[0])} in all {n:,} samples, and the labels name "
            f"{len(np.unique(labels))} classes",
            _LOST,
        )


def _near_chance(of: Evidence) -> Iterator[Message]:
    labels, n = of.labels, of.data.samples
    of_float = of.accuracy.float is not None
    which, share = ("float", of.accuracy.float) if of_float else ("int8", of.accuracy.int8)
    if labels is None or share is None or n < FEWEST:
        return
    guessed = 1 / of.classes
    commonest = 0.0 if _is_one_class(labels) else float(np.bincount(labels).max()) / n
    deviation = DEVIATIONS * float(np.sqrt(guessed * (1 - guessed) / n))
    margin = min(MARGIN, max(guessed, deviation))
    if share <= guessed + margin or share < commonest:
        yield (
            f"the accuracy of the {which} model is {100 * share:.2f} %, where guessing one of {of.classes} "
            f"classes gives {100 * guessed:.2f} %, and always naming the commonest {100 * commonest:.2f} %",
            "look at the order of the classes in the labels, at the inputs' preparation, and at which output "
            "is the answer",
        )


def _no_better_than_mean(of: Evidence) -> Iterator[Message]:
    if of.regression is None or of.data.samples < FEWEST:
        return
    of_float = of.regression.float
    which, errors = ("int8", of.regression.int8) if of_float is None else ("float", of_float)
    if errors.r2 is not None and errors.r2 <= 0:
        yield (
            f"R² of the {which} model is {errors.r2:.3g}: naming the mean of y for every sample gives 0, and "
            "is no worse",
            "look at the order and the unit of y, at the inputs' preparation, and at which output is the "
            "answer",
        )


def _lost_by_int8(of: Evidence) -> Iterator[Message]:
    drop = lost(of.accuracy.float, of.accuracy.int8, of.data.samples, USUAL_DROP)
    if drop is not None and of.accuracy.float is not None and of.accuracy.int8 is not None:
        yield (
            f"accuracy drops by {100 * drop:.2f} points from {100 * of.accuracy.float:.2f} % (float) to "
            f"{100 * of.accuracy.int8:.2f} % (int8)",
            "calibrate with inputs as the model meets them; debug names the layers that lose it",
        )


@dataclass(frozen=True)
class Check:
    """One rule.

    Attributes:
        finding: its name in reports.
        severity: of what it finds.
        where: when it finds something, as docs/report.md says it.
        rule: finds it.
    """

    finding: str
    severity: Severity
    where: str
    rule: Callable[[Evidence], Iterator[Message]]


CHECKS: tuple[Check, ...] = (
    Check("nothing-judged", "error", "no output value was compared", _nothing_judged),
    Check("not-a-number", "error", "real outputs have values that are not numbers (NaN)", _not_a_number),
    Check(
        "input-saturates", "warning",
        "more than 1 % of the values of an input are outside of what it holds, and are cut off", _saturates,
    ),
    Check(
        "input-outside", "warning",
        "fewer are, but some by more than the whole range that the input was calibrated for", _outside,
    ),
    Check("input-inside", "warning", "the data of an input spans fewer than 32 of its steps", _inside),
    Check(
        "preprocessing", "warning", "raw data becomes real values in another way than the calibration's did",
        _otherwise_prepared,
    ),
    Check(
        "input-undivided", "warning",
        "the data spans 0 to 255, and the float model is right more often, by 10 points and two standard "
        "deviations, where it is divided by 255", _undivided,
    ),
    Check(
        "constant-output", "warning", "an output is the same for all samples, and the inputs vary",
        _constant_outputs,
    ),
    Check(
        "one-class", "warning", "all samples are decided for one class, and the labels name several",
        _one_class,
    ),
    Check(
        "near-chance", "warning",
        "the float model (without one the int8 model) is right no more often than guessing (by two standard "
        "deviations, or twice as often; 10 points at most), or less often than always naming the commonest "
        "label", _near_chance,
    ),
    Check(
        "no-better-than-mean", "warning",
        "R² of the float model (without one the int8 model) is 0 or less", _no_better_than_mean,
    ),
    Check(
        "int8-accuracy", "warning",
        "int8 loses more than 5 points, and two samples, of the float model's accuracy", _lost_by_int8,
    ),
)  # fmt: skip
"""In the order of what they look at: all, inputs, outputs, accuracy. Noise has no range to keep to."""


def check_data(of: Evidence) -> tuple[Finding, ...]:
    """What every rule has to say."""
    return tuple(
        finding(check.finding, check.severity, message, hint)
        for check in CHECKS
        for message, hint in check.rule(of)
    )


def _inputs(graph: Graph, data: Dataset) -> Iterator[Input]:
    for position, x in enumerate(() if data.is_random else data.x):
        found = _integers(graph, position)
        if found is None or not x.size:
            continue
        quant, tensor = found
        (low, high), real, half = _ends(quant, tensor), _real(x, quant), quant.scale / 2
        cut = int(np.count_nonzero(real < low - half)) + int(np.count_nonzero(real > high + half))
        ends = float(real.min()), float(real.max())
        name = graph.input_tensors[position].label
        yield Input(name, real.size, *ends, low, high, quant.scale, cut / real.size)


def _integers(graph: Graph, position: int) -> tuple[QuantParams, Tensor] | None:
    """How an input becomes integers: by its own scale, or by the QUANTIZE behind it; else None."""
    index = graph.inputs[position]
    if graph[index].dtype.is_float:
        behind = (op.outputs[0] for op in graph.operators if op.opcode == "QUANTIZE" and index in op.inputs)
        index = next(behind, index)
    tensor = graph[index]
    if tensor.quant is None or tensor.quant.is_per_channel or tensor.dtype.is_float:
        return None
    return tensor.quant, tensor


def _ends(quant: QuantParams, tensor: Tensor) -> tuple[float, float]:
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
