"""Executed instructions of the multiply-accumulate kernels, layer by layer, on a simulated core.

    python benchmarks/kernels.py [--core m4] [--models ../shared/models/mlperf_tiny] [NAME ...]

Each layer of the MLPerf Tiny models is called once with random inputs in Unicorn, and its output compared
with the plain kernel's on this machine. The last column is what CMSIS-NN needs for such a layer on
the Cortex-M4 (../shared/facts/kernels.md). Instructions are executed guest instructions, not cycles.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "compiled" / "mac"))

from mac_cortex import FLAGS, Cortex, compile_image
from mac_host import Host, compile_library

from edgeq.backends.aot.ops import form
from edgeq.backends.aot.passes import prepare
from edgeq.graph import load_model

MODELS = Path(__file__).resolve().parents[2] / "shared" / "models" / "mlperf_tiny"
MAC_OPCODES = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
POINTWISE = {8: "6.63", 16: "3.96", 32: "2.70", 64: "2.08", 128: "1.83"}
CONV_3X3 = {16: "2.33", 32: "1.93", 64: "1.76"}


def cmsis_nn(opcode: str, weights: tuple[int, ...]) -> str:
    """CMSIS-NN's instructions per MAC for a layer with such weights; empty where nobody measured it."""
    if opcode == "FULLY_CONNECTED":
        return "1.95-2.27"
    channels, kernel = weights[3], weights[1:3]
    if opcode == "DEPTHWISE_CONV_2D":
        return "6.9-8.9" if kernel == (3, 3) else ""
    table = {(1, 1): POINTWISE, (3, 3): {3: "4.8-6.1", **CONV_3X3}}.get(kernel, {})
    return table.get(channels, "")


def main() -> None:
    """The table on stdout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=["ad", "kws", "vww", "ic"])
    parser.add_argument("--core", choices=list(FLAGS), default="m4")
    parser.add_argument("--models", type=Path, default=MODELS)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cortex = Cortex(compile_image(folder, arguments.core), arguments.core)
        host = Host(compile_library(folder, "plain"))
        for model in arguments.names:
            file, graph = load_model(arguments.models / f"{model}_int8.tflite")
            graph = prepare(file, graph, cortex.target).graph
            print(f"\n### {model}\n\n| layer | kernel | instructions | per MAC | CMSIS-NN, M4 |")
            print("|---|---|---:|---:|---:|")
            instructions = macs = 0
            for index, op in enumerate(graph.operators):
                if op.opcode not in MAC_OPCODES:
                    continue
                (step,) = form(graph, index).lower(graph, index, cortex.target)
                shape = graph[op.outputs[0]].shape
                data = rng.integers(-128, 128, (1, *graph[op.inputs[0]].shape)).astype(np.int8)
                (plain,) = form(graph, index).lower(graph, index, host.target)
                if not np.array_equal(cortex.run(step, data, shape), host.run(plain, data, shape)):
                    sys.exit(f"{step.title}: the core and this machine disagree")
                instructions += cortex.instructions
                macs += step.macs
                per_mac = cortex.instructions / step.macs
                peer = cmsis_nn(op.opcode, graph[op.inputs[1]].shape)
                print(f"| {step.title} | {step.kernel} | {cortex.instructions:,} | {per_mac:.2f} | {peer} |")
            print(f"| **all** | | **{instructions:,}** | **{instructions / macs:.2f}** | |")


if __name__ == "__main__":
    main()
