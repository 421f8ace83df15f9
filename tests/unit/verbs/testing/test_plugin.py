"""The pytest plugin: which cells a test runs in, what a failure says, what is accepted and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edgeq.base.errors import DeviceBusy, DeviceError, ToolMissingError
from edgeq.judge.report import (
    Accuracy,
    Exactness,
    Findings,
    Flash,
    Instructions,
    Latency,
    Origin,
    Report,
    finding,
)
from edgeq.verbs.request import DeployRequest
from edgeq.verbs.runtimes import Outcome
from edgeq.verbs.testing import deploying

pytest_plugins = ("pytester",)

MODULE = "edgeq.verbs.testing.plugin"
INSTALLED = any(one.value == MODULE for one in entry_points(group="pytest11"))
PLUGIN = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *(() if INSTALLED else ("-p", MODULE)))

VERDICT = "def test_it(edgeq_deployed):\n    edgeq_deployed.check()\n"
Deploy = Callable[[DeployRequest], object]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with two files that are called models, and no settings of the developer's."""
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT", "EDGEQ_DEVICE", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    (pytester.path / ".git").mkdir()
    for name in ("a", "b"):
        (pytester.path / f"{name}.tflite").write_bytes(name.encode())
    pytester.makepyfile(VERDICT)
    return pytester


@pytest.fixture
def deploys(monkeypatch: pytest.MonkeyPatch) -> list[DeployRequest]:
    """What was deployed: everything passes."""
    calls: list[DeployRequest] = []

    def deploy(request: DeployRequest) -> Outcome:
        calls.append(request)
        return outcome(request)

    monkeypatch.setattr(deploying, "deploy", deploy)
    return calls


def outcome(request: DeployRequest, instructions: int = 1000, *findings: str) -> Outcome:
    model = request.model
    report = Report(
        model.stem if isinstance(model, Path) else "m", request.board.id, "aot",
        (
            Accuracy(None, None, 0.9), Exactness("oracle 1", 1, 1, 1, 0, 1),
            Latency(Instructions(1, instructions), None), Flash(1, 1, 2, None),
            Findings(tuple(finding("rule", "error", text, "mend it") for text in findings)),
            Origin("0", "m" * 64, None, "zig 1", "unicorn"),
        ),
    )  # fmt: skip
    return Outcome(report if request.comparison is None else request.comparison.judged(report))


def run(project: pytest.Pytester, *args: str) -> pytest.RunResult:
    return project.runpytest(*PLUGIN, *args)


def names(result: pytest.RunResult) -> list[str]:
    return [
        line.split("[")[1].split("]")[0] for line in result.outlines if "test_it[" in line and "::" in line
    ]


def test_the_matrix_is_of_all_that_is_named(project: pytest.Pytester, deploys: list[DeployRequest]) -> None:
    said = ["--edgeq-board=sim-m4", "--edgeq-board=host", "--edgeq-model=a.tflite", "--edgeq-model=b.tflite"]
    result = run(project, *said, "--edgeq-toolchain=gcc", "-v")
    result.assert_outcomes(passed=4)
    assert names(result) == ["a-sim-m4-gcc", "b-sim-m4-gcc", "a-host-gcc", "b-host-gcc"]
    told = [(Path(str(one.model)).name, one.board.id, one.toolchain) for one in deploys]
    assert told == [
        ("a.tflite", "sim-m4", "gcc"), ("b.tflite", "sim-m4", "gcc"),
        ("a.tflite", "host", "gcc"), ("b.tflite", "host", "gcc"),
    ]  # fmt: skip
    result.stdout.fnmatch_lines(["*= edgeq =*", "a-sim-m4-gcc: PASS, accuracy 0.9, *instructions 1,000*"])


