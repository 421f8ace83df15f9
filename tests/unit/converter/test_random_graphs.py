"""Random graphs of 5 to 30 operators: a strict model that LiteRT runs, or a refusal naming the operator."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from edgeq.base.errors import ModelError
from edgeq.converter import convert
from edgeq.data import Dataset, quantize_input
from edgeq.graph import ABSENT, Graph, write_model
from edgeq.interpreter import run

from .graphs import REFUSED, graphs

MANY = int(os.environ.get("EDGEQ_GRAPHS", "3000"))
"""Graphs of the slow tests together; some fifteen a second."""
WELL = ("strict", "too coarse")


def verdict(graph: Graph, *, mode: str = "minmax", rewrite: bool = False) -> str:
    """Convert and run a graph; ``strict``, or the name of the operator that stands in the way."""
    x = np.random.default_rng(0).normal(0, 1, (6, *graph.input_tensors[0].shape[1:])).astype(np.float32)
    try:
        done = convert(
            write_model(graph),
            graph,
            Dataset((x,), None, "normal"),
            mode=mode,
            rewrite=rewrite,  # type: ignore[arg-type]
        )
    except ModelError as error:
        assert error.hint
        if "scales below 1" in error.message:  # values of more than 250: a matter of the data
            opcode, _, what = error.message.partition(" compares ")
            operands = [op.inputs for op in graph.operators if op.opcode == opcode]
            assert any(f"'{graph[i].name}'" in what for inputs in operands for i in inputs), error.message
            return "too coarse"
        named = [op.opcode for i, op in enumerate(graph.operators) if graph.describe(i) in error.message]
        assert named, f"the refusal names no operator: {error.message}"
        assert named[0] in REFUSED, error.message
        return named[0]
    used = [i for op in done.graph.operators for i in (*op.inputs, *op.outputs) if i != ABSENT]
    assert not any(done.graph[i].dtype.is_float for i in used)
    outputs = run(done.model, [quantize_input(x, done.graph.input_tensors[0])])
    assert len(outputs) == len(graph.outputs)
    for output, tensor in zip(outputs, graph.output_tensors, strict=True):
        assert output.shape[1:] == tensor.shape[1:]
    return "strict"


def limits(count: int) -> settings:
    """So many graphs, the same every time; a failing one is shown as it is, for shrinking takes minutes."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@limits(4)
@given(graphs())
def test_graphs_of_operators_of_the_table_become_strict_models(graph: Graph) -> None:
    assert verdict(graph) in WELL


@limits(12)
@given(graphs(refused=True))
def test_graphs_with_others_are_refused_by_name(graph: Graph) -> None:
    inside = {op.opcode for op in graph.operators} & set(REFUSED)
    assert (verdict(graph) in WELL) == (not inside)


@limits(8)
@given(graphs())
def test_the_automatic_mode_takes_every_graph(graph: Graph) -> None:
    assert verdict(graph, mode="auto") in WELL


@limits(8)
@given(graphs(refused=True))
def test_rewrites_leave_only_what_has_no_other_form(graph: Graph) -> None:
    inside = {op.opcode for op in graph.operators} & {"CUMSUM"}
    assert (verdict(graph, rewrite=True) in WELL) == (not inside)


@pytest.mark.slow
@limits(MANY * 3 // 4)
@given(graphs())
def test_many_graphs_become_strict_models(graph: Graph) -> None:
    assert verdict(graph) in WELL


@pytest.mark.slow
@limits(MANY // 4)
@given(graphs(refused=True))
def test_many_graphs_in_the_automatic_mode_are_strict_or_refused_by_name(graph: Graph) -> None:
    verdict(graph, mode="auto", rewrite=True)
