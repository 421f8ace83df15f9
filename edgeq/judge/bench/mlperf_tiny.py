"""MLPerf Tiny's benchmark over its device protocol: any firmware that speaks it, in the suite's own terms.

The protocol and its figures are those of mlcommons/tiny's runner and of the rules of MLPerf Tiny v1.x.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError, DeviceError
from edgeq.base.progress import SILENT, Progress

if TYPE_CHECKING:
    from edgeq.targets.link import TextLink

_WINDOWS = 5
_LEAST_SECONDS = 10.0
_AIM = 1.2
"""By how much a window of energy mode is longer than it has to be, by what a first one took."""

ENERGY_BAUD = 9600
_ENERGY_BYTES = 26
"""Of an input in one command, behind the interface board."""

_PATIENCE = 30.0
"""Seconds that the runner waits for a line while it infers."""


@dataclass(frozen=True)
class Benchmark:
    """One of the four.

    Attributes:
        name: as the device tells it.
        dtype: what the runner sends.
        elements: of one input.
        runs, warm_ups: of each window in performance mode.
        metric: how quality is told: ``"top-1 accuracy"`` or ``"AUC"``.
        target: what the rules ask of it in the closed division.
    """

    name: str
    dtype: str
    elements: int
    runs: int
    warm_ups: int
    metric: str
    target: float


BENCHMARKS = {
    one.name: one
    for one in (
        Benchmark("ad01", "<f4", 640, 1500, 10, "AUC", 0.85),
        Benchmark("kws01", "i1", 490, 70, 10, "top-1 accuracy", 0.90),
        Benchmark("vww01", "u1", 27648, 20, 5, "top-1 accuracy", 0.80),
        Benchmark("ic01", "u1", 3072, 20, 5, "top-1 accuracy", 0.85),
    )
}


@dataclass(frozen=True)
class Performance:
    """What performance mode measured.

    Attributes:
        throughput: inferences a second, the median of the windows.
        latency_us: microseconds an inference, of that window.
        windows: microseconds of each.
        is_long_enough: whether the runner would take it: ten seconds in all.
        is_simulated: whether the device says that its time is not its own.
    """

    throughput: float
    latency_us: float
    windows: tuple[int, ...]
    is_long_enough: bool
    is_simulated: bool


@dataclass(frozen=True)
class Energy:
    """What energy mode had the device do; what it took, a monitor would have measured.

    Attributes:
        runs, warm_ups: of each window.
        windows: microseconds of each.
        is_told: whether the device told them; else they are the host's, for the device pulls a pin.
        is_long_enough: whether each is ten seconds, as the rules have it.
        is_simulated: whether the device says that its time is not its own.
    """

    runs: int
    warm_ups: int
    windows: tuple[int, ...]
    is_told: bool
    is_long_enough: bool
    is_simulated: bool


@dataclass(frozen=True)
class Quality:
    """What accuracy mode measured.

    Attributes:
        metric, value, target: as the rules name it.
        samples: how many.
    """

    metric: str
    value: float
    target: float
    samples: int

    @property
    def is_met(self) -> bool:
        """Whether the closed division's target is reached."""
        return self.value >= self.target


@dataclass(frozen=True)
class Device:
    """Who answered.

    Attributes:
        name, profile: as it tells them.
        benchmark: which it is ready for.
    """

    name: str
    profile: str
    benchmark: Benchmark


def identify(text: TextLink) -> Device:
    """Asks the device who it is.

    Raises:
        DeviceError: silent, or it tells a model that is none of the suite's.
    """
    for _ in range(3):  # a banner's m-ready, or half a command of somebody else's, may be on its way
        name = text.find()
        if name is not None:
            break
    else:
        raise DeviceError(
            "the device does not answer name%", "look at port and baud rate; is its firmware in text mode?"
        )
    found = text.expect("profile", r"m-profile-\[(.*)\]", r"m-model-\[(.*)\]")
    if found is None:
        raise DeviceError("the device does not answer profile%", f"it is {name[:80]!r}")
    model = found[1][1]
    if model not in BENCHMARKS:
        raise DeviceError(
            f"the device runs {model[:80]!r}, which is none of the suite's models",
            f"these are {', '.join(BENCHMARKS)}; edgeq's firmware is generated with --name",
        )
    return Device(name, found[0][1], BENCHMARKS[model])


