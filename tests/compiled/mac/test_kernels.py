"""The kernels that a step can choose from: all exact, each with its scratch, and which of them is chosen."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import mac_layers
import numpy as np
import pytest
from mac_cortex import Cortex, target_of
from mac_host import KERNELS, TARGETS, compiler, params_of, sources
from test_winograd_layers import SHAPES, layer

from edgeq.backends.aot.families import DSP, MVE, PLAIN, finest
from edgeq.backends.aot.kernels import WORTH, Candidate, choose
from edgeq.backends.aot.ops import conv, depthwise, fully_connected
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.boards.cores import CORES
from edgeq.graph import load_model
from edgeq.graph.model import Graph

KINDS = list(mac_layers.MAKERS)
CANDIDATES: dict[str, Callable[[Graph, int, Target], Iterable[Candidate]]] = {
    "CONV_2D": conv.candidates,
    "DEPTHWISE_CONV_2D": depthwise.candidates,
    "FULLY_CONNECTED": fully_connected.candidates,
}
MODEL_LAYERS, ANY_LAYER = 1.25, 2.6
"""Factors by which an estimate may be off, either way: for a model's layers, and for random ones."""
TIE = 1.005
"""Below this factor apart two kernels cost the same."""
SLACK = 1.2
"""How much more than the best candidate the chosen one may execute, beside what keeps families apart."""


def candidates(graph: Graph, index: int, target: Target) -> list[Candidate]:
    return list(CANDIDATES[graph.operators[index].opcode](graph, index, target))


def random_layers(count: int, first: int = 0) -> Iterator[Graph]:
    for number, kind in enumerate(KINDS):
        for seed in range(first, first + count):
            yield mac_layers.MAKERS[kind](np.random.default_rng([seed, number]))


def counts(cortex: Cortex, graph: Graph, index: int) -> dict[Candidate, int]:
    """The candidates that the core runs, with executed instructions; their outputs agree."""
    op = graph.operators[index]
    shape = graph[op.outputs[0]].shape
    data = np.random.default_rng(index).integers(-128, 128, (1, *graph[op.inputs[0]].shape)).astype(np.int8)
    found: dict[Candidate, int] = {}
    outputs = set()
    for candidate in candidates(graph, index, cortex.target):
        if candidate.fits(cortex.target):
            try:
                step = candidate.step
            except ModelError:  # the exact form, where only another can hold the layer's numbers
                continue
            outputs.add(cortex.run(step, data, shape).tobytes())
            found[candidate] = cortex.instructions
    assert len(outputs) == 1
    return found


def within(found: dict[Candidate, int], factor: float) -> bool:
    return all(1 / factor < candidate.instructions / count < factor for candidate, count in found.items())


@pytest.mark.sample(2)
@pytest.mark.parametrize("core", ["m0", "m3", "m4"])
@pytest.mark.parametrize(
    "model",
    ["ad", "kws", pytest.param("ic", marks=pytest.mark.slow), pytest.param("vww", marks=pytest.mark.slow)],
)
def test_the_fastest_is_chosen_for_a_models_layers(
    core: str, model: str, shared: Path, cortex_of: Callable[[str], Cortex]
) -> None:
    cortex = cortex_of(core)
    _, graph = load_model(shared / "models" / "mlperf_tiny" / f"{model}_int8.tflite")
    seen = set()
    for index, op in enumerate(graph.operators):
        if op.opcode in CANDIDATES:
            shapes = tuple(graph[tensor].shape for tensor in (*op.inputs, *op.outputs))
            if shapes in seen:
                continue
            seen.add(shapes)
            found = counts(cortex, graph, index)
            assert within(found, MODEL_LAYERS), {c.kernel: (c.instructions, n) for c, n in found.items()}
            chosen = choose(found, cortex.target)
            usual = finest(cortex.target, *(candidate.family for candidate in found))
            own = {c: n for c, n in found.items() if not c.borrowed}
            paid = {c: n + (WORTH if c.beside or c.family is not usual else 0) for c, n in own.items()}
            assert paid[chosen] <= TIE * min(paid.values()), [
                (c.kernel, round(c.instructions), n) for c, n in found.items()
            ]


@pytest.mark.sample(1)
@pytest.mark.parametrize("core", ["m0", "m3", "m4"])
def test_estimates_and_choices_of_random_layers(core: str, cortex_of: Callable[[str], Cortex]) -> None:
    cortex = cortex_of(core)
    by_tiles = (layer(shape, "random", rectified=True, seed=2) for shape in SHAPES)
    for graph in (*random_layers(25, first=500), *by_tiles):
        found = counts(cortex, graph, 0)
        told = {c.kernel: (round(c.instructions), n) for c, n in found.items()}
        assert within(found, ANY_LAYER), told
        least = min(count for candidate, count in found.items() if not candidate.borrowed)
        assert found[choose(found, cortex.target)] <= SLACK * least + WORTH, told


