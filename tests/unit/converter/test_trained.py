"""Ranges of training are kept; ranges that a user states; and who lacks one is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.base.errors import ModelError, UsageError
from edgeq.converter import InputStats, convert
from edgeq.converter.fakes import has_fakes
from edgeq.graph import DType, Graph, Tensor, read_model, write_model
from edgeq.graph.quantization import from_range
from edgeq.interpreter import run

from .trained_nets import Trained, quant_of

RNG = np.random.default_rng(0)


HOWS = ("FAKE_QUANT", "UINT8", "INT8")


@pytest.mark.parametrize("how", HOWS)
def test_ranges_and_weights_of_training_are_kept_exactly(how: str) -> None:
    graph = Trained(how).network()
    assert has_fakes(graph)
    model = write_model(graph)
    made = convert(model, graph, None)
    assert [op.opcode for op in made.graph.operators] == ["FULLY_CONNECTED"] * 2
    for tensor, limits in zip(
        (made.graph[made.graph.inputs[0]], *(made.graph[op.outputs[0]] for op in made.graph.operators)),
        ((-1.0, 1.0), (-4.0, 5.0), (-9.0, 8.0)),
        strict=True,
    ):
        wanted = from_range(*limits, DType.INT8)
        scale, zero = quant_of(tensor)
        assert scale == pytest.approx(wanted.scale, rel=1e-6)
        assert zero == from_range(*limits).zero_point - 128
    assert quant_of(made.graph[made.graph.operators[0].inputs[1]]) == (pytest.approx(1.5 / 127), 0)
    x = RNG.uniform(-1, 1, (200, 8)).astype(np.float32)
    twin = Trained("UINT8").network()  # LiteRT does not run FAKE_QUANT of a narrow range
    (real,) = run(write_model(twin), [x])
    scale, zero = quant_of(made.graph.input_tensors[0])
    (q,) = run(made.model, [np.clip(np.rint(x / scale) + zero, -128, 127).astype(np.int8)])
    scale, zero = quant_of(made.graph.output_tensors[0])
    steps = np.abs(real / scale + zero - q)
    assert steps.max() <= 3, "the int8 model computes what training simulated, but for roundings on the edge"
    assert (steps < 0.01).mean() > 0.9


def test_calibration_data_does_not_move_what_training_fixed() -> None:
    graph = Trained("FAKE_QUANT").network(middle=False)
    data = RNG.uniform(-0.1, 0.1, (20, 8)).astype(np.float32)
    made = edgeq.convert(write_model(graph), data)
    scale, zero = quant_of(made.graph.input_tensors[0])
    assert (scale, zero) == (pytest.approx(2 / 255), 0)
    hidden = made.graph[made.graph.operators[0].outputs[0]]
    assert quant_of(hidden)[0] < 9 / 255 / 2  # the data chose this one


def test_who_lacks_a_range_is_named_with_what_to_do() -> None:
    graph = Trained("FAKE_QUANT").network(middle=False)
    with pytest.raises(ModelError) as caught:
        convert(write_model(graph), graph, None)
    assert "(FULLY_CONNECTED) has no min and max for its output" in caught.value.message
    for word in ("fake_quant_with_min_max_vars", "--calibration", "--default-ranges"):
        assert word in caught.value.hint


def plain() -> bytes:
    net = Trained("FAKE_QUANT")
    relu = net.add("RELU6", (net.dense(0, net.constant(6, 8), 6),), (1, 6))
    soft = net.add("SOFTMAX", (relu,), (1, 6), beta=1.0)
    return write_model(Graph("plain", tuple(net.tensors), tuple(net.operators), (0,), (soft,)))


def test_default_ranges_are_loud_and_hold_to_what_operators_give() -> None:
    made = edgeq.convert(plain(), default_ranges=(-8.0, 8.0))
    assert any("invented" in note and "mean nothing" in note for note in made.notes)
    dense, relu, soft = (quant_of(made.graph[op.outputs[0]])[0] for op in made.graph.operators)
    assert (dense, relu, soft) == (pytest.approx(16 / 255), pytest.approx(6 / 255), 1 / 256)
    with pytest.raises(UsageError, match="without calibration data"):
        edgeq.convert(plain(), RNG.normal(size=(20, 8)).astype(np.float32), default_ranges=(-8.0, 8.0))


def test_an_input_without_a_range_is_named() -> None:
    with pytest.raises(ModelError, match=r"input 'x' has no min and max"):
        convert(plain(), read_model(plain()), None)


@pytest.mark.parametrize("mode", ["auto", "minmax"])
@pytest.mark.parametrize(("io", "zero"), [("uint8", 128), ("int8", 0)])
def test_input_stats_fix_the_input(mode: str, io: str, zero: int) -> None:
    data = RNG.normal(size=(40, 8)).astype(np.float32)
    made = edgeq.convert(plain(), data, io=io, mode=mode, input_stats=(128.0, 64.0))  # type: ignore[arg-type]
    assert quant_of(made.graph.input_tensors[0]) == (pytest.approx(1 / 64), zero)


def two_inputs() -> bytes:
    net = Trained("FAKE_QUANT")
    net.tensors.append(Tensor("b", (1, 8), DType.FLOAT32))
    both = net.add("ADD", (0, 1), (1, 8), fused_activation_function="NONE")
    return write_model(Graph("two", tuple(net.tensors), tuple(net.operators), (0, 1), (both,)))


@pytest.mark.parametrize(
    ("stats", "scales"),
    [
        ((128.0, 64.0), (1 / 64, 1 / 64)),
        ({"x": (128.0, 64.0), "b": (0.0, 255.0)}, (1 / 64, 1 / 255)),
        ({"": (128.0, 64.0), "b": (0.0, 32.0)}, (1 / 64, 1 / 32)),
    ],
)
def test_input_stats_of_several_inputs(stats: InputStats, scales: tuple[float, float]) -> None:
    made = edgeq.convert(two_inputs(), input_stats=stats, default_ranges=(-4.0, 4.0))
    assert [quant_of(t)[0] for t in made.graph.input_tensors] == pytest.approx(scales)


@pytest.mark.parametrize("names", [("same", "same"), ("", ""), ("b", "a")])
def test_input_stats_are_told_apart_whatever_the_inputs_are_called(names: tuple[str, str]) -> None:
    graph = read_model(two_inputs())
    tensors = list(graph.tensors)
    aliases = ("a", "b") if names == ("b", "a") else ("", "")
    for index, name, alias in zip(graph.inputs, names, aliases, strict=True):
        tensors[index] = replace(tensors[index], name=name, alias=alias)
    model = write_model(graph.replace(tensors=tuple(tensors)))
    first, second = ("a", "b") if aliases[0] else ("input0", "1")
    stats = {first: (128.0, 64.0), second: (0.0, 32.0)}
    made = edgeq.convert(model, input_stats=stats, default_ranges=(-4.0, 4.0))
    assert [quant_of(t)[0] for t in made.graph.input_tensors] == pytest.approx((1 / 64, 1 / 32))


def test_the_input_that_lacks_statistics_is_named_and_so_is_one_that_is_not_there() -> None:
    with pytest.raises(ModelError, match=r"input 'b' has no min and max"):
        convert(two_inputs(), read_model(two_inputs()), None, input_stats={"x": (128.0, 64.0)})
    with pytest.raises(UsageError, match="'c'") as caught:
        edgeq.convert(two_inputs(), input_stats={"c": (0.0, 1.0)}, default_ranges=(-4.0, 4.0))
    assert "x, b" in caught.value.hint


def test_input_stats_by_name_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeq.cli import main

    monkeypatch.chdir(tmp_path)
    Path("two.tflite").write_bytes(two_inputs())
    common = ["convert", "two.tflite", "--force", "--default-ranges=-4,4", "--input-stats"]
    assert main([*common, "128,64", "--input-stats", "b=0,32"]) == 0
    made = read_model(Path("two_int8.tflite").read_bytes())
    assert [quant_of(t)[0] for t in made.input_tensors] == pytest.approx((1 / 64, 1 / 32))
    for wrong in (["b=0"], ["b=0,32", "--input-stats=b=1,32"], ["128,64", "--input-stats=0,1"], ["c=0,32"]):
        assert main([*common, *wrong]) == 2


@pytest.mark.parametrize(
    "options", [{"num_bits": 4}, {"min": 1.0, "max": 1.0}, {"max": float("inf")}, {"min": 0.0, "max": 0.0}]
)
def test_a_fake_quantization_that_says_nothing_is_refused(options: dict[str, float]) -> None:
    net = Trained("FAKE_QUANT")
    given = {"min": -1.0, "max": 1.0, "num_bits": 8, "narrow_range": False, **options}
    y = net.add("FAKE_QUANT", (net.add("RELU", (0,), (1, 8)),), (1, 8), **given)
    graph = Graph("bad", tuple(net.tensors), tuple(net.operators), (0,), (y,))
    if options.get("min") == 1.0:
        assert convert(write_model(graph), graph, None, input_stats=(0, 255)).graph.operators
        return
    with pytest.raises(ModelError, match=r"operator 1 \(FAKE_QUANT\)"):
        convert(write_model(graph), graph, None, input_stats=(0, 255))


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeq.cli import main

    monkeypatch.chdir(tmp_path)
    Path("plain.tflite").write_bytes(plain())
    Path("qat.tflite").write_bytes(write_model(Trained("UINT8").network()))
    assert main(["convert", "qat.tflite"]) == 0
    assert main(["convert", "plain.tflite"]) == 2
    assert main(["convert", "plain.tflite", "--default-ranges=-6,6", "--input-stats", "127.5,127.5"]) == 0
    for wrong in (
        "--default-ranges=1,6",
        "--default-ranges=0,0",
        "--default-ranges=x",
        "--input-stats=1,inf",
    ):
        assert main(["convert", "plain.tflite", "--force", wrong]) == 2
    assert main(["convert", "plain.tflite", "--force", "--default-ranges=-6,6", "--input-stats=300,1"]) == 2
