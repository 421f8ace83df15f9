"""The float models that the benchmarks convert, with data: MLPerf Tiny's, digits, and one of our own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from accuracy_models import images, random_features

from edgeq.converter.prepare import prepare
from edgeq.data import dequantize, load_data
from edgeq.graph import Graph, load_model, read_model, write_model

Floats = npt.NDArray[np.float32]

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS_FOLDER = REPOSITORY.parent / "shared" / "models" / "mlperf_tiny"
NAMES = ("ad", "kws", "vww", "ic", "digits", "features")
_DIGITS = REPOSITORY / "examples" / "digits"
_IMAGES = 240


@dataclass(frozen=True, eq=False)
class Case:
    """A float model as edgeq prepares it (static shapes, weights made float), data, and labels or None."""

    name: str
    source: str
    model: bytes
    graph: Graph
    x: Floats
    y: npt.NDArray[np.int64] | None = None

    def of_logits(self) -> Case:
        """The same without a final SOFTMAX."""
        last = self.graph.operators[-1]
        if last.opcode != "SOFTMAX":
            return self
        cut = self.graph.replace(operators=self.graph.operators[:-1], outputs=last.inputs[:1])
        return _case(self.name, self.source, cut, self.x, self.y)


def case(name: str, folder: Path) -> Case:
    """One of NAMES. SystemExit where its files are missing."""
    if name in ("digits", "features"):
        _, graph = load_model(_DIGITS / "digits_float.tflite")
        test = load_data(str(_DIGITS / "test.npz"), graph.input_tensors)
        x, y = np.asarray(test.x[0], np.float32), np.asarray(test.y)
        if name == "features":
            return _case(name, "digits", random_features(x[:400], y[:400]), x[400:], y[400:])
        return _case(name, "digits", graph, x, y)
    path = folder / f"{name}_float.tflite"
    if name not in NAMES or not path.is_file():
        sys.exit(f"{path} is missing: give --models FOLDER, and names of {', '.join(NAMES)}")
    _, graph = load_model(path)
    shape = graph.input_tensors[0].shape[1:]
    if name == "ad":
        return _case(name, "real windows", graph, np.load(folder / "ad_samples_float.npz")["x"])
    if name == "kws":
        held = np.load(folder / "kws_samples_int8.npz")
        _, integer = load_model(folder / "kws_int8.tflite")
        real = dequantize(held["x"], integer.input_tensors[0])
        return _case(name, "real samples", graph, real.astype(np.float32), held["y"])
    scale = 255.0 if name == "ic" else 1.0
    return _case(name, "synthetic images", graph, images(shape, _IMAGES, seed=0) * scale)


def _case(name: str, source: str, graph: Graph, x: Floats, y: npt.NDArray[np.int64] | None = None) -> Case:
    graph, _ = prepare(write_model(graph), graph)
    model = write_model(graph)
    return Case(name, source, model, read_model(model, name), np.asarray(x, np.float32), y)
