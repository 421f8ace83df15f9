"""The MLPerf Tiny models, whole: every output byte equal to the oracle's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from native import Native, compiled_graph

from edgeq.graph import load_model
from edgeq.interpreter import run

RANDOM = 14
REAL = 6

PEAKS = {"ad": 768, "kws": 16_000, "vww": 55_296, "ic": 49_152}


def inputs_of(name: str, place: Path, shape: tuple[int, ...], quant: tuple[float, int]) -> np.ndarray:
    """Random bytes, and real inputs where there are some."""
    random = np.random.default_rng(len(name))
    x = random.integers(-128, 128, (RANDOM + REAL, *shape[1:])).astype(np.int8)
    if name == "kws":
        real = np.load(place / "kws_samples_int8.npz")["x"][:REAL]
    elif name == "ad":
        data = np.load(place / "ad_samples_float.npz")
        real = data[data.files[0]][:REAL] / quant[0] + quant[1]
        real = np.clip(np.rint(real), -128, 127)
    else:
        return x
    x[RANDOM:] = real.reshape(REAL, *shape[1:]).astype(np.int8)
    return x


@pytest.mark.parametrize("name", sorted(PEAKS))
def test_every_output_byte(name: str, shared: Path, tmp_path: Path) -> None:
    place = shared / "models" / "mlperf_tiny"
    model, graph = load_model(place / f"{name}_int8.tflite")
    project = compiled_graph(graph, model)
    memory = project.manifest["memory"]
    assert memory["live_peak"] == PEAKS[name]
    assert memory["arena"] <= 1.05 * (memory["live_peak"] + memory["scratch"])
    tensor = graph.input_tensors[0]
    assert tensor.quant is not None
    x = inputs_of(name, place, tensor.shape, (tensor.quant.scale, tensor.quant.zero_point))
    expected = run(model, [x])[0].reshape(len(x), -1)
    found = Native(project, tmp_path).run([x])[0]
    assert np.array_equal(found, expected)
