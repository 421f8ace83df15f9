"""What lacks is told before the first stage: no conversion, no build, no folder."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.backends.aot.operators import SUPPORT
from edgeq.base.errors import DataError, DeviceError, EdgeqError, ModelError, ToolMissingError, UsageError
from edgeq.base.folders import holding
from edgeq.boards import load_board
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model
from edgeq.judge.evaluation import EvaluationData
from edgeq.targets import Place
from edgeq.targets.coral import Destination
from edgeq.verbs import preflight
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.deploy import deploy
from edgeq.verbs.folders import SERIAL_LOG
from edgeq.verbs.request import DeployRequest, EdgeTpuChoice, RunRequest
from edgeq.verbs.run import run
from edgeq.verbs.runtimes import choose

RNG = np.random.default_rng(0)


def float_model(opcode: str = "RELU") -> bytes:
    """A dense layer and one more operator."""
    tensors = (
        Tensor("x", (1, 4), DType.FLOAT32),
        Tensor("w", (3, 4), DType.FLOAT32, data=RNG.normal(size=(3, 4)).astype(np.float32)),
        Tensor("h", (1, 3), DType.FLOAT32),
        Tensor("y", (1, 3), DType.FLOAT32),
    )
    operators = (
        Operator("FULLY_CONNECTED", (0, 1, -1), (2,), {"fused_activation_function": "NONE"}),
        Operator(opcode, (2,), (3,)),
    )
    return write_model(Graph("m", tensors, operators, (0,), (3,)))


def labelled(*labels: int) -> EvaluationData:
    x = RNG.normal(size=(len(labels), 4)).astype(np.float32)
    return EvaluationData(Dataset((x,), np.array(labels, np.int64), "labels"))


def request(tmp_path: Path, board: str = "sim-m4") -> DeployRequest:
    data = Dataset((RNG.normal(size=(20, 4)).astype(np.float32),), None, "normal")
    return DeployRequest(
        float_model(), load_board(board), tmp_path / "out", Calibration(data), labelled(0, 1, 2)
    )


class Stages:
    """A progress that keeps the stages' names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def stage(self, name: str, detail: str = "") -> None:
        self.names.append(name)

    def advance(self, done: int, total: int) -> None: ...

    def note(self, text: str) -> None: ...


def without_unicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)


def without_compilers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


def without_tflm_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeq.interpreter.tflm.importlib.util.find_spec", lambda name: None)
    tflm = choose(load_board("sim-m4"), ("tflm",))[0]
    monkeypatch.setattr(type(tflm), "checks", (preflight.oracle,))


def without_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeq.interpreter.adaptor._PACKAGES", ())


def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeq.data.images.importlib.util.find_spec", lambda name: None)


