"""The kernels for Helium in QEMU: many random layers in one boot, every byte the oracle's."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import mac_layers
import mac_twin
import numpy as np
import pytest
from mac_cortex import target_of
from native import compiled_graph

from edgeq.backends.aot import sources
from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.ops import form
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES
from edgeq.builder import build
from edgeq.graph import write_model
from edgeq.graph.model import Graph
from edgeq.targets import open_target
from edgeq.targets.link import Client

STEMS = {"depthwise": ("depthwise", "depthwise_3x3")}
"""Of the kernels that layers of a kind call, where there are several."""
QEMU = "qemu-system-arm"
BOARD = "mps3_an547"
KINDS = {**mac_layers.MAKERS, "conv_bands": mac_layers.broad_conv}
ROUNDINGS: dict[str, Rounding] = {
    "CONV_2D": "double",
    "DEPTHWISE_CONV_2D": "double",
    "FULLY_CONNECTED": "real",
}
SAMPLES, EACH, MAC_KERNELS = 4, 3, 10
CALL = re.compile(r"^\s+(edgeq_\w+)\(&", re.MULTILINE)

needs_qemu = pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: {QEMU})")


def layers(kind: str, first: int, count: int) -> list[tuple[Graph, np.ndarray]]:
    made = []
    for seed in range(first, first + count):
        rng = np.random.default_rng([seed, list(KINDS).index(kind)])
        graph = KINDS[kind](rng)
        made.append((graph, mac_layers.inputs(rng, graph, SAMPLES)))
    return made


def hold(made: list[tuple[Graph, np.ndarray]], folder: Path, toolchain: str) -> Counter[str]:
    """All layers as one model on the board give the bytes of the numpy twin (test_layers.py: the oracle's).

    They share an arena as tightly as its plan allows: what a kernel writes beside its own spoils another's.

    Returns:
        The kernels, counted.
    """
    graph = mac_layers.join([graph for graph, _ in made])
    project = compiled_graph(graph, write_model(graph), BOARD)
    project.write(folder / "project")
    image = build(folder / "project", toolchain=toolchain, warnings_are_errors=True)  # type: ignore[arg-type]
    wanted = [mac_twin.output(one, data, ROUNDINGS[one.operators[0].opcode]) for one, data in made]
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        client.handshake()
        for sample in range(SAMPLES):
            found = client.infer([data[sample].tobytes() for _, data in made]).outputs
            for (one, _), want, got in zip(made, wanted, found, strict=True):
                assert want[sample].tobytes() == got, one.operators[0]
    return Counter(CALL.findall(project.files["src/network/edgeq_network.c"].decode()))


def kernels_of(stem: str) -> set[str]:
    """The kernels for Helium of an operator that :mod:`mac_layers` makes, by the names of their files."""
    return {path.stem for path in sources.folder().glob(f"edgeq_{stem}_mve_s8*.c")}


@pytest.mark.slow
@needs_qemu
def test_a_few_layers_of_each_kernel(tmp_path: Path) -> None:
    target = Target(CORES["cortex-m55"])
    made: dict[str, list[tuple[Graph, np.ndarray]]] = {}
    for kind in KINDS:
        seeds = iter(range(300))
        lacking = dict.fromkeys(set().union(*map(kernels_of, STEMS.get(kind, (kind,)))), EACH)
        while any(lacking.values()):
            (layer,) = layers(kind, next(seeds), 1)
            (step,) = form(layer[0], 0).lower(layer[0], 0, target)
            if lacking.get(step.kernel):
                lacking[step.kernel] -= 1
                made.setdefault(step.kernel, []).append(layer)
    called = hold([layer for several in made.values() for layer in several], tmp_path, "auto")
    assert called == dict.fromkeys(made, EACH)
    assert len(made) == MAC_KERNELS


@needs_qemu
@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["gcc", "zig"])
@pytest.mark.parametrize("kind", KINDS)
def test_many_layers(kind: str, toolchain: str, tmp_path: Path) -> None:
    if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc")
    hold(layers(kind, 100 if toolchain == "gcc" else 200, 100), tmp_path, toolchain)


def test_a_board_without_the_registers_runs_other_kernels() -> None:
    """Without its FPU a Cortex-M55 has no vectors."""
    helium = CORES["cortex-m55"]
    assert MVE.fits(Target(helium))
    assert not MVE.fits(Target(helium, fpu=False))
    for kind in KINDS:
        for graph, _ in layers(kind, 0, 10):
            op = form(graph, 0)
            (bare,), (dsp,) = (
                op.lower(graph, 0, target) for target in (Target(helium, fpu=False), target_of("m4"))
            )
            assert bare.kernel == dsp.kernel


def test_little_flash_takes_one_kernel_for_all_shapes() -> None:
    small = Target(CORES["cortex-m55"], small=True)
    called = {
        form(graph, 0).lower(graph, 0, small)[0].kernel
        for kind in ("depthwise", "conv_bands")
        for graph, _ in layers(kind, 0, 12)
    }
    assert {"edgeq_conv_mve_s8", "edgeq_depthwise_mve_s8"} <= called
    assert not called & (kernels_of("conv_bands") | kernels_of("depthwise_3x3"))
