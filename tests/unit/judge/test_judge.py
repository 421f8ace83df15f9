"""The judgement of devices that behave and of some that do not: a real model and oracle, a made-up device."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError, DeviceError
from edgeq.base.progress import SILENT
from edgeq.boards import load_board
from edgeq.builder import Image, Sizes
from edgeq.checker import Checked, check
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import Answers, judged, oracle_name, run
from edgeq.judge import FloatAnswers, float_answers, judge
from edgeq.judge.float_model import no_float_model
from edgeq.judge.journal import Journal
from edgeq.judge.report import Accuracy, Cycles, Instructions, Latency, Spread, Stack, Thresholds
from edgeq.judge.report.line import Line
from edgeq.judge.reporting import make_report
from edgeq.targets.link import DeviceInfo, Inference, Quality


def dense(*, real: bool = False) -> Graph:
    """[1, 4] times a matrix, to [1, 3]."""
    matrix = np.array([[127, 0, 0, -60], [0, 127, 0, 60], [0, 0, 127, 3]])
    options = {"fused_activation_function": "NONE", "weights_format": "DEFAULT", "keep_num_dims": False}
    weights: Tensor
    if real:
        weights = Tensor("weights", (3, 4), DType.FLOAT32, None, (matrix / 127).astype(np.float32))
        bias = Tensor("bias", (3,), DType.FLOAT32, None, np.zeros(3, np.float32))
        x, y = (Tensor(name, (1, n), DType.FLOAT32) for name, n in (("x", 4), ("y", 3)))
    else:
        scale, quant = 1 / 127, QuantParams.per_tensor
        weights = Tensor("weights", (3, 4), DType.INT8, quant(scale, 0), matrix.astype(np.int8))
        bias = Tensor("bias", (3,), DType.INT32, quant(0.1 * scale, 0), np.zeros(3, np.int32))
        x, y = Tensor("x", (1, 4), DType.INT8, quant(0.1, 0)), Tensor("y", (1, 3), DType.INT8, quant(0.12, 0))
    return Graph(
        "dense", (x, weights, bias, y), (Operator("FULLY_CONNECTED", (0, 1, 2), (3,), options),), (0,), (3,)
    )


class Device:
    """Stands in for ``Client``: answers as the oracle would, then spoils the answer."""

    def __init__(self, checked: Checked, spoil: Callable[[int, bytes], bytes] = lambda _, data: data) -> None:
        self._checked = checked
        self._spoil = spoil
        self.unit = "instructions"
        self.measured: list[bool] = []
        self.asked: list[tuple[str | None, str | None]] = []
        self.outputs = (3,)
        self.quality = Quality(frames=9, repeats=1, round_trip=0.0004)

    def handshake(self, model_sha256: str | None = None, build_hash: str | None = None) -> DeviceInfo:
        self.asked.append((model_sha256, build_hash))
        return self.info()

    def info(self) -> DeviceInfo:
        return DeviceInfo(
            "edgeq", "dense", "m", "b", "aot", 1, self.unit, None, 64, 4096, 812, 1024, (4,), self.outputs
        )

    def infer(self, inputs: Sequence[bytes], *, measure: bool = False, begin: bool = False) -> Inference:
        data = np.frombuffer(inputs[0], np.int8).reshape(1, 4)
        answer = run(self._checked.model, [data])[0].tobytes()
        answer = self._spoil(len(self.measured), answer)
        self.measured.append(measure)
        counts = self.unit != "none" and measure
        return Inference([answer], 1000 + [7, 0, 2, 9, 5, 2][len(self.measured) - 1] if counts else None, 3)

    def infer_all(
        self, samples: Sequence[Sequence[bytes]], begins: Sequence[bool]
    ) -> Iterator[tuple[int, Inference]]:
        for place in reversed(range(len(samples))):  # they may come back in any order
            yield place, self.infer(samples[place], begin=begins[place])


@pytest.fixture(scope="module")
def checked() -> Checked:
    return check(write_model(dense()), name="dense")


@pytest.fixture
def image(tmp_path: Path) -> Image:
    (tmp_path / "edgeq.json").write_text(json.dumps({"macs": 12}))
    sizes = Sizes(1000, 24, 1024, 64, 100, 4096, 4260)
    return Image(tmp_path / "f.elf", tmp_path, load_board("sim-m4"), "m" * 64, "b" * 16, "zig", sizes)


X = np.array([[1, 0, 0, 0], [0, 1.04, 0, 0], [0, 0, 0.96, 0], [0, 0, 0, 99], [0, 0, 0, -99], [1, 2, 3, 4]])
DATA = Dataset((X.astype(np.float32),), np.array([0, 1, 2, 1, 0, 0]), "made up")


def test_a_device_that_is_right(checked, image):
    device = Device(checked)
    heard = []

    class Progress(type(SILENT)):
        def advance(self, done: int, total: int) -> None:
            heard.append((done, total))

    found = judge(
        checked, image, device, DATA, warm=3, floats=FloatAnswers(0.9, DATA.x[0]), progress=Progress()
    )
    assert device.asked == [(checked.sha256, "b" * 16)]
    assert device.measured == [True] * 4 + [False] * 2
    assert heard == [(i + 1, 6) for i in range(6)]
    assert found.exactness.oracle == oracle_name()
    assert (found.exactness.samples, found.exactness.outputs, found.exactness.exact) == (6, 18, 18)
    assert (found.exactness.off_by_one, found.exactness.argmax_agree) == (0, 6)
    assert found.accuracy == Accuracy(0.9, 5 / 6, 5 / 6, checked.graph.output_tensors[0].name)
    assert found.latency == Latency(
        Instructions(1007, 1002), 12, Spread(runs=3, least=1000, p50=1002, p95=1009, most=1009)
    )
    assert found.stack == Stack(used=812, size=4096)


def test_who_judged_instead_and_why_is_a_finding(checked, image, monkeypatch):
    def second(runtime: str, model: bytes, inputs: Sequence[np.ndarray], begins: np.ndarray) -> Answers:
        right = judged(runtime, model, inputs, begins)
        return replace(right, oracle="another 2.0", refusals=("one 1.0 refuses the model: why",))

    monkeypatch.setattr("edgeq.judge.firmware.judged", second)
    found = judge(checked, image, Device(checked), DATA, warm=1)
    assert found.exactness.oracle == "another 2.0"
    told = [f.message for f in found.findings if f.rule == "oracle"]
    assert told == ["one 1.0 refuses the model: why; so another 2.0 judged"]


def test_inputs_are_rounded_and_clipped_before_they_are_sent(checked, image):
    sent = []

    class Listening(Device):
        def infer(self, inputs: Sequence[bytes], *, measure: bool = False, begin: bool = False) -> Inference:
            sent.append(np.frombuffer(inputs[0], np.int8).tolist())
            return super().infer(inputs, measure=measure, begin=begin)

    judge(checked, image, Listening(checked), DATA, warm=0)
    first, *others = sent
    assert [first, *reversed(others)][:5] == [
        [10, 0, 0, 0],
        [0, 10, 0, 0],
        [0, 0, 10, 0],
        [0, 0, 0, 127],
        [0, 0, 0, -128],
    ]


def test_a_device_that_is_wrong_is_seen(checked, image):
    def spoil(number: int, data: bytes) -> bytes:
        if number == 0:
            return bytes([data[0], data[1] + 1 & 255, data[2]])
        return bytes([data[0], data[1], 127]) if number == 1 else data

    found = judge(checked, image, Device(checked, spoil), DATA, warm=1)
    assert (found.exactness.exact, found.exactness.off_by_one, found.exactness.argmax_agree) == (16, 1, 5)
    assert found.accuracy == Accuracy(None, 5 / 6, 4 / 6, "y")


def test_fewer_samples_than_are_measured(checked, image):
    device = Device(checked)
    few = Dataset((DATA.x[0][:2],), None, "few")
    found = judge(checked, image, device, few, warm=3)
    assert device.measured == [True] * 4
    assert (found.exactness.samples, found.accuracy) == (2, Accuracy(None, None, None))


def test_two_answers_to_one_input(checked, image):
    device = Device(checked, lambda number, data: data if number < 3 else b"\x01\x02\x03")
    with pytest.raises(DeviceError, match="two different answers to sample 1"):
        judge(checked, image, device, Dataset((DATA.x[0][:2],), None, "few"), warm=3)


@pytest.mark.parametrize("unit", ["none", "cycles"])
def test_only_instructions_are_called_instructions(checked, image, unit):
    device = Device(checked)
    device.unit = unit
    assert judge(checked, image, device, DATA, warm=3).cost is None


def test_a_device_whose_tensors_are_others(checked, image):
    device = Device(checked)
    device.outputs = (3, 1)
    with pytest.raises(DeviceError, match=r"outputs of \(3, 1\) bytes"):
        judge(checked, image, device, DATA)
    assert device.measured == []


@pytest.mark.parametrize("answer", [b"", b"\x01\x02", b"\x01\x02\x03\x04"])
def test_an_answer_of_another_length(checked, image, answer: bytes):
    with pytest.raises(DeviceError, match=rf"outputs of \[{len(answer)}\] bytes, the model has \[3\]"):
        judge(checked, image, Device(checked, lambda number, data: answer), DATA)


@pytest.mark.sample(4)
@pytest.mark.parametrize("seed", range(8))
def test_whatever_a_device_answers_wrongly_fails_and_is_named(checked, image, seed: int):
    """Any number of wrong bytes, anywhere: without limits it is an error that counts and names them."""
    random = np.random.default_rng(seed)
    wrong = random.integers(0, 2, (6, 3)) * random.integers(1, 256, (6, 3))
    wrong[0, 0] = wrong[0, 0] or 1
    told = []

    def spoil(number: int, data: bytes) -> bytes:
        told.append(np.frombuffer(data, np.int8))
        return ((np.frombuffer(data, np.uint8) + wrong[number % 6]) & 255).astype(np.uint8).tobytes()

    judgement = judge(checked, image, Device(checked, spoil), DATA, warm=3)
    right = np.stack(told[:6]).astype(int)
    got = ((right + wrong + 128) & 255) - 128
    exactness = judgement.exactness
    assert exactness.different == np.count_nonzero(wrong)
    assert exactness.max_difference == np.abs(got - right).max()
    assert exactness.first is not None
    assert (exactness.first.sample, exactness.first.output) == (0, 0)
    element = exactness.first.element
    assert element == np.flatnonzero(wrong[0])[0]
    assert (exactness.first.expected, exactness.first.got) == (right[0, element], got[0, element])
    report = make_report(checked, image, judgement)
    assert report.verdict == "fail"
    (found,) = (one for one in report.findings if one.rule == "inexact")
    assert f"{np.count_nonzero(wrong)} of 18 output elements" in found.message
    allowed = make_report(checked, image, judgement, Thresholds(allow_inexact=True, max_accuracy_drop=1.0))
    assert allowed.verdict == "pass"


def test_no_samples(checked, image):
    with pytest.raises(DataError, match="no samples"):
        judge(checked, image, Device(checked), Dataset((DATA.x[0][:0],), None, "empty"))


def test_what_a_float_model_answers():
    graph = dense(real=True)
    model = write_model(graph)
    found = float_answers(model, graph, DATA)
    assert found is not None and found.accuracy == 5 / 6
    np.testing.assert_array_equal(found.real, run(model, DATA.x)[0])
    assert float_answers(model, graph, Dataset(DATA.x, None, "no labels")) is None
    integers = Dataset((DATA.x[0].astype(np.int8),), DATA.y, "integers")
    assert float_answers(model, graph, integers) is None


def test_a_model_that_computes_in_integers_is_no_float_model():
    """Whatever it takes and gives: its accuracy as a float model would be int8's compared with itself."""
    inside = dense()
    real = [Tensor(name, (1, n), DType.FLOAT32) for name, n in (("real_x", 4), ("real_y", 3))]
    ends = Operator("QUANTIZE", (4,), (0,)), Operator("DEQUANTIZE", (3,), (5,), version=2)
    graph = inside.replace(
        tensors=(*inside.tensors, *real), operators=(ends[0], *inside.operators, ends[1]),
        inputs=(4,), outputs=(5,),
    )  # fmt: skip
    model = write_model(graph)
    assert run(model, DATA.x)[0].dtype == np.float32, "it is a model that runs"
    assert float_answers(model, graph, DATA) is None
    (told,) = no_float_model(graph)
    assert told.severity == "info" and "computes in integers" in told.message
    assert no_float_model(inside) == (), "an integer model is not mistaken for a float one"


