"""Compare the automatic mode with plain min/max: SQNR of the logits, in dB, one row of a Markdown table each.

    python benchmarks/accuracy.py [NAME ...] [--models FOLDER] [--calibrator NAME] [--check]

The float logits (before a final SOFTMAX) against the dequantized ones of the int8 models in LiteRT's
reference kernels, on samples that calibration did not see, four times ("folds"): each
half of the data for calibration, and each second sample. The plain quantizer is LiteRT's classic one on the
same float model and samples; where this LiteRT has none, edgeq's mode minmax, which equals it. With --check,
exit code 1 unless the mean gain is at least 2.5 dB, no model's below -0.3 dB, and digits' accuracy in int8
within 0.2 points of float.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import numpy.typing as npt
from accuracy_models import images, random_features

from edgeq.converter import convert
from edgeq.converter.prepare import prepare
from edgeq.data import Dataset, dequantize, load_data, quantize_input
from edgeq.graph import Graph, load_model, read_model, write_model
from edgeq.interpreter import run

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS_FOLDER = REPOSITORY.parent / "shared" / "models" / "mlperf_tiny"
DIGITS = REPOSITORY / "examples" / "digits"
NAMES = ("ad", "kws", "vww", "ic", "digits", "features")
TITLES = ("model", "data", "plain dB", "edgeq dB", "gain dB by fold", "gain dB", "accuracy float / int8", "s")
IMAGES = 240
CALIBRATION, HELD_OUT = 100, 450
MEAN_GAIN, LEAST_GAIN, ACCURACY_DROP = 2.5, -0.3, 0.002


@dataclass(frozen=True, eq=False)
class Case:
    """A float model that ends in its logits, with data and labels where there are some."""

    name: str
    source: str
    model: bytes
    graph: Graph
    x: Floats
    y: npt.NDArray[np.int64] | None = None

    def folds(self) -> Iterator[tuple[Indices, Indices]]:
        """Pairs of what is calibrated with and what is judged on."""
        every, half = np.arange(len(self.x)), len(self.x) // 2
        for first, second in ((every[:half], every[half:]), (every[::2], every[1::2])):
            for calibration, held in ((first, second), (second, first)):
                yield calibration[:CALIBRATION], held[:HELD_OUT]


@dataclass(frozen=True)
class Result:
    """What one model gave.

    Attributes:
        plain, ours: SQNR of the logits in dB, by fold.
        accuracy: (float, int8) on the held-out samples of all folds, where there are labels.
        seconds: that the conversion took, by fold.
    """

    plain: tuple[float, ...]
    ours: tuple[float, ...]
    accuracy: tuple[float, float] | None
    seconds: tuple[float, ...]

    @property
    def gains(self) -> tuple[float, ...]:
        """In dB, by fold."""
        return tuple(b - a for a, b in zip(self.plain, self.ours, strict=True))


def logits(name: str, source: str, graph: Graph, x: Floats, y: npt.NDArray[np.int64] | None = None) -> Case:
    """A case of a float model, prepared as edgeq does and without a final SOFTMAX."""
    graph, _ = prepare(write_model(graph), graph)
    last = graph.operators[-1]
    if last.opcode == "SOFTMAX":
        graph = graph.replace(operators=graph.operators[:-1], outputs=last.inputs[:1])
    model = write_model(graph)
    return Case(name, source, model, read_model(model, name), x, y)


def case(name: str, folder: Path) -> Case:
    """One of NAMES. SystemExit where its files are missing."""
    if name in ("digits", "features"):
        _, graph = load_model(DIGITS / "digits_float.tflite")
        test = load_data(str(DIGITS / "test.npz"), graph.input_tensors)
        x, y = np.asarray(test.x[0], np.float32), np.asarray(test.y)
        if name == "features":
            return logits(name, "digits", random_features(x[:400], y[:400]), x[400:], y[400:])
        return logits(name, "digits", graph, x, y)
    path = folder / f"{name}_float.tflite"
    if not path.is_file():
        sys.exit(f"{path} is missing: give --models FOLDER")
    _, graph = load_model(path)
    shape = graph.input_tensors[0].shape[1:]
    if name == "ad":
        return logits(name, "real windows", graph, np.load(folder / "ad_samples_float.npz")["x"])
    if name == "kws":
        held = np.load(folder / "kws_samples_int8.npz")
        _, integer = load_model(folder / "kws_int8.tflite")
        real = dequantize(held["x"], integer.input_tensors[0])
        return logits(name, "real samples", graph, real.astype(np.float32), held["y"])
    scale = 255.0 if name == "ic" else 1.0
    return logits(name, "synthetic images", graph, images(shape, IMAGES, seed=0) * scale)


def plain(model: bytes, graph: Graph, x: Floats) -> bytes:
    """The int8 model of LiteRT's classic quantizer, or of the mode that equals it."""
    try:
        module = importlib.import_module("ai_edge_litert._pywrap_tensorflow_lite_calibration_wrapper")
    except ImportError:
        return convert(model, graph, Dataset((x,), None, "x"), mode="minmax").model
    wrapper = module.CalibrationWrapper(model, [], [])
    wrapper.Prepare([[1, *x.shape[1:]]])
    for sample in x:
        wrapper.FeedTensor([sample[None]])
    int8, int32 = np.dtype("int8").num, np.dtype("int32").num
    return bytes(wrapper.QuantizeModel(int8, int8, False, int8, int32, False, False))