def performance(text: TextLink, device: Device, data: bytes, progress: Progress = SILENT) -> Performance:
    """Five windows on one input, as the runner measures them.

    Args:
        data: of one input, as :func:`inputs` makes them.

    Raises:
        DeviceError: the device refuses, or answers as the protocol does not.
    """
    one, windows = device.benchmark, []
    simulated = "time=simulated" in device.profile
    text.load(data)
    for done in range(_WINDOWS):
        windows.append(text.infer(one.runs, one.warm_ups, timeout=_PATIENCE * (1 + one.warm_ups)).micros)
        progress.advance(done + 1, _WINDOWS)
    if min(windows) <= 0:
        raise DeviceError("the device's clock stood still over a window", f"it told {windows} microseconds")
    middle = statistics.median_low(windows)
    total = sum(windows) / 1e6
    return Performance(
        one.runs * 1e6 / middle, middle / one.runs, tuple(windows), total >= _LEAST_SECONDS, simulated
    )


def energy(text: TextLink, device: Device, x: Sequence[bytes], progress: Progress = SILENT) -> Energy:
    """Five windows, each on an input of its own and of ten seconds at least, as energy mode has them.

    Args:
        x: inputs; with fewer than five they come again.

    Raises:
        DeviceError: the device refuses, or answers as the protocol does not.
    """
    one, patience = device.benchmark, _PATIENCE * (1 + device.benchmark.warm_ups)
    text.load(x[0], size=_ENERGY_BYTES)
    first = text.infer_unheard(one.runs, one.warm_ups, timeout=patience)
    if first.micros <= 0:
        raise DeviceError(
            "the device's clock stood still over a window", f"it told {first.micros} microseconds"
        )
    runs = max(one.runs, math.ceil(_AIM * _LEAST_SECONDS * 1e6 * one.runs / first.micros))
    windows = []
    for done in range(_WINDOWS):
        text.load(x[done % len(x)], size=_ENERGY_BYTES)
        windows.append(text.infer_unheard(runs, one.warm_ups, timeout=patience))
        progress.advance(done + 1, _WINDOWS)
    return Energy(
        runs,
        one.warm_ups,
        tuple(window.micros for window in windows),
        all(window.is_told for window in windows),
        min(window.micros for window in windows) >= _LEAST_SECONDS * 1e6,
        "time=simulated" in device.profile,
    )


def accuracy(
    text: TextLink,
    device: Device,
    x: Sequence[bytes],
    labels: npt.NDArray[np.integer],
    progress: Progress = SILENT,
) -> Quality:
    """One inference a sample, and what came of all of them.

    Text has no checksum: a sample whose answer cannot be is asked for again, once.

    Raises:
        DeviceError: the device refuses, or answers as the protocol does not.
        DataError: labels that no metric can be made of.
    """
    one, scores = device.benchmark, []
    for done, data in enumerate(x):
        scores.append(_results(text, data))
        progress.advance(done + 1, len(x))
    if one.metric == "AUC":
        value = auc(np.array([row[0] for row in scores]), labels)
    else:
        value = float(
            np.mean([int(np.argmax(row)) == label for row, label in zip(scores, labels, strict=True)])
        )
    return Quality(one.metric, value, one.target, len(x))


def _results(text: TextLink, data: bytes) -> tuple[float, ...]:
    try:
        text.load(data)
        return text.infer(timeout=_PATIENCE).results
    except DeviceError:
        if text.find() is None:
            raise
    text.load(data)
    return text.infer(timeout=_PATIENCE).results


def auc(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> float:
    """The area under the ROC curve: how often an anomaly (label 1) scores above a normal sample; ties half.

    Raises:
        DataError: only one of both is there.
    """
    bad, good = scores[labels == 1], scores[labels == 0]
    if not len(bad) or not len(good):
        raise DataError("an AUC needs samples of both labels, 0 and 1", "give normal and anomalous ones")
    above = (bad[:, None] > good[None, :]).sum() + 0.5 * (bad[:, None] == good[None, :]).sum()
    return float(above / (len(bad) * len(good)))


def inputs(x: npt.NDArray[np.generic], one: Benchmark) -> list[bytes]:
    """Samples as the runner sends them.

    Raises:
        DataError: another number of elements, or values that its type does not hold.
    """
    flat = np.asarray(x).reshape(len(x), -1)
    if flat.shape[1] != one.elements:
        raise DataError(
            f"a sample has {flat.shape[1]} elements, {one.name} takes {one.elements}", "give the suite's data"
        )
    wanted = np.dtype(one.dtype)
    with np.errstate(invalid="ignore"):
        sent = flat.astype(wanted)
    if wanted.kind != "f" and not np.array_equal(sent, flat):
        raise DataError(f"the samples are not {wanted.name}, which {one.name} takes", "give the suite's data")
    return [row.tobytes() for row in np.ascontiguousarray(sent)]
