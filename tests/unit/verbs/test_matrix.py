"""Models times boards times runtimes times compilers: which cells, what becomes of them, what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from edgeq.base.errors import BoardError, DeviceError, UsageError
from edgeq.base.progress import Progress
from edgeq.judge.report import Accuracy, Exactness, Instructions, Latency, Origin, Report
from edgeq.verbs import matrix
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.matrix import Axes, Cell, cells_of, judge_cells
from edgeq.verbs.request import BaselineFile, DeployRequest
from edgeq.verbs.runtimes import Outcome
from edgeq.verbs.settings import Settings


def cells(axes: Axes, **more: Any) -> tuple[Cell, ...]:
    settings = more.pop("settings", Settings())
    return cells_of(axes, settings, Calibration(), **more)


def test_every_combination_is_a_cell_with_a_name_and_a_folder() -> None:
    axes = Axes((Path("a.tflite"), Path("b.h5")), ("sim-m4", "host"), ("aot", "tflm"), ("zig", "gcc"))
    found = cells(axes, settings=Settings(out=Path("o")))
    assert len(found) == 16
    assert found[0].name == "a-sim-m4-aot-zig"
    assert found[-1].name == "b-host-tflm-gcc"
    last = found[-1].request
    assert (last.out, last.board.id, last.runtimes, last.toolchain) == (
        Path("o/b-host-tflm-gcc"), "host", ("tflm",), "gcc",
    )  # fmt: skip


def test_one_cell_has_the_folder_that_is_asked_for() -> None:
    (one,) = cells(Axes((Path("a.tflite"),), ("host",)), settings=Settings(out=Path("o"), toolchain="gcc"))
    assert (one.name, one.request.out, one.request.toolchain) == ("a-host", Path("o"), "gcc")
    assert cells(Axes((Path("a.tflite"),), ("host",)))[0].request.out is None


def test_remote_hosts_are_cells_of_their_own() -> None:
    found = cells(Axes((Path("a.tflite"),), ("coral@pi@one", "coral@pi@two:22", "coral")))
    assert [one.name for one in found] == ["a-coral-pi-one", "a-coral-pi-two-22", "a-coral"]
    assert [one.request.edgetpu.destination.address for one in found] == ["pi@one", "pi@two:22", ""]


def test_an_option_for_one_of_the_boards_is_none_too_many() -> None:
    axes = Axes((Path("a.tflite"),), ("coral", "sim-m4"))
    found = cells(axes, given=frozenset({"toolchain", "cpu", "data"}))
    assert [one.request.given for one in found] == [{"cpu", "data"}, {"toolchain", "data"}]
    (one,) = cells(Axes((Path("a.tflite"),), ("coral",)), given=frozenset({"toolchain"}))
    assert one.request.given == {"toolchain"}, "and is refused by deploy"


@pytest.mark.parametrize(
    "axes",
    [
        Axes((Path("x/a.tflite"), Path("y/a.tflite")), ("host",)),
        Axes((Path("a.tflite"),), ("host", "host")),
    ],
)
def test_two_cells_of_one_name_are_refused(axes: Axes) -> None:
    with pytest.raises(UsageError, match="both called a-host"):
        cells(axes)


def test_an_unknown_board_is_told_before_anything_is_done() -> None:
    with pytest.raises(BoardError, match="sim-m44"):
        cells(Axes((Path("a.tflite"),), ("host", "sim-m44")))


def outcome(request: DeployRequest, instructions: int = 1000) -> Outcome:
    report = Report(
        "net", request.board.id, "aot",
        (
            Accuracy(None, None, 0.9), Exactness("oracle", 1, 1, 1, 0, 1),
            Latency(Instructions(1, instructions), None), Origin("0", "m", None, "zig 1", "unicorn"),
        ),
    )  # fmt: skip
    return Outcome(report if request.comparison is None else request.comparison.judged(report))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, int | Exception]:
    """By board, what ``deploy`` finds: instructions, or an error."""
    said: dict[str, int | Exception] = {}

    def deploy(request: DeployRequest, _progress: Progress) -> Outcome:
        found = said.get(request.board.id, 1000)
        if isinstance(found, Exception):
            raise found
        return outcome(request, found)

    monkeypatch.setattr(matrix, "deploy", deploy)
    return said


TWO = Axes((Path("a.tflite"),), ("sim-m4", "sim-m0"))


def test_a_cell_that_fails_keeps_none_of_the_others(told: dict[str, int | Exception], tmp_path: Path) -> None:
    log = tmp_path / "a-sim-m4" / "serial.log"
    log.parent.mkdir()
    log.write_bytes(b"".join(b"line %d\n" % i for i in range(50)) + b"m-ready \x1b[31m\xff\n")
    told["sim-m4"] = DeviceError("no m-name-dut after name%, 5 times 2 s", "press its reset button")
    found = judge_cells(cells(TWO, settings=Settings(out=tmp_path)), junit=tmp_path / "j.xml")
    assert [cell.outcome for cell in found.cells] == ["error", "pass"]
    assert (found.exit_code, found.verdict) == (5, "fail")
    assert found.to_json()["cells"][0]["error"]["exit_code"] == 5  # type: ignore[index]
    (error,) = ElementTree.parse(tmp_path / "j.xml").getroot().iter("error")
    assert error.get("message") == "no m-name-dut after name%, 5 times 2 s"
    text = error.text or ""
    for part in ("hint: press its reset button", f"the end of {log}:", "line 49", "m-ready \ufffd[31m\ufffd"):
        assert part in text
    assert "line 20" not in text


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(143)])
def test_a_run_that_is_cut_short_leaves_what_ran_and_what_did_not(
    end: BaseException, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However it ends, kill -9 included: the file is there before a cell begins."""
    path = tmp_path / "j.xml"
    path.write_text("an earlier run's")

    def deploy(request: DeployRequest, progress: Progress) -> Outcome:
        if str(request.out).endswith("b-host"):
            raise end
        return outcome(request)

    monkeypatch.setattr(matrix, "deploy", deploy)
    axes = Axes((Path("a.tflite"), Path("b.tflite"), Path("c.tflite"), Path("d.tflite")), ("host",))
    with pytest.raises(type(end)):
        judge_cells(cells(axes, settings=Settings(out=tmp_path)), junit=path)
    root = ElementTree.parse(path).getroot()
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "0", "errors": "1", "skipped": "2"}
    said = {
        case.get("name"): [(one.tag, one.get("message")) for one in case] for case in root.iter("testcase")
    }
    assert said["a-host"] == [("properties", None)]
    assert said["b-host"] == [("error", "the run was cut short while this cell ran")]
    assert said["c-host"] == said["d-host"] == [("skipped", "the run was cut short before this cell")]