@pytest.mark.slow
def test_scratch_is_what_the_kernels_say(tmp_path: Path) -> None:
    """The functions beside the kernels' bodies, compiled, against what the steps ask for."""
    command = compiler()
    if command is None:
        pytest.skip("no C compiler (gcc, cc, clang or the ziglang package)")
    parameters = {
        "conv": "conv",
        "conv_halfwords": "conv",
        "conv_sums": "conv",
        "depthwise_3x3": "depthwise",
        "depthwise": "depthwise",
        "fully_connected": "fully_connected",
        "fully_connected_bytes": "fully_connected",
        "conv_winograd": "winograd",
    }
    code = ""
    alike = {
        "conv_halfwords": "edgeq_conv_dsp_scratch",
        "depthwise": "edgeq_depthwise_scratch",
        "conv_winograd": "edgeq_winograd_scratch",
    }
    for stem, struct in parameters.items():
        for family in ("plain", "v6m", "v7m", "dsp"):
            if not (KERNELS / f"edgeq_{stem}_{family}.h").exists():
                continue
            params = f"edgeq_{stem}_{family}_params"
            if not (KERNELS / f"{params}.h").exists():
                params = f"edgeq_{struct}_params"
            function = alike.get(stem, f"edgeq_{stem}_{family}_scratch")
            code += (
                f'#include "edgeq_{stem}_{family}.h"\n'
                f"int32_t scratch_of_edgeq_{stem}_{family}(const {params} *p);\n"
                f"int32_t scratch_of_edgeq_{stem}_{family}(const {params} *p) "
                f"{{ return {function}(p); }}\n"
            )
            (tmp_path / f"{stem}_{family}.c").write_text(code)
            code = ""
    library = tmp_path / "scratch.so"
    includes = f"-I{KERNELS}"
    made = sorted(tmp_path.glob("*.c"))
    subprocess.run(
        [*command, "-std=c99", "-O1", "-fPIC", "-shared", "-w", includes, "-o", library, *made],
        check=True,
        timeout=300,
    )
    functions = ctypes.CDLL(str(library))
    kernels = set()
    by_tiles = (layer(shape, "random", rectified=r, seed=1) for shape in SHAPES for r in (False, True))
    rounded = replace(TARGETS["dsp"], oracle="tflm")  # of whose rounding alone the signed form comes often
    targets = (*(TARGETS[name] for name in ("dsp", "v7m", "v6m")), rounded)
    for graph in (*random_layers(120), *by_tiles):
        for candidate in [one for target in targets for one in candidates(graph, 0, target)]:
            if candidate.family is MVE:  # its scratch is told in Python alone
                continue
            try:
                step = candidate.step
            except ModelError:
                continue
            assert step.kernel == candidate.kernel
            assert step.scratch == candidate.scratch
            params, _arrays = params_of(step)
            stem = step.kernel.split("_s8")[0]
            assert getattr(functions, f"scratch_of_{stem}")(ctypes.byref(params)) == step.scratch, step.title
            kernels.add(step.kernel)
    every = {path for family in TARGETS for path in sources(family)}
    assert kernels == {path.stem for path in every if "/* interface */" in path.read_text()}


def test_flash_is_the_constants() -> None:
    for graph in random_layers(5):
        for candidate in candidates(graph, 0, TARGETS["dsp"]):
            if not candidate.kernel.endswith("_exact"):
                assert candidate.flash == sum(c.values.nbytes for c in candidate.step.constants) > 0


def candidate(family: object, instructions: float, scratch: int = 0) -> Candidate:
    def never() -> Step:
        raise AssertionError("nobody asked for it")

    return Candidate(f"k{instructions:.0f}", family, instructions, scratch, never)  # type: ignore[arg-type]


def test_choosing() -> None:
    m4, m0 = target_of("m4"), target_of("m0")
    dear, cheap, plain = candidate(DSP, 2000), candidate(DSP, 1000), candidate(PLAIN, 900)
    assert choose([dear, cheap, plain], m4) is cheap
    assert choose([dear, cheap, plain], m0) is plain
    assert choose([dear, cheap, replace(plain, instructions=-9000.0)], m4).family is PLAIN
    assert choose([replace(cheap, scratch=8), cheap], m4) is cheap
    vectors = candidate(MVE, 500)
    assert choose([vectors, cheap], m4) is cheap
    assert choose([vectors, cheap], Target(CORES["cortex-m55"])) is vectors
    with pytest.raises(ValueError, match="fits"):
        choose([cheap], m0)
