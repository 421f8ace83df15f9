"""The multiply-accumulate layers of the MLPerf Tiny models stay near what was reached, far below CMSIS-NN."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mac_cortex import Cortex

from edgeq.backends.aot.ops import form
from edgeq.backends.aot.passes import prepare
from edgeq.graph import load_model

BUDGETS = {
    ("m4", "ad"): 0.25e6,
    ("m4", "kws"): 2.75e6,
    ("m4", "vww"): 4.95e6,
    ("m4", "ic"): 6.6e6,
    ("m3", "ad"): 0.37e6,
    ("m3", "kws"): 4.1e6,
}
"""Instructions by core and model. TensorFlow Lite Micro with CMSIS-NN takes 0.583, 7.70, 24.1, 29.9 million
on the Cortex-M4, 0.956 and 10.5 on the M3."""


@pytest.mark.sample(2)
@pytest.mark.parametrize(("core", "model"), list(BUDGETS))
def test_instructions(core: str, model: str, shared: Path, cortex_of: Callable[[str], Cortex]) -> None:
    cortex = cortex_of(core)
    file, graph = load_model(shared / "models" / "mlperf_tiny" / f"{model}_int8.tflite")
    graph = prepare(file, graph, cortex.target).graph
    rng = np.random.default_rng(0)
    total = 0
    for index, op in enumerate(graph.operators):
        if op.opcode in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            (step,) = form(graph, index).lower(graph, index, cortex.target)
            data = rng.integers(-128, 128, (1, *graph[op.inputs[0]].shape)).astype(np.int8)
            cortex.run(step, data, graph[op.outputs[0]].shape)
            total += cortex.instructions
    assert total < BUDGETS[core, model]


def test_code_size(cortex_m4: Cortex) -> None:
    """All kernels of its family together; a network links those that it calls."""
    sizes = {
        name: size
        for name, (_, size) in cortex_m4.symbols.items()
        if name.startswith("edgeq_") and "_plain" not in name
    }
    by_tiles = sum(size for name, size in sizes.items() if "winograd" in name)
    assert by_tiles < 6_000  # in both of its forms
    assert sum(sizes.values()) - by_tiles < 20_000