def test_the_baseline_is_written_read_and_kept(told: dict[str, int | Exception], tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    with pytest.raises(UsageError, match="there is no baseline"):
        judge_cells(cells(TWO), BaselineFile(path, 0.01))
    assert judge_cells(cells(TWO), BaselineFile(path, 0.01, update=True)).exit_code == 0
    first = path.read_bytes()
    assert judge_cells(cells(TWO), BaselineFile(path, 0.01)).exit_code == 0
    told["sim-m0"] = 1020
    worse = judge_cells(cells(TWO), BaselineFile(path, 0.01), junit=tmp_path / "j.xml")
    assert [cell.outcome for cell in worse.cells] == ["pass", "fail"]
    assert worse.exit_code == 1
    (failure,) = ElementTree.parse(tmp_path / "j.xml").getroot().iter("failure")
    assert "1,020, 2.00 % more than the 1,000" in (failure.get("message") or "")
    assert judge_cells(cells(TWO), BaselineFile(path, 0.02)).exit_code == 0
    assert path.read_bytes() == first
    told["sim-m4"] = DeviceError("gone")
    judge_cells(cells(TWO), BaselineFile(path, 0.01, update=True))
    kept = json.loads(path.read_bytes())["cells"]
    assert kept["net/sim-m4@unicorn/aot/zig"]["figures"]["instructions"] == 1000
    assert kept["net/sim-m0@unicorn/aot/zig"]["figures"]["instructions"] == 1020


def test_one_cell_gives_its_outcome_or_raises_its_error(told: dict[str, int | Exception]) -> None:
    one = cells(Axes((Path("a.tflite"),), ("sim-m4",)))
    assert isinstance(judge_cells(one).only(), Outcome)
    told["sim-m4"] = DeviceError("gone")
    with pytest.raises(DeviceError, match="gone"):
        judge_cells(one).only()
    assert replace(one[0], name="x").name == "x"
