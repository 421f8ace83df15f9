"""ARG_MAX and ARG_MIN: every place the oracle's; a model that ends in one, by the commands and judged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net

from edgeq.cli.app import main
from edgeq.graph import DType, read_model, write_model
from edgeq.interpreter import run

SHAPES = (
    ([1, 9], 1),
    ([1, 4, 5, 3], 1),
    ([1, 4, 5, 3], -1),
    ([1, 300], -1),
    ([1, 3, 3, 2, 2], 2),
    ([1, 6], 0),
)


def places(seed: int, dtype: DType) -> Net:
    """Of few different values among others, so that there are equals."""
    net = Net(seed, dtype=dtype)
    for opcode in ("ARG_MAX", "ARG_MIN"):
        for wide in (DType.INT32, DType.INT64):
            for shape, axis in SHAPES:
                output = [d for i, d in enumerate(shape) if i != axis % len(shape)]
                x = net.input(shape)
                net.op(opcode, [x, net.ints(axis)], output, dtype=wide, output=True, output_type=wide.value)
    return net


@pytest.mark.sample(1)
@pytest.mark.parametrize("dtype", [DType.INT8, DType.UINT8])
def test_every_place_is_the_oracles(dtype: DType, tmp_path: Path) -> None:
    holds_here(places(1, dtype), tmp_path)


def test_truth_values_of_the_version_that_converters_write(tmp_path: Path) -> None:
    """LiteRT lists its reference kernels under the version before."""
    net = Net(5, dtype=DType.BOOL)
    for opcode in ("ARG_MAX", "ARG_MIN"):
        x = net.input([1, 4, 5, 3])
        net.op(opcode, [x, net.ints(2)], [1, 4, 3], dtype=DType.INT32, output=True, output_type="INT32")
        net.operators[-1] = replace(net.operators[-1], version=3)
    holds_here(net, tmp_path)


@pytest.mark.slow
def test_on_a_core(tmp_path: Path) -> None:
    holds_on("sim-m0", places(2, DType.UINT8), tmp_path)


def classifier(wide: DType) -> bytes:
    """Scores of five classes, and the best of them."""
    net = Net(3, "best")
    x = net.input([1, 12], (0.1, 4))
    w = net.tensor([5, 12], (0.02, 0), data=net.random.integers(-127, 128, (5, 12)).astype(np.int8))
    y = net.op("FULLY_CONNECTED", [x, w], [1, 5], (0.1, 0), fused_activation_function="NONE")
    net.op("ARG_MAX", [y, net.ints(1)], [1], dtype=wide, output=True, output_type=wide.value)
    graph = net.graph()
    first = replace(graph.operators[0], inputs=(*graph.operators[0].inputs, -1))
    return write_model(graph.replace(operators=(first, *graph.operators[1:])))


@pytest.mark.slow
@pytest.mark.parametrize(("wide", "board"), [(DType.INT32, "host"), (DType.INT64, "sim-m4")])
def test_a_model_that_names_its_class(
    wide: DType, board: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its classes are judged as they are: four of five labels are the model's own."""
    model = classifier(wide)
    (tmp_path / "best.tflite").write_bytes(model)
    x = np.random.default_rng(4).integers(-128, 128, (10, 12)).astype(np.int8)
    (found,) = run(model, [x])
    y = found.reshape(-1).astype(np.int64)
    y[[2, 7]] = (y[[2, 7]] + 1) % 5
    np.savez(tmp_path / "data.npz", x=x, y=y)
    out = tmp_path / "out"
    given = [str(tmp_path / "best.tflite"), "--board", board, "--data", str(tmp_path / "data.npz")]
    assert main(["deploy", *given, "--out", str(out), "--json"]) == 0, capsys.readouterr()
    report = json.loads(capsys.readouterr().out)
    assert report["accuracy"]["device"] == report["accuracy"]["int8"] == 0.8
    assert report["exactness"]["exact"] == report["exactness"]["outputs"] == 10
    manifest = json.loads((out / "project" / "edgeq.json").read_text())
    assert manifest["outputs"][0]["dtype"] == wide.value.lower()
    assert read_model(model).output_tensors[0].quant is None
