"""What keeps a state: LSTM, SVDF and variables over sequences with resets, every byte the oracle's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import differences
from native import Native, compiled_graph
from recurrent import Lstm, Svdf, beginnings, program, samples, side_by_side
from recurrent_twin import lstm, svdf

from edgeq.backends.aot.ops import operators
from edgeq.builder import build
from edgeq.checker import examine
from edgeq.graph import Graph, write_model
from edgeq.graph.variables import state_bytes
from edgeq.interpreter import run
from edgeq.targets import open_target
from edgeq.targets.link import Client

STEPS = 16
FORMS = (
    Lstm(),
    Lstm(batch=3, steps=3, cells=17, inputs=9),
    Lstm(batch=2, cells=13, time_major=True),
    Lstm(bits=2, cell_clip=1.5, gain=6.0),
    Lstm(bits=6, cells=40, gain=8.0),
    Lstm(bits=0, gain=2.0),
    Lstm(is_coupled=True, inputs=1, cells=1),
    Lstm(steps=1, inputs=3, cells=5, cell_clip=100.0),
)
MEMORIES = (Svdf(), Svdf(batch=2, rank=1, memory=1), Svdf(inputs=1, units=1, rank=3, has_bias=False))
PROGRAMS = 25


def test_the_operators_are_all_here() -> None:
    names = {"UNIDIRECTIONAL_SEQUENCE_LSTM", "SVDF", "CALL_ONCE", "VAR_HANDLE"}
    names |= {"READ_VARIABLE", "ASSIGN_VARIABLE"}
    assert names <= operators().keys()


@pytest.mark.parametrize("form", [*FORMS, *MEMORIES], ids=repr)
def test_the_twin_is_the_reference(form: Lstm | Svdf) -> None:
    graph = form.graph(7)
    (x,), begins = samples(graph, STEPS), beginnings(STEPS)
    twin = lstm if isinstance(form, Lstm) else svdf
    (found,) = run(write_model(graph), [x], begins=begins)
    np.testing.assert_array_equal(found, twin(graph, x.astype(np.int64), begins).reshape(found.shape))
    assert len(np.unique(found)) > 1


def holds_here(graph: Graph, folder: Path, *, count: int = STEPS) -> None:
    """The plain and the DSP kernels, on this machine, give the oracle's bytes over sequences with resets."""
    model, inputs, begins = write_model(graph), samples(graph, count), beginnings(count)
    expected = run(model, inputs, begins=begins)
    for board in ("host", "sim-m4"):
        native = Native(compiled_graph(graph, model, board), folder / board)
        assert native.library.edgeq_runtime_init() == 0
        assert differences(graph, expected, native.run(inputs, begins)) == [], board
        kept = native.project.manifest["memory"]["state"]
        assert 0 < kept <= state_bytes(graph)  # a variable that no step touches has no place


def test_layers_in_c(tmp_path: Path) -> None:
    holds_here(side_by_side([form.graph(i) for i, form in enumerate((*FORMS, *MEMORIES))]), tmp_path)


@pytest.mark.slow
def test_variables_in_c(tmp_path: Path) -> None:
    holds_here(side_by_side([program(seed) for seed in range(PROGRAMS)]), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("group", range(3))
def test_many_random_layers_and_programs_in_c(group: int, tmp_path: Path) -> None:
    seeds = range(1000 + 30 * group, 1030 + 30 * group)
    graphs = [form.drawn(seed).graph(seed) for seed in seeds for form in (Lstm, Svdf)]
    holds_here(side_by_side([*graphs, *(program(seed) for seed in seeds)]), tmp_path, count=40)


@pytest.mark.parametrize("board", [pytest.param("sim-m0", marks=pytest.mark.slow), "sim-m4"])
def test_on_the_core_and_over_the_link(board: str, tmp_path: Path) -> None:
    drawn = [form.drawn(seed, batch=False).graph(seed) for seed in range(3) for form in (Lstm, Svdf)]
    graph = side_by_side([*drawn, *(program(seed) for seed in range(5))])
    assert [f.message for f in examine(graph) if f.severity == "error"] == []
    model, inputs, begins = write_model(graph), samples(graph, 9), beginnings(9)
    expected = run(model, inputs, begins=begins)
    project = compiled_graph(graph, model, board)
    project.write(tmp_path / "project")
    image = build(tmp_path / "project", warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        assert client.handshake().state == project.manifest["memory"]["state"]
        for i, begin in enumerate(begins):
            found = client.infer([x[i].tobytes() for x in inputs], begin=bool(begin)).outputs
            for tensor, wanted, got in zip(graph.outputs, expected, found, strict=True):
                assert np.asarray(wanted[i]).tobytes() == got, (i, graph[tensor].name)


def test_what_nobody_sets_between_is_read_where_it_is(tmp_path: Path) -> None:
    """Reads take no bytes and no copy; a memory of the last inputs costs its bytes once."""
    graph = program(0)
    calls = compiled_graph(graph, write_model(graph)).files["src/network/edgeq_network.c"].decode()
    reads = [i for i, op in enumerate(graph.operators) if op.opcode == "READ_VARIABLE"]
    assert reads
    copied = [i for i in reads if f"op{i:02d}_read_variable" in calls]
    for i in reads:
        tensor, variable = graph.operators[i].outputs[0], graph.operators[i].inputs[0]
        used = [j for j, op in enumerate(graph.operators) if tensor in op.inputs]
        last = len(graph.operators) if tensor in graph.outputs else max(used, default=-1)
        is_set = any(
            op.opcode == "ASSIGN_VARIABLE" and op.inputs[0] == variable
            for op in graph.operators[i : last + 1]
        )
        assert not is_set or i in copied