def test_each_cell_is_deployed_once_whatever_asks_for_it(
    project: pytest.Pytester, deploys: list[DeployRequest]
) -> None:
    project.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.edgeq("a.tflite", boards=["sim-m4", "host"], min_accuracy="80%", limit=3)
        def test_it(edgeq_deployed): edgeq_deployed.check()
        def test_again(edgeq_deployed): assert edgeq_deployed.figures["instructions"] == 1000
        @pytest.mark.edgeq_only("hardware", "sim-m4", reason="its clock")
        def test_only(edgeq_deployed, edgeq_board): assert edgeq_board.id == "sim-m4"
        def test_board(edgeq_board): assert edgeq_board.id in ("sim-m4", "host")
        """
    )
    result = run(project, "-rs")
    result.assert_outcomes(passed=7, skipped=1)
    result.stdout.fnmatch_lines(["*not for host: only for hardware, sim-m4 (its clock)"])
    assert [(one.board.id, one.thresholds.min_accuracy, one.evaluation.limit) for one in deploys] == [
        ("sim-m4", 0.8, 3), ("host", 0.8, 3),
    ]  # fmt: skip


def test_what_is_typed_is_over_markers_over_the_ini_file_over_edgeq_toml(
    project: pytest.Pytester, deploys: list[DeployRequest]
) -> None:
    (project.path / "edgeq.toml").write_text('board = "sim-m0"\n[thresholds]\nmax_instructions = 5\n')
    project.makeini("[pytest]\nedgeq_models = a.tflite b.tflite\n")
    assert names(run(project, "-v")) == ["a-sim-m0", "b-sim-m0"]
    assert deploys[0].thresholds.max_instructions == 5
    project.makeini("[pytest]\nedgeq_models = a.tflite\nedgeq_boards = sim-m3\n")
    assert names(run(project, "-v")) == ["a-sim-m3"]
    project.makepyfile("import pytest\n@pytest.mark.edgeq('b.tflite', boards='host')\n" + VERDICT)
    assert names(run(project, "-v")) == ["b-host"]
    assert names(run(project, "-v", "--edgeq-board=sim-m4")) == ["b-sim-m4"]


def test_without_a_board_or_a_model_it_is_skipped_and_says_so(project: pytest.Pytester) -> None:
    result = run(project, "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no board: give --edgeq-board*"])
    result = run(project, "-rs", "--edgeq-board=host")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no model: give --edgeq-model*"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("'a.tflite', boards='sim-m44'", "*sim-m44*"),
        ("'a.tflite', boards='host', min_acuracy=1", "*no option 'min_acuracy'*\nhint: did you mean*"),
        ("'a.tflite', boards='host', min_accuracy=90", "*min_accuracy: 90 is not between 0 and 1*"),
        ("'nope.tflite', boards='host'", "*nope.tflite*"),
    ],
)  # fmt: skip
def test_mistakes_are_told_without_a_traceback(project: pytest.Pytester, marker: str, message: str) -> None:
    project.makepyfile(f"import pytest\n@pytest.mark.edgeq({marker})\n" + VERDICT)
    result = run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(message.split("\n"))
    assert "Traceback" not in result.stdout.str() and "deploying.py" not in result.stdout.str()


def test_a_verdict_that_fails_is_a_failure_with_every_reason(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploying, "deploy", lambda request: outcome(request, 1, "too slow", "too large"))
    result = run(project, "--edgeq-board=host", "--edgeq-model=a.tflite", "--edgeq-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*a-host: FAIL*", "*rule: too slow (mend it)*", "*rule: too large*"])
    assert not (project.path / "edgeq-baseline.json").exists()


def test_a_device_that_fails_is_an_error_with_the_end_of_its_log(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deploy(request: DeployRequest) -> Outcome:
        assert request.out is not None
        request.out.mkdir(parents=True)
        (request.out / "serial.log").write_bytes(b"boot\nhard fault pc=0x1234\x1b[2J\n")
        raise DeviceError("no m-name-dut after name%, 5 times 2 s", "press its reset button")

    monkeypatch.setattr(deploying, "deploy", deploy)
    project.makepyfile(f"import pytest\n@pytest.mark.edgeq_optional\n{VERDICT}")
    result = run(project, "--edgeq-board=host", "--edgeq-model=a.tflite", "--junitxml=j.xml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([
        "*a-host: no m-name-dut after name%, 5 times 2 s", "hint: press its reset button",
        "the end of *a-host/serial.log:", "*hard fault pc=0x1234*",
    ])  # fmt: skip
    root = ElementTree.parse(project.path / "j.xml").getroot()
    told = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert (told["edgeq.board"], told["edgeq.model"]) == ("host", "a.tflite")
    (error,) = root.iter("error")
    assert "hard fault pc=0x1234" in (error.text or "")


@pytest.mark.parametrize("error", [ToolMissingError("no qemu here"), DeviceError("no such board here")])
def test_what_is_not_there_is_an_error_unless_the_test_is_optional(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def deploy(_request: DeployRequest) -> Outcome:
        raise error

    monkeypatch.setattr(deploying, "deploy", deploy)
    args = ("--edgeq-board=host", "--edgeq-model=a.tflite", "-rs")
    run(project, *args).assert_outcomes(errors=1)
    project.makepyfile(f"import pytest\n@pytest.mark.edgeq_optional\n{VERDICT}")
    result = run(project, *args)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"SKIPPED*{error}"])


def test_an_error_within_a_test_keeps_its_traceback(
    project: pytest.Pytester, deploys: list[DeployRequest]
) -> None:
    project.makepyfile(
        """
        from edgeq.base.errors import DeviceError
        def test_it(edgeq_deployed):
            raise DeviceError("it fell silent", "plug it in")
        """
    )
    result = run(project, "--edgeq-board=host", "--edgeq-model=a.tflite")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*raise DeviceError*", "*- edgeq -*", "a-host: it fell silent", "hint: plug it in"]
    )


def test_figures_are_accepted_held_and_kept(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = {"host": 1000, "sim-m4": 2000}
    monkeypatch.setattr(deploying, "deploy", lambda request: outcome(request, takes[request.board.id]))
    both = ("--edgeq-board=host", "--edgeq-board=sim-m4", "--edgeq-model=a.tflite")
    run(project, *both).assert_outcomes(passed=2)
    path = project.path / "edgeq-baseline.json"
    assert not path.exists()
    result = run(project, *both, "--edgeq-update")
    result.stdout.fnmatch_lines(["the figures of 2 cells are accepted in *edgeq-baseline.json"])
    takes["sim-m4"] = 2100
    result = run(project, *both)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*instructions: 2,100, 5.00 % more than the 2,000 accepted; 1 % is tolerated*"]
    )
    result.stdout.fnmatch_lines(["a-sim-m4: FAIL*since the baseline: instructions +5.00 %"])
    run(project, *both, "--edgeq-tolerance=10%").assert_outcomes(passed=2)
    run(project, "--edgeq-board=sim-m4", "--edgeq-model=a.tflite", "--edgeq-update").assert_outcomes(passed=1)
    cells = json.loads(path.read_bytes())["cells"]
    assert {cell.split("/")[1]: entry["figures"]["instructions"] for cell, entry in cells.items()} == {
        "host@unicorn": 1000, "sim-m4@unicorn": 2100,
    }  # fmt: skip
    (project.path / "file").touch()
    result = run(project, *both, "--edgeq-update", "--edgeq-baseline=file/x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["error: nothing is accepted: cannot write *file/x*"])
    result = run(project, *both, "--edgeq-baseline=nowhere.json")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*there is no baseline *nowhere.json"])


MAP = """\
- {connected: true, id: 0001, platform: nucleo_l4r5zi, product: one, serial: null}
- {connected: true, id: B2, platform: nucleo_l4r5zi, product: two, serial: null}
- {connected: false, id: C3, platform: nrf52840dk, product: away, serial: null}
- {connected: true, platform: frdm_k64f/mk64f12, product: x, serial: /dev/ttyS9}
"""


def test_the_hardware_map_names_boards_and_any_free_device_of_a_board_will_do(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str | None] = []

    def deploy(request: DeployRequest) -> Outcome:
        assert request.place.hardware_map == project.path / "map.yml"
        tried.append(request.place.device or request.place.port)
        if request.place.device == "1":
            raise DeviceBusy("the device 1 is in use by another edgeq")
        return outcome(request)

    monkeypatch.setattr(deploying, "deploy", deploy)
    (project.path / "map.yml").write_text(MAP.replace("frdm_k64f/mk64f12", "rpi_pico2"))
    result = run(project, "-v", "--edgeq-hwmap=map.yml", "--edgeq-model=a.tflite")
    result.assert_outcomes(passed=2)
    assert names(result) == ["a-nucleo_l4r5zi", "a-rpi_pico2"]
    assert tried == ["1", "B2", "/dev/ttyS9"]
    (project.path / "map.yml").write_text(MAP.replace("frdm_k64f/mk64f12", "no_such_board"))
    result = run(project, "--edgeq-hwmap=map.yml", "--edgeq-model=a.tflite")
    result.stdout.fnmatch_lines(["*no_such_board connected, and there is no such board*"])


def test_a_device_is_waited_for(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    left = 2

    def deploy(request: DeployRequest) -> Outcome:
        nonlocal left
        left -= 1
        if left >= 0:
            raise DeviceBusy("the device 1 is in use by another edgeq (process 7)")
        return outcome(request)

    monkeypatch.setattr(deploying, "deploy", deploy)
    args = ("--edgeq-board=sim-m4", "--edgeq-model=a.tflite")
    run(project, *args).assert_outcomes(passed=1)
    left = 99
    result = run(project, *args, "--edgeq-wait=0")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*in use by another edgeq (process 7)*"])


FAKE = """
from edgeq.verbs.testing import deploying
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("real_tests", {path!r})
real = module_from_spec(spec); spec.loader.exec_module(real)
deploying.deploy = real.outcome
"""


@pytest.mark.slow
def test_workers_of_xdist_deploy_each_cell_once_and_hand_over_their_figures(
    project: pytest.Pytester,
) -> None:
    pytest.importorskip("xdist")
    project.makeconftest(FAKE.format(path=__file__))
    project.makepyfile(VERDICT + "def test_two(edgeq_deployed): edgeq_deployed.check()\n")
    boards = [f"--edgeq-board={name}" for name in ("host", "sim-m0", "sim-m3", "sim-m4")]
    result = project.runpytest_subprocess(
        *PLUGIN,
        *boards,
        "--edgeq-model=a.tflite",
        "--edgeq-update",
        "-n2",
        "--edgeq-out=kept",
        "--junitxml=j.xml",
    )
    result.assert_outcomes(passed=8)
    assert sum(": PASS, accuracy" in line for line in result.outlines) == 4
    result.stdout.fnmatch_lines(["the figures of 4 cells are accepted in *edgeq-baseline.json"])
    assert len(json.loads((project.path / "edgeq-baseline.json").read_bytes())["cells"]) == 4
    told = (project.path / "j.xml").read_text()
    assert told.count('name="edgeq.origin.model_sha256"') == 8


def test_every_option_and_marker_is_documented(project: pytest.Pytester, repository: Path) -> None:
    page = (repository / "docs" / "ci.md").read_text(encoding="utf-8")
    told = run(project, "--help").stdout.str()
    options = {word.split("=")[0] for word in told.split() if word.startswith("--edgeq-")}
    assert len(options) == 13
    assert {option for option in options if f"`{option}" not in page} == set()
    markers = run(project, "--markers").stdout.str()
    for name in ("edgeq", "edgeq_only", "edgeq_optional"):
        assert f"@pytest.mark.{name}" in markers and f"`{name}" in page


@pytest.fixture
def repository() -> Path:
    return Path(__file__).resolve().parents[4]


@pytest.mark.slow
def test_one_test_on_every_kind_of_place(project: pytest.Pytester, repository: Path) -> None:
    """The same test on a process, in the simulator and in QEMU, in parallel; outputs are the oracle's."""
    for package in ("ziglang", "unicorn", "xdist"):
        pytest.importorskip(package)
    digits = repository / "examples" / "digits"
    project.makepyfile(
        f"""
        import numpy as np, pytest
        from edgeq.interpreter import run
        pytestmark = [
            pytest.mark.edgeq("{digits}/digits_float.tflite", boards=["host", "sim-m4", "mps2_an386"],
                              calibration="{digits}/calibration.npz", data="{digits}/test.npz", limit=5),
            pytest.mark.edgeq_optional,
        ]
        def test_it(edgeq_deployed):
            edgeq_deployed.check()
        def test_open(edgeq_session, edgeq_deployed):
            model = (edgeq_deployed.folder / "model_int8.tflite").read_bytes()
            shape = edgeq_session.graph.input_tensors[0].shape[1:]
            q = np.random.default_rng(1).integers(-128, 128, (4, *shape))
            wanted = run(model, [q.astype(np.int8)])[0]
            for one, right in zip(q.astype(np.int8), wanted):
                assert np.array_equal(edgeq_session.infer(one)[0].ravel(), right.ravel())
            real, = edgeq_session.infer(q[0].astype(np.int8), real=True)
            assert real.dtype == np.float32
            with pytest.raises(Exception, match="no sample of"):
                edgeq_session.infer(q[0].ravel()[:3])
        """
    )
    done = project.runpytest_subprocess(*PLUGIN, "-n2", "-rs", "--edgeq-out=kept", "--edgeq-update")
    counted = done.parseoutcomes()
    assert counted.get("passed", 0) in (4, 6) and counted.get("passed", 0) + counted.get("skipped", 0) == 6
    accepted = json.loads((project.path / "edgeq-baseline.json").read_bytes())["cells"]
    assert len(accepted) * 2 == counted["passed"]
    again = project.runpytest_subprocess(*PLUGIN, "-k", "test_it and sim-m4")
    again.assert_outcomes(passed=1)
    again.stdout.fnmatch_lines(["*since the baseline: the same"])
