"""Compare the automatic mode with other quantizers: SQNR of the logits in dB, a row of a Markdown table each.

    python benchmarks/accuracy.py [NAME ...] [--models FOLDER] [--calibrator NAME] [--check]

The float logits (before a final SOFTMAX) against the dequantized ones of the int8 models in LiteRT's
reference kernels, on samples that calibration did not see, four times ("folds"): each half of the data for
calibration, and each second sample. All quantizers get the same float model and samples: TensorFlow's, where
EDGEQ_TF_PYTHON or this Python has it; LiteRT's classic one, where this LiteRT has it; edgeq's mode minmax,
and its mode auto. The gain is that of auto over the first of these that is there. With --check, exit code 1
unless the mean gain is at least 2.5 dB, no model's below -0.3 dB, and digits' accuracy in int8 within 0.2
points of float.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Literal

import numpy as np
import numpy.typing as npt
from cases import MODELS_FOLDER, NAMES, Case, Floats, case
from rivals import CLOSE, Rival, classic, tensorflow

from edgeq.converter import convert
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import read_model
from edgeq.interpreter import run

Indices = npt.NDArray[np.intp]
Quantizer = Callable[[Case, list[Floats]], list[bytes]]
"""From a float model and some sets of samples to an int8 model for each."""

CALIBRATION, HELD_OUT = 100, 450
MEAN_GAIN, LEAST_GAIN, ACCURACY_DROP = 2.5, -0.3, 0.002


def folds(one: Case) -> Iterator[tuple[Indices, Indices]]:
    """Pairs of what is calibrated with and what is judged on."""
    every, half = np.arange(len(one.x)), len(one.x) // 2
    for first, second in ((every[:half], every[half:]), (every[::2], every[1::2])):
        for calibration, held in ((first, second), (second, first)):
            yield calibration[:CALIBRATION], held[:HELD_OUT]


@dataclass(frozen=True)
class Result:
    """What one model gave.

    Attributes:
        others: SQNR of the logits in dB by fold, of each other quantizer.
        ours: likewise of the mode auto.
        accuracy: (float, int8) on the held-out samples of all folds, where there are labels.
        seconds: that the mode auto took, by fold.
    """

    others: tuple[tuple[float, ...], ...]
    ours: tuple[float, ...]
    accuracy: tuple[float, float] | None
    seconds: tuple[float, ...]

    @property
    def gains(self) -> tuple[float, ...]:
        """Over the first of the others, in dB, by fold."""
        return tuple(b - a for a, b in zip(self.others[0], self.ours, strict=True))


def edgeq(mode: Literal["auto", "minmax"], calibrator: str | None, seconds: list[float]) -> Quantizer:
    """A mode of edgeq; what each conversion takes is added to ``seconds``."""

    def quantize(one: Case, samples: list[Floats]) -> list[bytes]:
        made = []
        for x in samples:
            begun = time.perf_counter()
            data = Dataset((x,), None, "x")
            made.append(convert(one.model, one.graph, data, mode=mode, calibrator=calibrator).model)
            seconds.append(time.perf_counter() - begun)
        return made

    return quantize


def rival(other: Rival) -> Quantizer:
    """Another quantizer; SystemExit where what it starts from is not the same float model."""

    def quantize(one: Case, samples: list[Floats]) -> list[bytes]:
        off = other.off_by(one.model, samples[0])
        if not off < CLOSE:
            sys.exit(f"{other.title}'s function of {one.name} is off by {off:g}")
        return list(other.convert(one.model, samples).models)

    return quantize


def integer_outputs(model: bytes, x: Floats) -> Floats:
    """What an int8 model gives in the reference kernels, as real values."""
    graph = read_model(model)
    given = quantize_input(x, graph.input_tensors[0])
    return dequantize(run(model, [given])[0], graph.output_tensors[0]).astype(np.float32)


def sqnr(real: Floats, found: Floats) -> float:
    """Signal to quantization noise, in dB."""
    noise = ((real.astype(np.float64) - found) ** 2).sum()
    return float(10 * np.log10((real.astype(np.float64) ** 2).sum() / noise))


def measure(one: Case, others: list[Quantizer], calibrator: str | None) -> Result:
    """Quantize with all, once for each fold."""
    seconds: list[float] = []
    pairs = list(folds(one))
    samples = [one.x[calibration] for calibration, _ in pairs]
    made = [quantize(one, samples) for quantize in (*others, edgeq("auto", calibrator, seconds))]
    levels: list[list[float]] = [[] for _ in made]
    right: list[npt.NDArray[np.bool_]] = []
    for fold, (_, held) in enumerate(pairs):
        unseen = one.x[held]
        real = run(one.model, [unseen])[0].astype(np.float32)
        found = [integer_outputs(models[fold], unseen) for models in made]
        for level, outputs in zip(levels, found, strict=True):
            level.append(sqnr(real, outputs))
        if one.y is not None:
            right.append(np.stack([out.argmax(axis=-1) == one.y[held] for out in (real, found[-1])]))
    accuracy = None
    if right:
        shares = np.concatenate(right, axis=1).mean(axis=1)
        accuracy = (float(shares[0]), float(shares[1]))
    *before, ours = map(tuple, levels)
    return Result(tuple(before), ours, accuracy, tuple(seconds))


def row(one: Case, result: Result) -> str:
    """A line of the table."""
    accuracy = "-" if result.accuracy is None else " / ".join(f"{100 * a:.1f} %" for a in result.accuracy)
    cells = (
        one.name,
        one.source,
        *(f"{mean(other):.1f}" for other in result.others),
        f"{mean(result.ours):.1f}",
        ", ".join(f"{gain:+.1f}" for gain in result.gains),
        f"{mean(result.gains):+.1f}",
        accuracy,
        f"{max(result.seconds):.2f}",
    )
    return "| " + " | ".join(cells) + " |"


def broken(results: dict[str, Result]) -> list[str]:
    """Which promises the results do not keep."""
    told = []
    gains = {name: mean(result.gains) for name, result in results.items()}
    if mean(gains.values()) < MEAN_GAIN:
        told.append(f"the mean gain is {mean(gains.values()):.2f} dB, less than {MEAN_GAIN}")
    told += [f"{name} gains {gain:.2f} dB" for name, gain in gains.items() if gain < LEAST_GAIN]
    digits = results.get("digits")
    if digits is not None and digits.accuracy is not None:
        real, int8 = digits.accuracy
        if int8 < real - ACCURACY_DROP:
            told.append(f"digits: {int8:.4f} in int8, {real:.4f} in float")
    return told


def main() -> int:
    """Print the table; 1 where it was asked for and a promise is not kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, help="where MLPerf Tiny's models are")
    parser.add_argument("--calibrator", default=None, help="another calibrator than the automatic mode's own")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a promise is not kept")
    arguments = parser.parse_args()

    rivals = [found for found in (tensorflow(), classic()) if found is not None]
    others = [*(rival(found) for found in rivals), edgeq("minmax", None, [])]
    titles = ["model", "data", *(f"{found.title} dB" for found in rivals), "minmax dB", "auto dB"]
    titles += ["gain dB by fold", "gain dB", "accuracy float / int8", "s"]
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles), flush=True)
    results = {}
    for name in arguments.names:
        one = case(name, arguments.models).of_logits()
        results[name] = measure(one, others, arguments.calibrator)
        print(row(one, results[name]), flush=True)
    gain = mean(mean(result.gains) for result in results.values())
    print(f"\nmean gain over {rivals[0].title if rivals else 'minmax'} {gain:+.2f} dB")
    problems = broken(results) if arguments.check else []
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
