"""Float layers with a state, as Keras' fused ones are: quantized, lowered to C, and exact over sequences."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from edgeq.checker import check
from edgeq.converter import convert
from edgeq.data import Dataset
from edgeq.graph import write_model
from edgeq.interpreter import run

from .catalogue import CASES

sys.path.insert(0, str(Path(__file__).parents[2] / "compiled" / "aot"))
from native import Native, compiled_graph
from recurrent import beginnings, samples

NAMES = ("UNIDIRECTIONAL_SEQUENCE_LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM cifg", "SVDF")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_float_layer_converts_and_runs(name: str, tmp_path: Path) -> None:
    graph = CASES[name].graph(3)
    shape = graph.input_tensors[0].shape[1:]
    x = np.random.default_rng(1).normal(0, 1, (64, *shape)).astype(np.float32)
    int8 = convert(write_model(graph), graph, Dataset((x,), None, "noise")).model
    checked = check(int8, name="layer")
    inputs, begins = samples(checked.graph, 12), beginnings(12)
    (expected,) = run(int8, inputs, begins=begins)
    (found,) = Native(compiled_graph(checked.graph, int8), tmp_path).run(inputs, begins)
    np.testing.assert_array_equal(expected.reshape(found.shape), found)
    assert len(np.unique(found)) > 8
