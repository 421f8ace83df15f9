"""A runtime is a class: one that is registered goes the one road, and nobody else knows of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

import edgeq
from edgeq.base.errors import BuildError, UsageError
from edgeq.base.progress import Progress
from edgeq.boards import Board, load_board
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model
from edgeq.interpreter import oracle_name
from edgeq.judge import Judgement
from edgeq.judge.report import Accuracy, Exactness, Findings, Report, finding
from edgeq.verbs import runtimes
from edgeq.verbs.deploy import deploy
from edgeq.verbs.manifests import manifest_bytes
from edgeq.verbs.request import DeployRequest, RunRequest
from edgeq.verbs.run import run
from edgeq.verbs.runtimes import Accepted, Artefacts, Outcome, Runnable, Runtime
from edgeq.verbs.side_by_side import SideBySide

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.checker import Finding
    from edgeq.judge.float_model import FloatAnswers
    from edgeq.verbs.calibration import Quantized
    from edgeq.verbs.request import GenerateRequest


def model() -> bytes:
    quant = QuantParams.per_tensor(0.5, 0)
    tensors = (Tensor("x", (1, 3), DType.INT8, quant), Tensor("y", (1, 3), DType.INT8, quant))
    return write_model(Graph("m", tensors, (Operator("QUANTIZE", (0,), (1,)),), (0,), (1,)))


class Paper(Runtime):
    """Computes nothing: it says that every answer is right, and keeps what it was asked in ``heard``."""

    name: ClassVar[str] = "paper"
    own_options: ClassVar[tuple[str, ...]] = ("ink", "runtime")
    own_options_told: ClassVar[str] = "is for paper, and {board} is none"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.breaks = ""

    def serves(self, board: Board) -> bool:
        return board.id == "host"

    def refuse(self, request: DeployRequest) -> None:
        self.step("refuse")

    def check(self, request: DeployRequest, quantized: Quantized, progress: Progress) -> Accepted:
        self.step("check")
        return Sheet(self, quantized.graph)

    def open(self, request: RunRequest, progress: Progress) -> Runnable:
        self.step("open")
        return Sheet(self, read_model((request.path / "sheet.txt").read_bytes()))

    def generate(self, request: GenerateRequest, progress: Progress) -> Project:
        raise UsageError("paper has no projects")

    def step(self, name: str) -> None:
        self.heard.append(name)
        if self.breaks == name:
            raise BuildError(f"the paper tears at {name}", "take another sheet")


class Sheet(Accepted, Artefacts, Runnable):
    def __init__(self, paper: Paper, graph: Graph) -> None:
        self.paper, self._graph = paper, graph

    @property
    def graph(self) -> Graph:
        return self._graph

    def look(self) -> None:
        self.paper.step("look")

    def make(self, progress: Progress) -> Artefacts:
        self.paper.step("make")
        return self

    def write(self, folder: Path) -> None:
        self.paper.step("write")
        assert (folder / "model_int8.tflite").is_file()
        (folder / "sheet.txt").write_bytes(model())
        (folder / "project").mkdir()
        (folder / "project" / "edgeq.json").write_bytes(manifest_bytes("generate", runtime="paper"))

    def build(self, out: Path, progress: Progress) -> Runnable:
        self.paper.step("build")
        assert (out / "sheet.txt").is_file()
        return self

    def judge(
        self,
        data: Dataset,
        *,
        floats: FloatAnswers | None = None,
        findings: tuple[Finding, ...] = (),
        progress: Progress,
    ) -> Outcome:
        self.paper.step("judge")
        n = len(data)
        judgement = Judgement(Accuracy(None, None, None), Exactness(oracle_name(), n, 3 * n, 3 * n, 0, n))
        told = Findings((*findings, finding("paper", "info", "said on paper only", "")))
        report = Report("m", "host", self.paper.name, (*judgement.sections, told))
        return Outcome(report)


@pytest.fixture
def paper() -> Iterator[Paper]:
    made = Paper()
    runtimes.register(made)
    yield made
    runtimes.unregister(made)


def request(out: Path, *names: str) -> DeployRequest:
    return DeployRequest(model(), load_board("host"), out, runtimes=names)


def test_a_fourth_runtime_goes_the_same_road(paper: Paper, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = deploy(request(out, "paper"))
    assert isinstance(found, Outcome)
    assert paper.heard == ["refuse", "check", "make", "write", "build", "judge"]
    assert found.report.exactness.samples == 20
    assert {path.name for path in out.iterdir()} == {
        "edgeq.json", "model_int8.tflite", "project", "sheet.txt", "report.json", "report.html",
    }  # fmt: skip
    assert json.loads((out / "report.json").read_text()) == found.report.to_json()
    manifest = json.loads((out / "edgeq.json").read_text())
    assert (manifest["stage"], manifest["board"], manifest["schema_version"]) == ("deploy", "host", 1)
    assert found.report.artefacts == {
        "report": str(out / "report.json"),
        "page": str(out / "report.html"),
    }


def test_it_is_named_where_runtimes_are_named(paper: Paper, tmp_path: Path) -> None:
    assert runtimes.names() == ("aot", "tflm", "paper")
    assert runtimes.parse_runtimes("aot, paper") == ("aot", "paper")
    with pytest.raises(UsageError, match="no runtime 'pen'") as caught:
        runtimes.parse_runtimes("pen")
    assert "paper" in caught.value.hint
    report = edgeq.deploy(model(), board="host", runtime="paper", out=tmp_path / "out", samples=2)
    assert isinstance(report, Report) and report.runtime == "paper"
    with pytest.raises(ValueError, match="already"):
        runtimes.register(Paper())


def test_several_are_a_loop(paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Paper()
    monkeypatch.setattr(Paper, "name", "paper")
    other.name = "card"  # type: ignore[misc]
    runtimes.register(other)
    try:
        found = deploy(request(tmp_path / "out", "card", "paper"))
    finally:
        runtimes.unregister(other)
    assert isinstance(found, SideBySide)
    assert [report.runtime for report in found.reports] == ["card", "paper"]
    kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert kept == found.to_json()
    assert list(kept["runtimes"]) == ["card", "paper"]
    assert json.loads((tmp_path / "out" / "edgeq.json").read_text())["runtimes"] == ["card", "paper"]
    assert (tmp_path / "out" / "card" / "report.json").is_file()


@pytest.mark.parametrize("step", ["refuse", "check", "make", "write"])
def test_before_the_folder_is_whole_nothing_is_left(paper: Paper, tmp_path: Path, step: str) -> None:
    paper.breaks = step
    with pytest.raises(BuildError, match="tears") as caught:
        deploy(request(tmp_path / "out", "paper"))
    assert "kept" not in caught.value.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("step", ["build", "judge"])
def test_what_was_made_before_is_kept(paper: Paper, tmp_path: Path, step: str) -> None:
    paper.breaks = step
    with pytest.raises(BuildError, match="tears") as caught:
        deploy(request(tmp_path / "out", "paper"))
    assert f"kept in {tmp_path / 'out'}" in caught.value.hint
    assert (tmp_path / "out" / "sheet.txt").is_file()
    assert not (tmp_path / "out" / "report.json").exists()


def test_options_of_one_are_refused_by_the_others(paper: Paper) -> None:
    aot = runtimes.runtimes()[0]
    with pytest.raises(UsageError, match="--ink is for paper, and sim-m4 is none"):
        runtimes.refuse_foreign_options(aot, {"ink"}, "sim-m4")
    runtimes.refuse_foreign_options(paper, {"ink"}, "host")
    with pytest.raises(UsageError, match="--no-flash is for boards with firmware"):
        runtimes.refuse_foreign_options(paper, {"no_flash"}, "host")


def test_a_board_has_its_usual_runtime(paper: Paper) -> None:
    def chosen(board: str, *wanted: str) -> list[str]:
        return [runtime.name for runtime in runtimes.choose(load_board(board), wanted)]

    assert chosen("host") == chosen("sim-m4") == ["aot"]
    assert chosen("host", "paper", "aot") == ["paper", "aot"]
    assert chosen("sim-m4", "paper") == ["aot"], "which does not serve that board"
    assert chosen("coral") == chosen("coral", "tflm") == ["edgetpu"]
    assert chosen("coral-micro") == ["sdk"]


def test_every_board_of_the_catalogue_has_a_runtime() -> None:
    for board in edgeq.list_boards():
        assert runtimes.choose(board)


def test_run_opens_what_was_built(paper: Paper, tmp_path: Path) -> None:
    deploy(request(tmp_path / "out", "paper"))
    paper.heard.clear()
    outcome = run(RunRequest(tmp_path / "out", load_board("host")))
    assert outcome.verdict == "pass"
    assert run(RunRequest(tmp_path / "out")).report.to_json() == outcome.report.to_json()
    assert paper.heard == ["open", "look", "judge"] * 2