def integer_outputs(model: bytes, x: Floats) -> Floats:
    """What an int8 model gives in the reference kernels, as real values."""
    graph = read_model(model)
    given = quantize_input(x, graph.input_tensors[0])
    return dequantize(run(model, [given])[0], graph.output_tensors[0]).astype(np.float32)


def sqnr(real: Floats, found: Floats) -> float:
    """Signal to quantization noise, in dB."""
    noise = ((real.astype(np.float64) - found) ** 2).sum()
    return float(10 * np.log10((real.astype(np.float64) ** 2).sum() / noise))


def measure(one: Case, ours: Callable[[bytes, Graph, Floats], bytes]) -> Result:
    """Quantize with both, once for each fold."""
    found: list[tuple[float, float, float]] = []
    right: list[npt.NDArray[np.bool_]] = []
    for calibration, held in one.folds():
        x = one.x[calibration]
        begun = time.perf_counter()
        model = ours(one.model, one.graph, x)
        seconds = time.perf_counter() - begun
        unseen = one.x[held]
        real = run(one.model, [unseen])[0].astype(np.float32)
        int8 = integer_outputs(model, unseen)
        theirs = integer_outputs(plain(one.model, one.graph, x), unseen)
        found.append((sqnr(real, theirs), sqnr(real, int8), seconds))
        if one.y is not None:
            right.append(np.stack([out.argmax(axis=-1) == one.y[held] for out in (real, int8)]))
    accuracy = None
    if right:
        shares = np.concatenate(right, axis=1).mean(axis=1)
        accuracy = (float(shares[0]), float(shares[1]))
    before, after, taken = zip(*found, strict=True)
    return Result(before, after, accuracy, taken)


def row(one: Case, result: Result) -> str:
    """A line of the table."""
    accuracy = "-" if result.accuracy is None else " / ".join(f"{100 * a:.1f} %" for a in result.accuracy)
    cells = (
        one.name,
        one.source,
        f"{mean(result.plain):.1f}",
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

    def ours(model: bytes, graph: Graph, x: Floats) -> bytes:
        return convert(model, graph, Dataset((x,), None, "x"), calibrator=arguments.calibrator).model

    print("| " + " | ".join(TITLES) + " |\n|" + "---|" * len(TITLES), flush=True)
    results = {}
    for name in arguments.names:
        one = case(name, arguments.models)
        results[name] = measure(one, ours)
        print(row(one, results[name]), flush=True)
    print(f"\nmean gain {mean(mean(result.gains) for result in results.values()):+.2f} dB")
    problems = broken(results) if arguments.check else []
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
