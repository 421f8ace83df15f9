"""Winograd's convolution on its worst cases: the ends of inputs and weights, signs that add up."""

from __future__ import annotations

import numpy as np
import pytest
from mac_cortex import Cortex, target_of
from mac_host import Host

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import conv
from edgeq.backends.aot.target import Target
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run

SHAPES = ((8, 8, 16, 16, "SAME"), (4, 4, 4, 2, "SAME"), (7, 9, 8, 6, "SAME"), (6, 11, 20, 4, "VALID"))
"""Height, width, input and output channels, padding."""
SIX, THREE, DEEP = (8, 8, 6, 4, "SAME"), (8, 8, 4, 3, "SAME"), (4, 4, 400, 2, "SAME")
KINDS = ("random", "highest", "lowest", "signs", "lines")


def layer(shape: tuple[int, int, int, int, str], kind: str, *, rectified: bool, seed: int) -> Graph:
    """A 3x3 convolution whose weights are of a kind, and whose outputs use their range."""
    rng = np.random.default_rng(seed)
    height, width, inputs, channels, padding = shape
    size = (channels, 3, 3, inputs)
    weights = {
        "random": rng.integers(-128, 128, size),
        "highest": np.full(size, 127),
        "lowest": np.full(size, -128),
        "signs": rng.choice([-128, 127], size),
        "lines": np.broadcast_to(rng.choice([-127, 127], (channels, 3, 3, 1)), size),
    }[kind].astype(np.int8)
    reach = np.abs(weights.astype(float)).sum(axis=(1, 2, 3)) * 128
    scales = (rng.uniform(60, 400, channels) / reach).astype(np.float32)
    bias = (rng.integers(-60, 61, channels) / scales).astype(np.int32)
    zeros = np.zeros(channels, np.int64)
    less = 2 * (padding == "VALID")
    zero_points = [int(z) for z in rng.choice([-128, 127, 0, -3, 17], 2)]
    tensors = (
        Tensor("x", (1, height, width, inputs), DType.INT8, QuantParams.per_tensor(1.0, zero_points[0])),
        Tensor("w", size, DType.INT8, QuantParams(scales, zeros), weights),
        Tensor("b", (channels,), DType.INT32, QuantParams(scales, zeros), bias),
        Tensor(
            "y",
            (1, height - less, width - less, channels),
            DType.INT8,
            QuantParams.per_tensor(1.0, -128 if rectified else zero_points[1]),
        ),
    )
    options = dict.fromkeys(("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor"), 1)
    activation = "RELU" if rectified else "NONE"
    op = Operator(
        "CONV_2D",
        (0, 1, 2),
        (3,),
        {**options, "padding": padding, "fused_activation_function": activation},
        3,
    )
    return Graph("layer", tensors, (op,), (0,), (3,))


def by_tiles(graph: Graph, target: Target) -> list[Candidate]:
    return [c for c in conv.candidates(graph, 0, target) if "winograd" in c.kernel and c.fits(target)]


def hold(runner: Host | Cortex, shape: tuple[int, int, int, int, str], kind: str) -> set[str]:
    """The kernels whose outputs are the oracle's."""
    held = set()
    for rectified in (False, True):
        graph = layer(shape, kind, rectified=rectified, seed=len(kind) + shape[0])
        rng = np.random.default_rng(0)
        data = rng.integers(-128, 128, (4, *graph[0].shape)).astype(np.int8)
        data[0], data[1] = 127, -128
        data[2] = rng.choice([-128, 127], graph[0].shape)
        wanted = run(write_model(graph), [data[:, 0]])[0].reshape(4, *graph[3].shape)
        for candidate in by_tiles(graph, runner.target):
            found = runner.run(candidate.step, data, graph[3].shape)
            assert np.array_equal(found, wanted), (candidate.kernel, candidate.step.title)
            held.add(candidate.kernel)
    return held


@pytest.mark.sample(3)
@pytest.mark.parametrize("host", ["dsp", "v7m"], indirect=True)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_on_this_machine(shape: tuple[int, int, int, int, str], host: Host) -> None:
    kernel = f"edgeq_conv_winograd_{'dsp' if host.target.core.dsp else 'v7m'}_s8"
    held = set().union(*(hold(host, shape, kind) for kind in KINDS))
    assert held == {kernel, f"{kernel}_signed"}


@pytest.mark.parametrize("host", ["v6m"], indirect=True)
@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[2]], ids=str)
def test_by_words_on_this_machine(shape: tuple[int, int, int, int, str], host: Host) -> None:
    kernel = "edgeq_conv_winograd_v6m_s8"
    assert set().union(*(hold(host, shape, kind) for kind in KINDS)) == {kernel, f"{kernel}_signed"}


@pytest.mark.sample(1)
@pytest.mark.parametrize("core", ["m0", "m3", "m4", pytest.param("m33", marks=pytest.mark.slow)])
def test_on_a_core(core: str, cortex_of: object) -> None:
    cortex = cortex_of(core)  # type: ignore[operator]
    assert all(hold(cortex, shape, kind) for shape in SHAPES for kind in ("random", "signs"))


def test_what_it_does_not_take() -> None:
    """Channels that are no words of inputs or pairs of outputs, and sums beyond the fast forms."""
    for shape, kind in (
        ((8, 8, 6, 4, "SAME"), "random"),
        ((8, 8, 4, 3, "SAME"), "random"),
        (DEEP, "highest"),
    ):
        assert by_tiles(layer(shape, kind, rectified=False, seed=1), target_of("m4")) == []
