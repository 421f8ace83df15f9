"""QUANTIZE of real numbers and DEQUANTIZE to them: the reference's bytes for every float; whole models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net

import edgeq
from edgeq.graph import DType, Graph, read_model, write_model
from tests.unit.converter import nets as floats

TYPES = {DType.INT8: (-128, -5, 0, 127), DType.UINT8: (0, 3, 255), DType.INT16: (0,)}
SCALES = tuple(float(np.float32(scale)) for scale in (1.0, 0.1, 0.0037, 3e-42, 1e-30, 1e30))
EDGES = (
    *(np.nan, np.inf, 0.0, 0.5, 0.49999997, 1.5, 127.5, 255.5, 32767.5, 8388607.5, 8388609.0, 16777215.0),
    *(2147483520.0, 2147483648.0, 2147483904.0, 4e9, 1e19, 3e38, 1e-45, 1.2e-38),
)


class RealEnds(Net):
    """Nets that say that their real ends are meant."""

    def graph(self) -> Graph:
        return super().graph().replace(keeps_real_ends=True)


def quantizing(seed: int, count: int) -> tuple[Net, list[np.ndarray]]:
    """One real input into every type, zero point and scale; its numbers are edges, halves, any bits."""
    net, random = RealEnds(seed), np.random.default_rng(seed)
    source = net.input((1, count), dtype=DType.FLOAT32)
    for dtype, zero_points in TYPES.items():
        for zero_point in zero_points:
            for scale in SCALES:
                net.op("QUANTIZE", [source], (1, count), (scale, zero_point), dtype=dtype, output=True)
    edges = np.array([*EDGES, *(-edge for edge in EDGES)], np.float32)
    samples = [random.integers(0, 2**32, count, dtype=np.uint32).view(np.float32), np.resize(edges, count)]
    with np.errstate(over="ignore"):
        for scale in np.array(SCALES, np.float32):
            halves = (random.integers(-300, 300, count) + 0.5).astype(np.float32) * scale
            samples += [halves, np.nextafter(halves, np.float32(0)), np.resize(edges * scale, count)]
    return net, [np.stack(samples)]


def dequantizing(seed: int, count: int) -> tuple[Net, list[np.ndarray]]:
    """Integers of every type, zero point and scale, every byte among them where there is room."""
    net = RealEnds(seed)
    for dtype, zero_points in TYPES.items():
        for zero_point in zero_points:
            for scale in SCALES:
                source = net.input((1, count), (scale, zero_point), dtype=dtype)
                net.op("DEQUANTIZE", [source], (1, count), dtype=DType.FLOAT32, output=True)
    return net, net.samples(3)


@pytest.mark.parametrize("make", [quantizing, dequantizing])
def test_every_float_is_the_references(make: object, tmp_path: Path) -> None:
    net, inputs = make(1, 256)  # type: ignore[operator]
    holds_here(net, tmp_path, inputs=inputs)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
@pytest.mark.parametrize("make", [quantizing, dequantizing])
def test_every_float_on_cores(make: object, board: str, tmp_path: Path) -> None:
    net, inputs = make(2, 40)  # type: ignore[operator]
    holds_on(board, net, tmp_path, inputs=inputs)


def converted(seed: int, io: str, **more: object) -> bytes:
    """A dense network with two inputs and two outputs, quantized."""
    net = floats.Net(seed)
    sources = [net.input(1, 6), net.input(1, 6)]
    joined = net.op("CONCATENATION", sources, (1, 12), axis=1, fused_activation_function="NONE")
    hidden = net.dense(joined, 7, "RELU")
    graph = net.graph(net.dense(hidden, 3), net.same("LOGISTIC", net.dense(hidden, 4)))
    random = np.random.default_rng(seed)
    data = {graph[i].name: random.normal(size=(30, 6)).astype(np.float32) for i in graph.inputs}
    return edgeq.convert(write_model(graph), data, io=io, **more).model  # type: ignore[arg-type]


def ends(model: bytes) -> list[DType]:
    graph = read_model(model)
    return [tensor.dtype for tensor in (*graph.input_tensors, *graph.output_tensors)]


@pytest.mark.parametrize(
    "board", ["host", *(pytest.param(f"sim-m{n}", marks=pytest.mark.slow) for n in (0, 4))]
)
def test_a_model_made_with_real_ends_is_deployed_with_them(board: str, tmp_path: Path) -> None:
    model = converted(4, "float")
    assert ends(model) == [DType.FLOAT32] * 4
    report = edgeq.deploy(model, board=board, samples=8, out=tmp_path / "out")
    assert report.exactness.is_exact
    project = (tmp_path / "out" / "project" / "src" / "network" / "edgeq_network.c").read_text()
    assert "edgeq_dequantize_f32" in project
    assert "edgeq_quantize_f32" in project


def test_a_model_that_comes_with_real_ends_keeps_them_where_it_is_asked_to() -> None:
    meant = converted(5, "float")
    came = write_model(read_model(meant).replace(keeps_real_ends=False))
    assert not read_model(came).keeps_real_ends
    assert edgeq.convert(came, io="float").model == meant
    for source in (came, meant):
        assert ends(edgeq.convert(source).model) == [DType.INT8] * 4
    assert [f.rule for f in edgeq.check(came).findings] == ["float-ends"]
    assert not edgeq.check(meant).findings


def test_a_real_input_of_several_scales_keeps_its_ends(tmp_path: Path) -> None:
    net = Net(6)
    source = net.input((1, 9), dtype=DType.FLOAT32)
    for scale in (0.1, 0.02):
        inner = net.op("QUANTIZE", [source], (1, 9), (scale, 3))
        net.op("RELU", [inner], (1, 9), (scale, -7), output=True)
    model = write_model(net.graph())
    assert not edgeq.check(model).findings
    report = edgeq.deploy(model, board="host", samples=4, out=tmp_path / "out")
    assert report.exactness.is_exact


def test_real_numbers_that_only_move_are_no_float_model(tmp_path: Path) -> None:
    net = Net(7)
    inner = net.op("QUANTIZE", [net.input((1, 9), dtype=DType.FLOAT32)], (1, 9), (0.1, 3))
    real = net.op("DEQUANTIZE", [net.op("RELU", [inner], (1, 9), (0.1, -7))], (1, 9), dtype=DType.FLOAT32)
    net.op("RESHAPE", [real, net.ints([3, 3])], (3, 3), dtype=DType.FLOAT32, output=True, new_shape=(3, 3))
    model = write_model(net.graph())
    assert not edgeq.check(model).findings
    assert edgeq.deploy(model, board="host", samples=4, out=tmp_path / "out").exactness.is_exact
