"""The scaffold, built against a stand-in for TFLM and run: start, constructors, arena, link, messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scaffold import ARENA, checked, delay, identity, project

from edgeq.backends.project.project import Project
from edgeq.backends.tflm.arena import Arena
from edgeq.base.errors import BuildError, DeviceError, ToolMissingError, UsageError
from edgeq.base.progress import SILENT
from edgeq.builder import Image, build
from edgeq.interpreter import run
from edgeq.targets import Place, open_target
from edgeq.targets.link import Client
from edgeq.verbs.request import DeployRequest, GenerateRequest, RunRequest, TflmChoice
from edgeq.verbs.runtimes.tflm import Tflm

ENOUGH = replace(ARENA, bytes=1024)
INPUT = bytes(range(8))


@pytest.fixture(params=["host", "sim-m4"])
def board(request: pytest.FixtureRequest, tree: Path) -> str:
    """A board, and the stand-in's library for it in the tree."""
    name = str(request.param)
    library: bytes = request.getfixturevalue("host_library" if name == "host" else "m4_library")
    (tree / "lib").mkdir()
    (tree / "lib" / "libtensorflow-microlite.a").write_bytes(library)
    return name


def built(made: Project, tree: Path, folder: Path) -> Image:
    made.write(folder)
    return build(folder, tflm_dir=tree, warnings_are_errors=True)


def test_an_inference(board: str, tree: Path, tmp_path: Path) -> None:
    image = built(project(identity(), board, ENOUGH), tree, tmp_path / "p")
    assert image.sizes.arena == 1024
    assert image.toolchain.startswith("gcc")
    with open_target(image) as target:
        target.flash(image)
        with Client(target.open()) as client:
            info = client.handshake(image.model_sha256, image.build_hash)
            assert (info.runtime, info.arena) == ("tflm", 1024)
            for data in (INPUT, INPUT[::-1]):
                assert client.infer([data]).outputs == [data]


def test_a_state_begins_anew(board: str, tree: Path, tmp_path: Path) -> None:
    """As often as the host asks for it; and the interpreter is the oracle's own over the same sequences."""
    image = built(project(delay(), board, ENOUGH), tree, tmp_path / "p")
    random = np.random.default_rng(3)
    x, begins = random.integers(-128, 128, (9, 8)).astype(np.int8), np.arange(9) % 4 == 0
    (expected,) = run(checked(delay()).model, [x], begins=begins, resolver="tflm")
    with open_target(image) as target:
        target.flash(image)
        with Client(target.open()) as client:
            assert client.handshake(image.model_sha256, image.build_hash).state == 8
            for sample, begin, wanted in zip(x, begins, expected, strict=True):
                assert client.infer([sample.tobytes()], begin=bool(begin)).outputs == [wanted.tobytes()]


def test_too_small_an_arena_is_told_and_nothing_runs(board: str, tree: Path, tmp_path: Path) -> None:
    image = built(project(identity(), board, replace(ARENA, bytes=192)), tree, tmp_path / "p")
    with open_target(image) as target:
        target.flash(image)
        stream = target.open()
        said = b""
        for _ in range(50):
            said += stream.read(4096, 0.2)
            if b"m-ready" in said:
                break
        assert b"e-[the stand-in's arena is too small]" in said
        assert b"e-[TFLM could not allocate its tensors: the arena is too small]" in said
        assert b"e-[the runtime did not start]" in said
        with pytest.raises(DeviceError), Client(stream, retries=1) as client:
            client.infer([INPUT])


@pytest.mark.sample(1)
def test_the_arena_is_measured_with_the_library(board: str, tree: Path) -> None:
    pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")
    from edgeq.boards import load_board

    request = GenerateRequest(b"", load_board(board), tflm=TflmChoice(tree))
    made = Tflm().project(checked(identity()), request, None, SILENT)
    assert made.manifest["tflm"]["arena"] == {
        "bytes": 224,
        "smallest": 208,
        "measured_on": board,
        "kernels": "reference",
    }


