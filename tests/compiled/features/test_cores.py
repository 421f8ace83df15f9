"""Firmware that takes raw samples: on a core without long products, with DSP instructions, with Helium."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "aot"))
from native import compiled_graph
from pipelines import samples
from raw_model import heard

from edgeq.builder import build
from edgeq.data import quantize_input
from edgeq.graph import write_model
from edgeq.interpreter import run
from edgeq.targets import open_target
from edgeq.targets.link import Client

SAMPLES = 40
"""By hand 1,000 were run on each."""
QEMU = "qemu-system-arm"


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4", "mps3_an547"])
def test_firmware_makes_the_inputs_on_the_core(board: str, tmp_path: Path) -> None:
    if board == "mps3_an547" and shutil.which(QEMU) is None:
        pytest.skip(f"needs {QEMU} (apt: {QEMU})")
    pytest.importorskip("unicorn", reason="unicorn is not installed (pip install 'edgeq[sim]')")
    graph = heard()
    steps = [step for step in graph.preprocessing if step is not None]
    raw = [samples(step, SAMPLES, index) for index, step in enumerate(steps)]
    model = write_model(graph)
    inputs = [
        quantize_input(step.real(x), tensor).reshape(SAMPLES, *tensor.shape[1:])
        for step, x, tensor in zip(steps, raw, graph.input_tensors, strict=True)
    ]
    expected = run(model, inputs)
    compiled_graph(graph, model, board).write(tmp_path / "project")
    image = build(tmp_path / "project", warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        client.handshake()
        for i in range(SAMPLES):
            outputs = client.infer([x[i].tobytes() for x in raw]).outputs
            for wanted, found in zip(expected, outputs, strict=True):
                assert np.asarray(wanted[i]).tobytes() == found
