"""Models that take several samples at once: every byte the oracle's, and judged sample by sample."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import differences, extremes, holds_here, holds_on
from native import Native, compiled_graph
from nets import Net, activations, pooled
from older import make_older

from edgeq.checker import check
from edgeq.cli.app import main
from edgeq.graph import DType, Graph, write_model
from edgeq.interpreter import run

BATCH = 4


def classifier(seed: int, dtype: DType = DType.INT8) -> Net:
    """Images through convolutions of every kind to scores."""
    net = Net(seed, "batch", dtype)
    x = net.input([BATCH, 8, 6, 3])
    options = {"stride_h": 2, "stride_w": 1, "padding": "SAME", "fused_activation_function": "RELU"}
    y = weighted(net, "CONV_2D", x, [8, 3, 3, 3], [BATCH, 4, 6, 8], **options)
    options |= {"stride_h": 1, "depth_multiplier": 1}
    z = weighted(net, "DEPTHWISE_CONV_2D", y, [1, 3, 3, 8], [BATCH, 4, 6, 8], **options)
    w = weighted(net, "CONV_2D", z, [5, 1, 1, 8], [BATCH, 4, 6, 5], stride_h=1, stride_w=1, padding="VALID")
    pool = {"filter_height": 2, "filter_width": 3, "stride_h": 2, "stride_w": 3, "padding": "VALID"}
    fused = activations(net.random)
    v = net.op(
        "AVERAGE_POOL_2D", [w], [BATCH, 2, 2, 5], net.same_quant(w), fused_activation_function=fused, **pool
    )
    assert pooled(4, 2, 2, "VALID") == 2
    u = net.op("RESHAPE", [v, net.ints([BATCH, 20])], [BATCH, 20], net.same_quant(v), new_shape=(BATCH, 20))
    weighted(net, "FULLY_CONNECTED", u, [5, 20], [BATCH, 5])
    net.outputs.append(len(net.tensors) - 1)
    return net


def weighted(net: Net, opcode: str, x: int, weights: list[int], output: list[int], **options: object) -> int:
    """A layer whose output is scaled to about its range."""
    channels = weights[3] if opcode == "DEPTHWISE_CONV_2D" else weights[0]
    scale = 0.01
    data = net.random.integers(-127, 128, weights).astype(np.int8)
    w = net.tensor(weights, (scale, 0), data=data, dtype=DType.INT8)
    product = net.same_quant(x)[0] * scale
    bias = net.random.integers(-2000, 2000, channels)
    wide = net.dtype is DType.INT16
    b = net.tensor(
        [channels],
        (product, 0),
        data=bias.astype(np.int64 if wide else np.int32),
        dtype=DType.INT64 if wide else DType.INT32,
    )
    spread = product * 60 * 60 * np.sqrt(np.prod(weights) / channels) / (1 if not wide else 2)
    options.setdefault("fused_activation_function", "NONE")
    made = net.op(opcode, [x, w, b], output, (float(np.float32(spread / 40)), 3), **options)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize("dtype", [DType.INT8, DType.INT16, DType.UINT8])
def test_every_byte_is_the_oracles(dtype: DType, tmp_path: Path) -> None:
    net = classifier(1, DType.INT8 if dtype is DType.UINT8 else dtype)
    if dtype is DType.UINT8:
        make_older(net, net.random)
    holds_here(net, tmp_path, boards=("host", "sim-m4"))


def test_on_a_core(tmp_path: Path) -> None:
    holds_on("sim-m4", classifier(2), tmp_path)


def test_samples_are_taken_in_batches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten samples are three batches, the last filled up; each is judged by its own label."""
    graph: Graph = classifier(3).graph()
    model = write_model(graph)
    (tmp_path / "batch.tflite").write_bytes(model)
    x = np.random.default_rng(4).integers(-128, 128, (10, 8, 6, 3)).astype(np.int8)
    whole = np.concatenate([x, x[-1:], x[-1:]]).reshape(3, BATCH, 8, 6, 3)
    (found,) = run(model, [whole])
    y = found.reshape(12, 5)[:10].argmax(axis=1)
    y[[1, 9]] = (y[[1, 9]] + 1) % 5
    np.savez(tmp_path / "data.npz", x=x, y=y)
    given = [str(tmp_path / "batch.tflite"), "--board", "host", "--data", str(tmp_path / "data.npz")]
    assert main(["deploy", *given, "--out", str(tmp_path / "out"), "--json"]) == 0, capsys.readouterr()
    report = json.loads(capsys.readouterr().out)
    assert report["accuracy"]["device"] == report["accuracy"]["int8"] == 0.8
    assert report["exactness"]["samples"] == report["exactness"]["argmax_agree"] == 10
    assert report["exactness"]["exact"] == report["exactness"]["outputs"] == 50
    assert replace(graph, name="batch").input_tensors[0].shape[0] == BATCH


def test_places_that_a_file_calls_samples(tmp_path: Path) -> None:
    """Dilation along time as Keras has it: of an open batch, SPACE_TO_BATCH_ND and RESHAPE make an open one.

    Converters write it as 1, which nothing that follows fits.
    """
    net = Net(5, "dilated")
    x = net.input([1, 12, 4], (0.05, 3))
    same = net.same_quant(x)
    y = net.op("SPACE_TO_BATCH_ND", [x, net.ints([2]), net.ints([[2, 2]])], [1, 8, 4], same)
    y = net.op("EXPAND_DIMS", [y, net.ints(1)], [1, 1, 8, 4], same)
    y = weighted(net, "CONV_2D", y, [6, 1, 3, 4], [1, 1, 6, 6], stride_h=1, stride_w=1, padding="VALID")
    same = net.same_quant(y)
    y = net.op("RESHAPE", [y, net.ints([-1, 6, 6])], [1, 6, 6], same, new_shape=(-1, 6, 6))
    y = net.op("BATCH_TO_SPACE_ND", [y, net.ints([2]), net.ints([[0, 0]])], [1, 12, 6], same, output=True)
    y = net.op("RESHAPE", [y, net.ints([-1, 6])], [1, 6], same, output=True, new_shape=(-1, 6))
    made = {i for op in net.operators for i in (*op.outputs, x)}
    for i in made:
        shape = net.tensors[i].shape
        net.tensors[i] = replace(net.tensors[i], shape_signature=(-1, *shape[1:]))
    found = check(write_model(net.graph()), name="dilated")
    assert [tensor.shape for tensor in found.graph.output_tensors] == [(1, 12, 6), (12, 6)]
    inputs = extremes(net)
    expected = run(found.model, inputs)
    results = Native(compiled_graph(found.graph, found.model), tmp_path).run(inputs)
    assert differences(found.graph, expected, results) == []
