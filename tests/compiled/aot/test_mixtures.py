"""Random networks of the operators of ``mixtures``: the check's yes is followed by the oracle's bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from exact import differences, extremes
from mixtures import mixture
from native import Native, compiled_graph

from edgeq.checker import examine
from edgeq.graph import write_model
from edgeq.interpreter import judged

FEW = 12
MANY = int(os.environ.get("EDGEQ_MIXTURES", "300"))


def holds(seed: int, folder: Path) -> None:
    """Whatever has an error is refused by name; all else gives the oracle's bytes."""
    net = mixture(seed)
    graph = net.graph()
    errors = [finding for finding in examine(graph) if finding.severity == "error"]
    if errors:
        assert all(finding.opcode and finding.hint for finding in errors)
        return
    model, inputs = write_model(graph), extremes(net, 5)
    found = Native(compiled_graph(graph, model), folder).run(inputs)
    right = judged("aot", model, inputs).outputs
    assert differences(graph, right, found) == []


@pytest.mark.sample(4)
@pytest.mark.parametrize("seed", range(FEW))
def test_a_few(seed: int, tmp_path: Path) -> None:
    holds(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, MANY, 24))
def test_many(first: int, tmp_path: Path) -> None:
    for seed in range(first, min(first + 24, MANY)):
        holds(seed, tmp_path / str(seed))
