"""Float layers with a state, as Keras' fused ones are: quantized, lowered to C, and exact over sequences."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.checker import check
from edgeq.converter import convert
from edgeq.data import Dataset, load_samples
from edgeq.graph import write_model
from edgeq.interpreter import run
from edgeq.judge.ladder.quality import judge, watched_names

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


def test_compare_and_debug_keep_the_state_over_sequences() -> None:
    graph = CASES["SVDF"].graph(3)
    shape = graph.input_tensors[0].shape[1:]
    x = np.random.default_rng(1).normal(0, 1, (5, 6, *shape)).astype(np.float32)
    data = load_samples(x, graph.input_tensors, stateful=True)
    (kept,) = judge(graph, data.x, watched_names(graph), "optimized", data.begins).outputs
    (anew,) = judge(graph, data.x, watched_names(graph), "optimized").outputs
    right = run(write_model(graph), data.x, begins=data.begins, resolver="optimized")
    np.testing.assert_array_equal(kept, right[0])
    assert [int((a != b).any()) for a, b in zip(kept[:7], anew[:7], strict=True)] == [0, 1, 1, 1, 1, 1, 0]
    model = write_model(graph)
    int8 = convert(model, graph, Dataset((data.x[0],), None, "noise"), mode="minmax").model
    found = [
        edgeq.debug(model, int8, data=x.reshape(-1, *shape)),
        edgeq.debug(model, int8, data=x, stateful=True, samples=13),
    ]
    assert [one.samples for one in found] == [20, 18]
    assert all(level is not None and level > 20 for one in found for _, level in one.outputs)
    assert found[0].outputs != found[1].outputs
