"""BATCH_MATMUL with a constant matrix: a fully connected layer in the automatic mode, and why."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.checker import examine
from edgeq.converter import convert
from edgeq.converter.products import as_dense
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import Graph, write_model
from edgeq.interpreter import run

from .one import One


def product(shape: tuple[int, ...], matrix: tuple[int, ...], out: tuple[int, ...], **options: bool) -> Graph:
    net = One(3)
    x = net.input(*shape)
    sizes = np.exp(net.rng.normal(0, 1, matrix[-1]))
    weights = net.floats(net.rng.normal(0, 1, matrix) * sizes)
    return net.graph(net.op("BATCH_MATMUL", (x, weights), out, **options))


def data(graph: Graph, count: int, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    return Dataset(
        (rng.normal(0.4, 1, (count, *graph.input_tensors[0].shape[1:])).astype(np.float32),), None, "x"
    )


def sqnr(graph: Graph, mode: str) -> float:
    made = convert(write_model(graph), graph, data(graph, 60, 0), mode=mode)  # type: ignore[arg-type]  # a parameter
    x = data(graph, 60, 1).x[0]
    real = run(write_model(graph), [x])[0].astype(np.float64)
    found = run(made.model, [quantize_input(x, made.graph.input_tensors[0])])[0]
    error = real - dequantize(found, made.graph.output_tensors[0])
    return float(10 * np.log10((real**2).sum() / (error**2).sum()))


@pytest.mark.parametrize("adjoint", [False, True])
@pytest.mark.parametrize(("shape", "lead"), [((1, 4, 12), (1,)), ((1, 4, 12), ()), ((1, 2, 4, 12), (1, 1))])
def test_it_computes_the_same(shape: tuple[int, ...], lead: tuple[int, ...], adjoint: bool) -> None:
    matrix = (*lead, 7, 12) if adjoint else (*lead, 12, 7)
    graph = product(shape, matrix, (*shape[:-1], 7), adj_x=False, adj_y=adjoint)
    dense = as_dense(graph)
    assert [op.opcode for op in dense.operators] == ["FULLY_CONNECTED"]
    x = data(graph, 5, 0).x
    np.testing.assert_allclose(
        run(write_model(dense), x)[0], run(write_model(graph), x)[0], rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    ("shape", "matrix", "out", "adj_x"),
    [
        ((1, 3, 4, 12), (1, 3, 12, 7), (1, 3, 4, 7), False),  # a matrix for each of three
        ((1, 12, 4), (1, 12, 7), (1, 4, 7), True),
    ],
)
def test_other_products_stay(
    shape: tuple[int, ...], matrix: tuple[int, ...], out: tuple[int, ...], adj_x: bool
) -> None:
    graph = product(shape, matrix, out, adj_x=adj_x, adj_y=False)
    assert as_dense(graph).operators == graph.operators


def test_it_gains_and_runs_in_edgeqs_own_runtime() -> None:
    """Two products, of which the second undoes the unlike sizes of the first's columns."""
    net = One(3)
    sizes = np.exp(net.rng.normal(0, 1, 24)).astype(np.float32)
    first, second = (
        net.rng.normal(0, 1, (1, 16, 24)) * sizes,
        net.rng.normal(0, 1, (1, 24, 6)) / sizes[:, None],
    )
    x = net.op("BATCH_MATMUL", (net.input(1, 4, 16), net.floats(first)), (1, 4, 24))
    graph = net.graph(net.op("BATCH_MATMUL", (x, net.floats(second)), (1, 4, 6)))
    assert sqnr(graph, "auto") > sqnr(graph, "minmax") + 5
    made = convert(write_model(graph), graph, data(graph, 20, 0))
    assert not [f for f in examine(made.graph, runtime="aot") if f.severity == "error"]
