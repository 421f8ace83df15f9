"""Models in parts: cut before what would not map, cut into equal times, run in a row on several devices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import edgeq as api
from edgeq.base.errors import DeviceError, EdgeqError, UsageError
from edgeq.edgetpu import predict
from edgeq.edgetpu.split import addressed, balanced, before_unmapped, runs
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run
from edgeq.judge.report import Report
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host
from edgeq.targets.coral.placing import placed
from edgeq.targets.coral.session import Names, Session, Stage

from .conftest import Beside, Edgeq, StandIn, net


def headed() -> Graph:
    """The usual model with another output, by operators of which the chip lacks one."""
    graph = net()
    swish = Tensor("swish", (1, 5), DType.INT8, QuantParams.per_tensor(0.3, 9))
    last = Tensor("last", (1, 5), DType.INT8, QuantParams.per_tensor(1 / 256, -128))
    operators = (
        *graph.operators,
        Operator("HARD_SWISH", (8,), (10,)),
        Operator("LOGISTIC", (10,), (11,)),
    )
    return graph.replace(
        tensors=(*graph.tensors, swish, last), operators=operators, outputs=(11, 9), name="headed"
    )


def samples(n: int) -> np.ndarray:
    return np.random.default_rng(6).integers(-128, 128, (n, 6, 6, 2)).astype(np.int8)


def test_the_parts_before_and_behind_the_first_unmapped_operator() -> None:
    graph = headed()
    first, rest = before_unmapped(addressed(graph), predict(graph))
    assert (first.on_chip, rest.on_chip) == (True, False)
    assert [op.opcode for op in rest.graph.operators] == ["HARD_SWISH", "LOGISTIC"]
    assert [tensor.name for tensor in rest.graph.input_tensors] == ["logits"]
    assert {first.graph[tensor].name for tensor in first.graph.outputs} == {"logits", "out"}
    assert all(predict(first.graph).mapped)


def test_what_comes_before_the_mapped_part_stays_before_it() -> None:
    graph = net()
    real = Tensor("real", (1, 6, 6, 2), DType.FLOAT32)
    begin = Operator("QUANTIZE", (10,), (0,))
    graph = graph.replace(
        tensors=(*graph.tensors, real), operators=(begin, *graph.operators), inputs=(10,), name="real"
    )
    pieces = before_unmapped(graph, predict(graph))
    assert [(len(piece.graph.operators), piece.on_chip) for piece in pieces] == [(1, False), (5, True)]


@pytest.mark.parametrize(("graph", "words"), [(net(), "all operators map"), (None, "no operator would map")])
def test_where_there_is_nothing_to_cut(graph: Graph | None, words: str) -> None:
    if graph is None:
        ends = [Tensor(name, (1, 8), DType.INT8, QuantParams.per_tensor(0.1, 0)) for name in ("a", "b")]
        graph = Graph("swish", tuple(ends), (Operator("HARD_SWISH", (0,), (1,)),), (0,), (1,))
    with pytest.raises(UsageError, match=words):
        before_unmapped(graph, predict(graph))


def test_tensors_without_a_name_of_their_own_get_one() -> None:
    graph = net()
    names = ["", "same", "same"]
    tensors = [
        tensor
        if tensor.is_constant or not names
        else Tensor(names.pop(), tensor.shape, tensor.dtype, tensor.quant)
        for tensor in graph.tensors
    ]
    whole = addressed(graph.replace(tensors=tuple(tensors)))
    made = [tensor.name for tensor in whole.tensors if not tensor.is_constant]
    assert len(set(made)) == len(made) and all(made)
    assert made[-1] == graph.tensors[-1].name


def chain(depths: Sequence[int], side: int = 32) -> Graph:
    """1x1 convolutions, one after the other."""
    tensors = [Tensor("t0", (1, side, side, depths[0]), DType.INT8, QuantParams.per_tensor(0.1, 0))]
    operators = []
    options = {"padding": "SAME", "stride_w": 1, "stride_h": 1}
    for number, (given, made) in enumerate(itertools.pairwise(depths)):
        data = np.ones((made, 1, 1, given), np.int8)
        weights = Tensor(f"w{number}", data.shape, DType.INT8, QuantParams.per_tensor(0.01, 0), data)
        bias = np.zeros(made, np.int32)
        offsets = Tensor(f"b{number}", (made,), DType.INT32, QuantParams.per_tensor(0.001, 0), bias)
        out = Tensor(f"t{number + 1}", (1, side, side, made), DType.INT8, QuantParams.per_tensor(0.1, 0))
        last = 0 if not number else len(tensors) - 1
        place = len(tensors)
        tensors += [weights, offsets, out]
        operators.append(Operator("CONV_2D", (last, place, place + 1), (place + 2,), options, 3))
    return Graph("chain", tuple(tensors), tuple(operators), (0,), (len(tensors) - 1,))


def test_a_split_by_prediction() -> None:
    even = balanced(chain([256] * 9, side=64), 2)
    assert (even.bounds, even.tried) == ((0, 4, 8), 0)
    assert even.milliseconds[0] == pytest.approx(even.milliseconds[1])
    heavy_start = balanced(chain([512, 512, 512, *[128] * 9], side=64), 2)
    assert heavy_start.bounds[1] < 4
    assert len(balanced(chain([32] * 6), 5).bounds) == 6
    with pytest.raises(UsageError, match="3 operators, and 4 parts"):
        balanced(chain([8] * 4), 4)


@pytest.mark.parametrize(("count", "seed"), [(2, 1), (3, 2), (4, 3)])
def test_a_split_by_measuring(count: int, seed: int) -> None:
    """The device takes other times than predicted: the search comes within a tenth of the best split."""
    graph = chain([64] * 13)
    hidden = np.random.default_rng(seed).uniform(0.5, 4.0, 12)
    names = {f"t{index}": index for index in range(13)}
    first: list[float] = []

    def measure(parts: Sequence[Graph]) -> list[float]:
        ends = [(names[one.input_tensors[0].name], names[one[one.outputs[0]].name]) for one in parts]
        times = [float(hidden[a:b].sum()) for a, b in ends]
        first.extend(times if not first else ())
        return times

    found = balanced(graph, count, measure)
    assert 1 < found.tried <= 8
    ends = list(itertools.pairwise(found.bounds))
    assert found.milliseconds == pytest.approx([hidden[a:b].sum() for a, b in ends])
    best = min(
        max(hidden[a:b].sum() for a, b in itertools.pairwise((0, *cuts, 12)))
        for cuts in itertools.combinations(range(1, 12), count - 1)
    )
    assert max(found.milliseconds) <= 1.1 * best < max(first)


def test_parts_of_a_split_are_the_model(model: bytes) -> None:
    graph = net()
    x = samples(3)
    tensors: dict[str, np.ndarray] = {"in": x}
    for part in runs(graph, (0, 2, 3, 5)):
        given = [tensors[tensor.name] for tensor in part.input_tensors]
        for index, values in zip(part.outputs, run(write_model(part), given), strict=True):
            tensors[part[index].name] = values
    assert np.array_equal(tensors["out"], run(model, [x])[0])


def test_a_row_of_models_in_the_worker(model: bytes) -> None:
    graph = net()
    parts = [Stage(write_model(part), delegate=False) for part in runs(graph, (0, 2, 5))]
    x = samples(70)
    with Session(Destination()) as session:
        session.load(*parts, names=Names(("in",), ("out",)))
        timed = session.run([x])
        session.load(Stage(model, delegate=False))
        whole = session.run([x])
    assert np.array_equal(timed.outputs[0], whole.outputs[0])
    assert [len(times) for times in timed.stage_ms] == [70, 70] and len(whole.stage_ms) == 1
    assert np.allclose(np.sum(timed.stage_ms, 0), timed.invoke_ms)
    with Session(Destination()) as session, pytest.raises(EdgeqError, match="'pool'"):
        session.load(*reversed(parts), names=Names(("in",), ("out",)))
        session.run([x])


def host(sticks: int, cards: int = 0) -> Host:
    stick = {"id": "18d1:9302", "state": "ready", "mbps": 5000.0, "node": "/dev/x", "allowed": True}
    card = {"node": "/dev/apex_0", "link": "", "allowed": True, "temperature": None}
    told = {"python": "3.11", "machine": "x86_64", "system": "Linux", "numpy": "2", "packages": {}}
    library = {"found": True, "error": "", "version": ""}
    return Host.read({**told, "library": library, "usb": [stick] * sticks, "pci": [card] * cards})


def test_each_part_has_a_device_of_its_own() -> None:
    here = Destination()
    chip, cpu = Stage(b"", delegate=True), Stage(b"", delegate=False)

    def devices(stages: list[Stage], device: str, there: Host) -> list[str]:
        return [stage.device for stage in placed(stages, device, there, here)]

    assert devices([chip], "", host(2)) == [""]
    assert devices([chip], "usb:1", host(2)) == ["usb:1"]
    assert devices([chip, cpu], "", host(1)) == ["", ""]
    assert devices([chip, chip, cpu], "", host(1, cards=1)) == ["pci:0", "usb:0", ""]
    assert devices([chip, chip], "usb:0,usb:0", host(1)) == ["usb:0", "usb:0"]
    with pytest.raises(DeviceError, match="2 Edge TPUs are needed"):
        devices([chip, chip], "", host(1))
    with pytest.raises(UsageError, match="usb:0, and 2 would run"):
        devices([chip, chip], "usb:0", host(2))


@pytest.fixture
def here(folder: Path, model: bytes, beside: Beside) -> Path:
    (folder / "net.tflite").write_bytes(model)
    (folder / "headed.tflite").write_bytes(write_model(headed()))
    (folder / "edgeq.toml").write_text(f'[edgetpu]\npython = "{beside.python}"\n')
    return folder


def test_cut_compiled_and_run(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    beside.plug_in()
    done = edgeq("compile", "headed.tflite", "--cut", "--min-mapped", "100%", "--json")
    assert done.code == 0, done.err
    assert done.json["files"] == ["headed-edgetpu/headed_part_0_of_2_edgetpu.tflite"]
    judged = edgeq("run", "headed-edgetpu", "--board", "coral", "--json")
    assert judged.code == 0, judged.err
    told = judged.json
    assert [part["processor"] for part in told["coral"]["parts"]] == ["edgetpu", "cpu"]
    assert (told["coral"]["processor"], told["model"]) == ("edgetpu", "headed")
    assert told["exactness"]["exact"] + told["exactness"]["off_by_one"] == 20 * 10
    shown = edgeq("run", "headed-edgetpu", "--board", "coral")
    assert "part 1" in shown.out and "on the CPU" in shown.out
    tried = edgeq("run", "headed-edgetpu", "--board", "coral", "--cpu", "--json")
    assert [part["processor"] for part in tried.json["coral"]["parts"]] == ["cpu", "cpu"]
    manifest = here / "headed-edgetpu" / "parts.json"
    whole = manifest.read_text()
    manifest.write_text(whole.replace('"compiled"', '"komponiert"'))
    assert "does not tell of the model's parts" in edgeq("run", "headed-edgetpu", "--board", "coral").err
    manifest.write_text(whole)
    (here / "headed-edgetpu" / "headed_part_1_of_2.tflite").unlink()
    assert "is a part of the model" in edgeq("run", "headed-edgetpu", "--board", "coral").err


@pytest.mark.slow
def test_deployed_in_parts(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    beside.plug_in()
    said = edgeq("deploy", "headed.tflite", "--board", "coral", "--cut", "--min-mapped", 1.0, "--json")
    assert said.code == 0, said.err
    coral, artefacts = said.json["coral"], said.json["artefacts"]
    assert [part["processor"] for part in coral["parts"]] == ["edgetpu", "cpu"]
    assert (coral["mapped"], coral["operators"]) == (5, 7)
    assert artefacts["compiled"] == "headed-coral/headed_part_0_of_2_edgetpu.tflite"
    assert (here / artefacts["compiled"]).is_file()
    again = api.run("headed-coral", board="coral", edgetpu_python=str(beside.python))
    assert isinstance(again, Report) and again.verdict == "pass"
    whole = edgeq("deploy", "net.tflite", "--board", "coral", "--cut")
    assert whole.code == 2 and "all operators map" in whole.err
    report = api.deploy("headed.tflite", board="coral", cut=True, cpu=True, force=True)
    assert isinstance(report, Report) and report.verdict == "pass"
    told = report.to_json()["coral"]
    assert isinstance(told, dict) and [part["processor"] for part in told["parts"]] == ["cpu", "cpu"]
    assert edgeq("deploy", "headed.tflite", "--board", "host", "--cut", "--out", "h").code == 2


def test_without_the_compiler_the_parts_are_kept(
    here: Path, edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    missing = edgeq("compile", "headed.tflite", "--cut")
    assert missing.code == 3 and "the parts are in headed-edgetpu" in missing.err
    assert edgeq("run", "headed-edgetpu", "--board", "coral", "--cpu").code == 0
    assert edgeq("run", "headed-edgetpu", "--board", "coral").code == 2


def test_segments_run_in_a_row(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    beside.plug_in()
    assert edgeq("compile", "net.tflite", "--segments", 2).code == 0
    lacking = edgeq("run", "net-edgetpu", "--board", "coral")
    assert lacking.code == 5 and "2 Edge TPUs are needed" in lacking.err
    beside.put_card()
    report = api.run("net-edgetpu", board="coral", edgetpu_python=str(beside.python))
    assert isinstance(report, Report) and report.verdict == "pass"
    coral = report.to_json()["coral"]
    assert isinstance(coral, dict)
    assert [part["device"] for part in coral["parts"]] == ["pci:0", "usb:0"]
    assert edgeq("run", "net-edgetpu", "--board", "coral", "--cpu").code == 0


@pytest.mark.slow
def test_models_compiled_together_take_turns(
    standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.plug_in()
    assert edgeq("compile", "net.tflite", "headed.tflite", "--out", "both").code == 0
    which = edgeq("run", "both", "--board", "coral")
    assert which.code == 2 and "both/net_edgetpu.tflite or both/headed_edgetpu.tflite" in which.err
    invoked = here / "invoked"
    monkeypatch.setenv("CORAL_INVOKED", str(invoked))
    judged = edgeq("run", "both/net_edgetpu.tflite", "--board", "coral", "--samples", 60, "--json")
    assert judged.code == 0, judged.err
    assert judged.json["coral"]["companions"] == 1 and judged.json["exactness"]["samples"] == 60
    order = invoked.read_text().split()
    assert len(order) == 120 and order[::2] == ["headed"] * 60 and order[1::2] == ["net"] * 60
    alone = edgeq("run", "both/net_edgetpu.tflite", "--board", "coral", "--cpu", "--json")
    assert alone.json["coral"]["companions"] == 0


@pytest.mark.slow
def test_balanced_by_measuring(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    beside.plug_in()
    beside.put_card()
    predicted = edgeq("compile", "net.tflite", "--segments", 2, "--balance", "--json")
    assert predicted.code == 0, predicted.err
    assert predicted.json["split"]["measured"] is False
    done = api.compile(
        "net.tflite",
        segments=2,
        balance=True,
        measure_on="coral",
        force=True,
        edgetpu_python=str(beside.python),
    )
    assert done.split is not None and 1 <= done.split.tried <= 6
    assert all(time > 0 for time in done.split.milliseconds)
    assert done.runs == Path("net-edgetpu")
    judged = edgeq("run", "net-edgetpu", "--board", "coral", "--json")
    assert judged.code == 0 and len(judged.json["coral"]["parts"]) == 2
    wrong = edgeq("compile", "net.tflite", "--segments", 2, "--balance", "--measure-on", "sim-m4", "--force")
    assert wrong.code == 2 and "is no Edge TPU" in wrong.err
    several = edgeq("compile", "net.tflite", "headed.tflite", "--cut", "--out", "x")
    assert several.code == 2 and "one can be cut" in several.err
