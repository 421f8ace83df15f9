"""The kernels as each core runs them: DSP instructions, words at any address, or neither."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from native import compiled_graph
from nets import Net
from test_operators import (
    add_additions,
    add_broadcasts,
    add_layouts,
    add_means,
    add_pools,
    add_products,
    add_softmaxes,
    add_tables,
)

from edgeq.builder import build
from edgeq.graph import write_model
from edgeq.interpreter import run
from edgeq.targets import open_target
from edgeq.targets.link import Client

GROUPS = (
    add_additions,
    add_broadcasts,
    add_layouts,
    add_means,
    add_pools,
    add_products,
    add_softmaxes,
    add_tables,
)
SAMPLES = 3
QEMU = "qemu-system-arm"
HELIUM = pytest.param(
    "mps3_an547",
    marks=[
        pytest.mark.slow,
        pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: {QEMU})"),
    ],
)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4", HELIUM])
def test_every_operator_on_the_core(board: str, tmp_path: Path) -> None:
    net = Net(seed=77)
    for group in GROUPS:
        group(net)
    graph = net.graph()
    model = write_model(graph)
    inputs = net.samples(SAMPLES)
    expected = run(model, inputs)
    compiled_graph(graph, model, board).write(tmp_path / "project")
    image = build(tmp_path / "project", warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        client.handshake()
        for i in range(SAMPLES):
            outputs = client.infer([x[i].tobytes() for x in inputs]).outputs
            for op, wanted, found in zip(graph.operators, expected, outputs, strict=True):
                assert np.asarray(wanted[i]).tobytes() == found, op