@pytest.mark.sample(1)
def test_the_build_hash_knows_the_library(board: str, tree: Path, tmp_path: Path) -> None:
    first = built(project(identity(), board, ENOUGH), tree, tmp_path / "a")
    library = tree / "lib" / "libtensorflow-microlite.a"
    library.write_bytes(library.read_bytes() + b"")
    again = built(project(identity(), board, ENOUGH), tree, tmp_path / "b")
    assert again.build_hash == first.build_hash
    data = library.read_bytes()
    library.write_bytes(data.replace(b"the stand-in's [arena]", b"the stand-in's (arena)"))
    other = built(project(identity(), board, ENOUGH), tree, tmp_path / "c")
    assert other.build_hash != first.build_hash


def test_a_project_without_tflm_is_told_how_to_get_it(tmp_path: Path) -> None:
    project(identity()).write(tmp_path / "p")
    with pytest.raises(UsageError, match="nothing says where it is") as caught:
        build(tmp_path / "p")
    assert "make -f tensorflow/lite/micro/tools/make/Makefile" in caught.value.hint
    assert "TFLM_DIR" in caught.value.hint


def test_zig_is_refused_with_its_reason(board: str, tree: Path, tmp_path: Path) -> None:
    project(identity(), board).write(tmp_path / "p")
    with pytest.raises(UsageError, match=r"zig has no C\+\+"):
        build(tmp_path / "p", toolchain="zig", tflm_dir=tree)


def test_a_missing_compiler(board: str, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(identity(), board).write(tmp_path / "p")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match=r"g\+\+ is not installed") as caught:
        build(tmp_path / "p", tflm_dir=tree)
    assert "apt install" in caught.value.hint


def test_a_library_of_another_core_never_reaches_the_linker(board: str, tree: Path, tmp_path: Path) -> None:
    other = "sim-m0" if board == "host" else "host"
    project(identity(), other).write(tmp_path / "p")
    with pytest.raises(BuildError, match="no TFLM library fits"):
        build(tmp_path / "p", tflm_dir=tree)
    assert not (tmp_path / "p" / "build").exists()


@pytest.mark.sample(1)
def test_the_whole_road_and_a_comparison(board: str, tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")
    from edgeq.boards import load_board
    from edgeq.judge.evaluation import EvaluationData
    from edgeq.judge.report import Thresholds
    from edgeq.verbs.deploy import deploy
    from edgeq.verbs.run import run
    from edgeq.verbs.side_by_side import SideBySide

    request = DeployRequest(
        model=checked(identity()).model,
        board=load_board(board),
        out=tmp_path / "out",
        evaluation=EvaluationData(samples=5),
        thresholds=Thresholds(require_exact=True),
        runtimes=("aot", "tflm"),
        tflm=TflmChoice(tree),
    )
    found = deploy(request)
    assert isinstance(found, SideBySide)
    assert found.verdict == "pass"
    assert [report.runtime for report in found.reports] == ["aot", "tflm"]
    oracles = [report.exactness.oracle for report in found.reports]
    assert "BUILTIN_REF" in oracles[0]
    assert oracles[1].startswith("tflite-micro ")
    assert all(report.exactness.exact == 40 for report in found.reports)
    assert (tmp_path / "out" / "comparison.json").is_file()
    assert (tmp_path / "out" / "tflm" / "report.json").is_file()
    again = run(RunRequest(tmp_path / "out" / "tflm", evaluation=EvaluationData(samples=3))).report
    assert again.runtime == "tflm"
    assert again.exactness.oracle == oracles[1]
    with pytest.raises(UsageError, match="runs one firmware"):
        deploy(replace(request, out=tmp_path / "other", place=Place(port="loop://")))


def test_what_the_console_gets_of_an_inference_is_no_message(board: str, tree: Path, tmp_path: Path) -> None:
    image = built(project(identity(), board, ENOUGH), tree, tmp_path / "p")
    with open_target(image) as target:
        target.flash(image)
        with Client(target.open()) as client:
            first = [np.frombuffer(client.infer([INPUT]).outputs[0], np.int8).tolist() for _ in range(3)]
            assert first == [list(INPUT)] * 3
            assert client.recoveries == 0


def test_arena_of_a_measurement_is_within_a_percent_from_1600_bytes_on() -> None:
    from edgeq.backends.tflm.arena import measured

    for smallest in (1600, 3024, 22832, 100720):
        arena: Arena = measured(smallest, "sim-m4", "reference")
        assert arena.bytes <= smallest * 1.01
