"""The estimates for Helium's kernels against counts: every layer of the MLPerf Tiny models, in QEMU."""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from native import compiled_graph
from test_kernels import CANDIDATES

from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES
from edgeq.builder import build
from edgeq.graph import load_model
from edgeq.targets import open_target
from edgeq.targets.link import Client

QEMU = "qemu-system-arm"
FACTOR = 1.2
"""By which an estimate may be off, either way: a kernel that a program calls once is made for that call."""
CALL = re.compile(r"^    /\* (\d+): [^*]*\*/\n    (edgeq_\w+)(\(.*\);)$", re.MULTILINE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: {QEMU})"),
]


def counting(source: str) -> tuple[str, list[tuple[int, str]]]:
    """A network that counts its calls, and gives the count of one in the place of its first output.

    Which one and which half of it, the first two bytes of the input say. Also its calls: operators, kernels.
    """
    calls = [(int(operator), kernel) for operator, kernel, _ in CALL.findall(source)]
    numbers = iter(range(len(calls)))

    def counted(found: re.Match[str]) -> str:
        stop = f"counts[{next(numbers)}] = (uint32_t)edgeq_port_counter_stop();"
        return f"    edgeq_port_counter_start();\n    {found[2]}{found[3]}\n    {stop}"

    told = CALL.sub(counted, source)
    begin, body = told.split("int edgeq_runtime_invoke(void)\n{\n")
    body = (
        "    const int8_t *asked = (const int8_t *)edgeq_input(0)->data;\n"
        "    const uint8_t which = (uint8_t)asked[0], half = (uint8_t)asked[1];\n"
        + body.replace(
            "    return 0;\n",
            "    __builtin_memcpy(edgeq_output(0)->data, (const char *)&counts[which] + 2 * half, 2);\n"
            "    return 0;\n",
            1,
        )
    )
    head = f'#include "edgeq_port.h"\nstatic uint32_t counts[{len(calls)}];\n'
    return f"{begin}{head}int edgeq_runtime_invoke(void)\n{{\n{body}", calls


def counts(path: Path, folder: Path) -> Iterator[tuple[int, str, int]]:
    """Operator, kernel and executed instructions of each call of a warm inference."""
    data, graph = load_model(path)
    compiled_graph(graph, data, "mps3_an547").write(folder)
    network = folder / "src" / "network" / "edgeq_network.c"
    source, calls = counting(network.read_text())
    network.write_text(source)
    image = build(folder, toolchain="zig")
    x = np.random.default_rng(0).integers(-128, 128, graph[graph.inputs[0]].elements).astype(np.int8)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        client.handshake()
        for number, (operator, kernel) in enumerate(calls):
            halves = b""
            for half in (0, 1):
                x[:2] = number, half
                halves += client.infer([x.tobytes()]).outputs[0][:2]
            yield operator, kernel, struct.unpack("<I", halves)[0]


@pytest.mark.parametrize("model", ["ad", "kws", "vww", "ic"])
def test_estimates_are_near_counts(model: str, shared: Path, tmp_path: Path) -> None:
    path = shared / "models" / "mlperf_tiny" / f"{model}_int8.tflite"
    data, graph = load_model(path)
    target = Target(CORES["cortex-m55"])
    graph = prepare(data, graph, target).graph
    seen = 0
    for operator, kernel, count in counts(path, tmp_path / "project"):
        opcode = graph.operators[operator].opcode
        for candidate in CANDIDATES.get(opcode, lambda *_: ())(graph, operator, target):
            if candidate.kernel == kernel:
                assert candidate.family is MVE
                assert 1 / FACTOR < candidate.instructions / count < FACTOR, (operator, kernel, count)
                seen += 1
    assert seen == sum(op.opcode in CANDIDATES for op in graph.operators)