def without_mul(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {name: forms for name, forms in SUPPORT.items() if name != "MUL"}
    monkeypatch.setattr("edgeq.backends.aot.operators.SUPPORT", others)


def without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFLM_DIR", raising=False)


def nothing(monkeypatch: pytest.MonkeyPatch) -> None: ...


Change = Callable[[DeployRequest, Path], DeployRequest]
CASES: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Change, type[EdgeqError], str]] = {
    "no simulator": (without_unicorn, lambda r, _: r, ToolMissingError, "unicorn is not installed"),
    "no gcc": (without_compilers, lambda r, _: replace(r, toolchain="gcc"), ToolMissingError, "no compiler"),
    "no TFLM": (
        without_library, lambda r, _: replace(r, runtimes=("tflm",)), UsageError, "nothing says where",
    ),
    "no TFLM wheel": (
        without_tflm_wheel, lambda r, _: replace(r, runtimes=("tflm",)), ToolMissingError, "not installed",
    ),
    "dead port": (
        nothing, lambda r, _: replace(r, place=Place(port="/dev/ttyNOPE")), DeviceError, "/dev/ttyNOPE",
    ),
    "dead socket": (
        nothing, lambda r, _: replace(r, place=Place(port="socket://127.0.0.1:1")), DeviceError, "127.0.0.1",
    ),
    "no board": (
        nothing, lambda r, _: replace(r, board=load_board("nucleo_f446re")), DeviceError, "",
    ),
    "label too large": (nothing, lambda r, _: replace(r, evaluation=labelled(0, 3)), DataError, "label 3"),
    "label below 0": (nothing, lambda r, _: replace(r, evaluation=labelled(-1, 2)), DataError, "label -1"),
    "no calibration data": (
        nothing, lambda r, _: replace(r, calibration=Calibration("gone.npz")), DataError, "gone.npz",
    ),
    "no test data": (
        nothing, lambda r, _: replace(r, evaluation=EvaluationData("gone.npy")), DataError, "gone.npy",
    ),
    "data of no kind": (
        nothing,
        lambda r, tmp: replace(r, evaluation=EvaluationData(str(tmp / "file"))),
        DataError,
        "not a kind of data",
    ),
    "images without Pillow": (
        without_pillow,
        lambda r, tmp: replace(r, evaluation=EvaluationData(str(tmp))),
        ToolMissingError,
        "Pillow",
    ),
    "no Edge TPU's host": (
        nothing,
        lambda r, _: replace(
            r, board=load_board("coral"), edgetpu=EdgeTpuChoice(Destination("nobody@127.0.0.1:9"))
        ),
        DeviceError,
        "127.0.0.1",
    ),
    "folder in a file": (
        nothing, lambda r, tmp: replace(r, out=tmp / "file" / "out"), UsageError, "takes no files",
    ),
    "rewrite that aot lacks": (
        without_mul,
        lambda r, _: replace(r, model=float_model("SQUARE")),
        ModelError,
        "operator 1 (SQUARE) would be rewritten as MUL, and the aot runtime has no MUL",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_told_before_the_first_stage(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lack, change, error, told = CASES[case]
    (tmp_path / "file").write_bytes(b"")
    given = change(request(tmp_path), tmp_path)
    lack(monkeypatch)
    stages = Stages()
    with pytest.raises(error) as caught:
        deploy(given, stages)
    assert told in caught.value.message
    assert set(stages.names) <= {"read"}, "nothing was done before"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("runtime", ["aot", "tflm"])
def test_scores_that_no_oracle_judges_are_told_before_the_build(runtime: str) -> None:
    quant, result = QuantParams.per_tensor(0.1, 0), QuantParams.per_tensor(1 / 256, -128)
    tensors = (Tensor("x", (1, 600), DType.INT8, quant), Tensor("p", (1, 600), DType.INT8, result))
    graph = Graph("m", tensors, (Operator("SOFTMAX", (0,), (1,), {"beta": 1.0}, 2),), (0,), (1,))
    runtimes = choose(load_board("sim-m4"), (runtime,))
    model = write_model(graph)
    for values, judged in ((RNG.normal(0, 4, (5, 600)), True), (np.zeros((5, 600)), False)):
        data = Dataset((values.astype(np.float32),), None, "scores")
        if judged:
            preflight.refuse_unjudged(runtimes, model, graph, data)
        else:
            with pytest.raises(ModelError, match=r"operator 0 \(SOFTMAX\): the exponentials"):
                preflight.refuse_unjudged(runtimes, model, graph, data)


def test_nothing_is_refused_where_all_is_there(tmp_path: Path) -> None:
    given = request(tmp_path)
    preflight.preflight(given, choose(given.board, ()))


def test_every_runtime_in_firmware_has_its_checks() -> None:
    for names, least in ((("aot",), 3), (("tflm",), 4)):
        for runtime in choose(load_board("sim-m4"), names):
            assert len(runtime.checks) >= least
            assert preflight.oracle in runtime.checks
            assert preflight.place in runtime.checks


@pytest.mark.parametrize("opcode", ["SQUARE", "NEG"])
def test_a_rewrite_that_the_runtime_has_is_taken(opcode: str, tmp_path: Path) -> None:
    given = request(tmp_path)
    given = replace(given, calibration=replace(given.calibration, rewrite=True))
    model = float_model(opcode)
    preflight.refuse_unfit(given, choose(given.board, ()), model, read_model(model))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for a simulated board, built."""
    quant = QuantParams.per_tensor(0.1, 0)
    tensors = (Tensor("x", (1, 4), DType.INT8, quant), Tensor("y", (1, 4), DType.INT8, quant))
    model = write_model(Graph("m", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,)))
    made = edgeq.generate(model, board="sim-m4", out=tmp_path_factory.mktemp("built") / "p")
    edgeq.build(made.folder)
    return made.folder


RunChange = Callable[[RunRequest], RunRequest]
RUNS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], RunChange, type[EdgeqError], str]] = {
    "no simulator": (without_unicorn, lambda r: r, ToolMissingError, "unicorn is not installed"),
    "no oracle": (without_oracle, lambda r: r, ToolMissingError, "interpreter"),
    "dead port": (
        nothing, lambda r: replace(r, place=Place(port="/dev/ttyNOPE")), DeviceError, "/dev/ttyNOPE",
    ),
    "no data": (
        nothing, lambda r: replace(r, evaluation=EvaluationData("gone.npz")), DataError, "gone.npz",
    ),
    "label too large": (
        nothing,
        lambda r: replace(
            r, evaluation=EvaluationData(Dataset((np.zeros((2, 4), np.int8),), np.array([0, 4]), "l"))
        ),
        DataError,
        "label 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RUNS)
def test_run_tells_it_before_it_reads_samples(
    case: str, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lack, change, error, told = RUNS[case]
    given = change(RunRequest(built, evaluation=EvaluationData(f"{__name__}:never_asked")))
    lack(monkeypatch)
    stages = Stages()
    with pytest.raises(error) as caught:
        run(given, stages)
    assert told in caught.value.message
    assert set(stages.names) <= {"check"}
    assert not (built / "serial.log").exists()


def never_asked() -> None:
    raise AssertionError("samples were asked for although nothing could run")


def test_a_second_run_of_a_project_is_refused(built: Path) -> None:
    """Both would write one log."""
    held, done = threading.Event(), threading.Event()

    def first() -> None:
        with holding(built / SERIAL_LOG):
            held.set()
            done.wait(60)

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert held.wait(10)
        with pytest.raises(UsageError, match=r"serial\.log is in use by another edgeq") as caught:
            run(RunRequest(built))
        assert "a copy of the folder" in caught.value.hint
    finally:
        done.set()
        thread.join()
    assert run(RunRequest(built)).verdict == "pass"