def test_fake_quantization_is_float():
    graph = dense(real=True)
    quant = QuantParams.per_tensor(0.1, 0)
    fake = Tensor("fake", (1, 4), DType.INT8, quant), Tensor("faked", (1, 4), DType.FLOAT32)
    fakes = Operator("QUANTIZE", (0,), (4,)), Operator("DEQUANTIZE", (4,), (5,), version=2)
    product = replace(graph.operators[0], inputs=(5, 1, 2))
    graph = graph.replace(tensors=(*graph.tensors, *fake), operators=(*fakes, product))
    assert no_float_model(graph) == ()
    found = float_answers(write_model(graph), graph, DATA)
    assert found is not None and found.accuracy == 5 / 6


class Clocked(Device):
    """A real core whose clock is ``rate`` times as fast as the host's."""

    def __init__(self, checked: Checked, rate: float | None) -> None:
        super().__init__(checked)
        self.unit, self._rate = "cycles", rate

    def info(self) -> DeviceInfo:
        return replace(super().info(), hz=80_000_000)

    def clock(self) -> tuple[int, float] | None:
        now = time.monotonic()
        return None if self._rate is None else (int(now * 1e6 * self._rate), now)


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("rate", "right"), [(1.0, True), (0.98, True), (1.02, True), (0.95, False), (4.0, False), (None, False)]
)
def test_the_clock_of_a_real_core_is_compared_with_the_hosts(
    rate: float | None, right: bool, checked, image, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(import_module("edgeq.judge.firmware"), "CLOCK_SPAN", 0.02)
    found = judge(checked, image, Clocked(checked, rate), DATA, warm=3, real=True)
    cycles = found.cost
    assert isinstance(cycles, Cycles)
    assert (cycles.first, cycles.warm, cycles.hz) == (1007, 1002, 80_000_000)
    assert found.latency is not None
    assert found.latency.spread == Spread(runs=5, least=1000, p50=1002, p95=1009, most=1009)
    assert cycles.is_clock_right == right
    assert cycles.milliseconds(80_000) == (1.0 if right else None)
    if rate is not None:
        assert cycles.drift == pytest.approx(rate - 1, abs=1e-3)


def test_a_clock_that_began_anew_is_compared_from_there(checked, image, monkeypatch: pytest.MonkeyPatch):
    """A device that was reset in the middle of a run is no device with a wrong clock."""
    monkeypatch.setattr(import_module("edgeq.judge.firmware"), "CLOCK_SPAN", 0.02)

    class StartsAnew(Clocked):
        started_at = 0.0

        def info(self) -> DeviceInfo:
            self.started_at = time.monotonic()
            self.quality = Quality(resyncs=self.quality.resyncs + 1)
            return super().info()

        def clock(self) -> tuple[int, float] | None:
            now = time.monotonic()
            return int((now - self.started_at) * 1e6), now

    cycles = judge(checked, image, StartsAnew(checked, 1.0), DATA, warm=3, real=True).cost
    assert isinstance(cycles, Cycles) and cycles.is_clock_right


def test_a_simulated_core_has_no_time(checked, image):
    """Cycles that a simulator makes up of instructions are not cycles."""
    assert judge(checked, image, Clocked(checked, 1.0), DATA, warm=3).cost is None
    counted = judge(checked, image, Device(checked), DATA, warm=3, real=True).cost
    assert isinstance(counted, Instructions)


def test_a_run_that_was_cut_short_goes_on(checked, image, tmp_path):
    """Those that are measured run again, and have to answer as before; of the others only what is missing."""
    path = tmp_path / "journal.jsonl"

    def gone(number: int, data: bytes) -> bytes:
        if number == 4:
            raise DeviceError("the port is gone")
        return data

    first = Journal(path)
    with pytest.raises(DeviceError):
        judge(checked, image, Device(checked, gone), DATA, warm=1, journal=first)
    first.close(is_whole=False)
    assert first.samples == 4
    device, second = Device(checked), Journal(path, resume=True)
    found = judge(checked, image, device, DATA, warm=1, journal=second)
    assert len(device.measured) == 2 + 2
    assert found.exactness.samples == 6 and found.exactness.exact == found.exactness.outputs
    assert found.line == Line(9, 1, 0, 0, 0, 0, 0.4, 4)
