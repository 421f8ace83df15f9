"""Networks of many one-operator models at once: every byte the oracle's, on this machine and on cores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from native import Native, compiled_graph, few_plans
from nets import Net

from edgeq.backends.project.budget import Budget
from edgeq.builder import build
from edgeq.checker import examine
from edgeq.graph import Graph, write_model
from edgeq.interpreter import run
from edgeq.interpreter.adaptor import Resolver
from edgeq.targets import open_target
from edgeq.targets.link import Client

Arrays = Sequence[np.ndarray]


def extremes(net: Net, samples: int = 6) -> list[np.ndarray]:
    """Random inputs, among which every byte, and both ends against each other, come where there is room."""
    inputs = net.samples(samples)
    for position, x in enumerate(inputs):
        if x.dtype.kind not in "iu":
            continue
        low, high = np.iinfo(x.dtype).min, np.iinfo(x.dtype).max
        x[0], x[1] = (low, high) if position % 2 else (high, low)
        if x.itemsize < 4:
            x[2] = np.resize(np.arange(low, high + 1), x[2].shape)
            x[3] = np.resize(np.arange(low, high + 1)[::-1], x[3].shape)
    return inputs


def passes_the_check(graph: Graph) -> None:
    """Nothing at all is said against it."""
    assert [f.message for f in examine(graph) if f.rule != "unused-input"] == []


def differences(graph: Graph, expected: Arrays, found: Arrays) -> list[tuple[object, ...]]:
    """For every output that is not the oracle's: its maker, and how many elements of how many differ."""
    maker = {tensor: op for op in graph.operators for tensor in op.outputs}
    return [
        (maker[tensor].opcode, dict(maker[tensor].options), int((a.reshape(b.shape) != b).sum()), b.size)
        for tensor, a, b in zip(graph.outputs, expected, found, strict=True)
        if not np.array_equal(a.reshape(b.shape), b, equal_nan=b.dtype.kind == "f")
    ]


def holds_here(
    net: Net,
    folder: Path,
    *,
    boards: Sequence[str] = ("host",),
    oracle: Resolver = "reference",
    inputs: Arrays | None = None,
    budget: Budget | None = None,
) -> dict[str, bytes]:
    """The check says yes, and the code for each board, run on this machine, gives the oracle's bytes.

    Args:
        inputs: in the place of :func:`extremes`.

    Returns:
        The files of the last project.
    """
    graph = net.graph()
    passes_the_check(graph)
    model, inputs = write_model(graph), extremes(net) if inputs is None else inputs
    expected = run(model, inputs, resolver=oracle)
    files: dict[str, bytes] = {}
    for board in boards:
        with few_plans():
            project = compiled_graph(graph, model, board, budget)
        assert differences(graph, expected, Native(project, folder / board).run(inputs)) == []
        files = dict(project.files)
    return files


def holds_on(
    board: str,
    net: Net,
    folder: Path,
    *,
    oracle: Resolver = "reference",
    inputs: Arrays | None = None,
    budget: Budget | None = None,
) -> None:
    """Firmware for a simulated core gives the oracle's bytes."""
    graph = net.graph()
    model, inputs = write_model(graph), extremes(net) if inputs is None else inputs
    expected = run(model, inputs, resolver=oracle)
    with few_plans():
        compiled_graph(graph, model, board, budget).write(folder / "project")
    image = build(folder / "project", warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        client.handshake()
        for sample in range(len(inputs[0])):
            outputs = client.infer([x[sample].tobytes() for x in inputs]).outputs
            for tensor, wanted, found in zip(graph.outputs, expected, outputs, strict=True):
                assert np.asarray(wanted[sample]).tobytes() == found, graph[tensor].name
