"""MAXIMUM and MINIMUM: every byte the oracle's, on this machine, on the cores, and by the commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from native import Native, compiled_graph
from nets import Net

from edgeq.builder import build
from edgeq.checker import examine
from edgeq.graph import Graph, write_model
from edgeq.interpreter import run
from edgeq.targets import open_target
from edgeq.targets.link import Client

OPCODES = ("MAXIMUM", "MINIMUM")
QUANT = (0.05, 3)
SHAPES = (
    ((1, 7), (1, 7)),
    ((1, 256), (1, 256)),
    ((1, 4, 5, 6), (1, 1, 1, 6)),
    ((1, 4, 5, 6), (1, 1, 1, 1)),
    ((1, 4, 1, 6), (1, 1, 5, 1)),
    ((1, 1, 5), (1, 3, 1)),
    ((1, 6), (1, 2, 1)),
    ((1, 2, 3, 2, 3, 2, 3, 2), (1, 2, 1, 2, 1, 2, 1, 2)),
    ((1, 1, 3, 1, 3, 1, 3, 1), (1, 2, 1, 2, 1, 2, 1, 2)),
)
"""Of two operands; the last ones are of the reference's largest rank."""
CONSTANTS = (
    ((1, 30), (30,)),
    ((1, 4, 5, 6), (5, 1)),
    ((1, 1, 6), (1, 4, 1)),
    ((1, 2, 3, 2, 3, 2, 3, 2), (2, 1, 2, 1, 2)),
)
SCALARS = (-128, -1, 0, 5, 127)
SAMPLES = 6


def every_form(seed: int) -> Net:
    """Both operators in every form: two operands, a constant first or second, a scalar, a tensor twice."""
    net = Net(seed)
    for opcode in OPCODES:
        for first, second in SHAPES:
            output = np.broadcast_shapes(first, second)
            net.op(opcode, [net.input(first, QUANT), net.input(second, QUANT)], output, QUANT, output=True)
        for position, (shape, constant) in enumerate(CONSTANTS):
            pair = [net.input(shape, QUANT), net.constant(constant, QUANT)]
            output = np.broadcast_shapes(shape, constant)
            net.op(opcode, pair[:: 1 if position % 2 else -1], output, QUANT, output=True)
        for value in SCALARS:
            scalar = net.tensor((), QUANT, data=np.array(value, np.int8))
            net.op(opcode, [net.input((1, 256), QUANT), scalar], (1, 256), QUANT, output=True)
        x = net.input((1, 33), QUANT)
        net.op(opcode, [x, x], (1, 33), QUANT, output=True)
    return net


def extremes(net: Net) -> list[np.ndarray]:
    """Random inputs in which every byte and both ends come, together with their opposites."""
    inputs = net.samples(SAMPLES)
    for position, x in enumerate(inputs):
        x[0] = -128 if position % 2 else 127
        x[1] = 127 if position % 2 else -128
        x[2] = np.resize(np.arange(-128, 128), x[2].shape)
        x[3] = np.resize(np.arange(127, -129, -1), x[3].shape)
    return inputs


def test_every_byte_is_the_oracles(tmp_path: Path) -> None:
    net = every_form(1)
    graph = net.graph()
    assert examine(graph) == ()
    model, inputs = write_model(graph), extremes(net)
    project = compiled_graph(graph, model)
    assert "src/kernels/edgeq_extremum_s8.c" in project.files
    found = Native(project, tmp_path).run(inputs)
    for op, wanted, bytes_ in zip(graph.operators, run(model, inputs), found, strict=True):
        assert np.array_equal(wanted.reshape(bytes_.shape), bytes_), op


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_every_byte_on_the_core(board: str, tmp_path: Path) -> None:
    net = every_form(2)
    graph = net.graph()
    model, inputs = write_model(graph), extremes(net)
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


def chain(scales: tuple[float, float] = (0.05, 0.05)) -> Graph:
    """min(max(x, y), constant): results that live on in an input's place."""
    net = Net(3, "extrema")
    x, y = net.input((1, 5, 8), (scales[0], 3)), net.input((1, 5, 8), (0.05, 3))
    larger = net.op("MAXIMUM", [x, y], (1, 5, 8), (0.05, 3))
    net.op("MINIMUM", [net.constant((8,), (0.05, 3)), larger], (1, 5, 8), (scales[1], 3), output=True)
    return net.graph()


def test_another_scale_is_warned_of_and_the_bytes_stay_the_oracles(tmp_path: Path) -> None:
    graph = chain((0.07, 0.02))
    findings = examine(graph)
    assert [(f.rule, f.severity, f.opcode) for f in findings] == [
        ("scales-differ", "warning", "MAXIMUM"),
        ("scales-differ", "warning", "MINIMUM"),
        ("scales-differ", "warning", "MINIMUM"),
    ]
    model = write_model(graph)
    x = [np.random.default_rng(i).integers(-128, 128, (9, 5, 8)).astype(np.int8) for i in (0, 1)]
    (wanted,), (found,) = run(model, x), Native(compiled_graph(graph, model), tmp_path).run(x)
    assert np.array_equal(wanted.reshape(found.shape), found)


def test_operands_that_do_not_broadcast_are_refused() -> None:
    net = Net(4)
    net.op("MAXIMUM", [net.input((1, 4), QUANT), net.input((1, 3), QUANT)], (1, 4), QUANT, output=True)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.severity) == ("shape", "error")
    assert "do not broadcast" in finding.message


def test_by_the_commands(tmp_path: Path) -> None:
    (tmp_path / "extrema.tflite").write_bytes(write_model(chain()))
    for command in (
        ("check", "extrema.tflite"),
        ("generate", "extrema.tflite", "--board", "sim-m4", "--out", "p"),
        ("build", "p"),
        ("run", "p", "--samples", "50", "--require-exact"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "edgeq", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
