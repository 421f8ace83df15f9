"""The Python API: each function gives what the command of its name gives, and mistakes are EdgeqErrors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

import edgeq as api
from edgeq.base.errors import BoardError, DataError, EdgeqError, ModelError, UsageError
from tests.unit.judge.page.reports import classifier

from .conftest import Edgeq
from .models import float_dense, int8_dense, samples

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")


@pytest.fixture
def files(folder: Path) -> Path:
    """The working folder with models, calibration data and labelled test data."""
    (folder / "m.tflite").write_bytes(float_dense())
    (folder / "q.tflite").write_bytes(int8_dense())
    x, y = samples()
    np.savez(folder / "cal.npz", x=x)
    np.savez(folder / "test.npz", x=x, y=y)
    return folder


def as_json(value: object) -> Any:
    """What a value is when it was printed and read."""
    return json.loads(json.dumps(value))


def same(said: dict[str, Any], value: dict[str, Any]) -> None:
    """The command's JSON and the function's are one, but for what the command line adds, and for times."""
    told, given = as_json(said), as_json(value)
    for one in (told, given):
        one.pop("schema_version", None)
    if "origin" in given:  # a report
        assert told["origin"].pop("command").startswith("edgeq ")
        assert given["origin"].pop("command") is None
        trips = [one["link"].pop("round_trip_ms") for one in (told, given)]
        assert all(trip > 0 for trip in trips)
    assert told == given


def test_deploy_and_run(edgeq: Edgeq, files: Path) -> None:
    said = edgeq(
        "deploy", "m.tflite", "--calibration", "cal.npz", "--data", "test.npz", "--board", "sim-m4",
        "--require-exact", "--min-accuracy", "90%", "--json",
    ).json  # fmt: skip
    report = api.deploy(
        "m.tflite",
        board="sim-m4",
        calibration="cal.npz",
        data=Path("test.npz"),
        require_exact=True,
        min_accuracy="90%",
        force=True,
    )
    same(said, report.to_json())
    again = edgeq("run", "m-sim-m4", "--samples", "3", "--seed", "7", "--json").json
    same(again, api.run("m-sim-m4", samples=3, seed=7).to_json())
    with pytest.raises(UsageError, match="made for the board sim-m4, not for sim-m0"):
        api.run("m-sim-m4", board="sim-m0")


def test_generate_build_and_run(edgeq: Edgeq, files: Path) -> None:
    said = edgeq("generate", "q.tflite", "--board", "sim-m0", "--json").json
    made = api.generate("q.tflite", board="sim-m0", force=True)
    same(said, made.to_dict())
    assert made.manifest["macs"] == 8
    with pytest.raises(UsageError, match="no built firmware"):
        api.run(made.folder)
    built = edgeq("build", made.folder, "--json").json
    image = api.build(made.folder)
    assert (str(image.elf.relative_to(Path.cwd())), image.build_hash) == (built["elf"], built["build_hash"])
    assert api.run(made.folder, samples=2).verdict == "pass"
    with pytest.raises(UsageError, match="sim-m0 is not flashed: it runs on unicorn"):
        api.flash(made.folder)
    named = api.generate(int8_dense(), board=api.load_board("sim-m0"))
    assert named.folder == Path("model-sim-m0-project")


def test_a_c_array(edgeq: Edgeq, files: Path) -> None:
    said = edgeq("generate", "q.tflite", "--format", "carray", "--cc", "--golden", "--json").json
    made = api.generate("q.tflite", format="carray", cc=True, golden=True, force=True)
    same(said, made.to_dict())


@pytest.mark.parametrize("form", ["library", "esp-idf-component"])
def test_c_for_another_build_system(
    edgeq: Edgeq, files: Path, form: Literal["library", "esp-idf-component"]
) -> None:
    board = None if form == "esp-idf-component" else "sim-m0"
    said = edgeq("generate", "q.tflite", "--format", form, *(["-b", board] if board else []), "--json").json
    made = api.generate("q.tflite", format=form, board=board, force=True)
    same(said, made.to_dict())
    assert made.folder == Path(f"q-{form}")


def test_inspect_and_check(edgeq: Edgeq, files: Path) -> None:
    same(edgeq("inspect", "q.tflite", "--json").json, api.inspect("q.tflite"))
    assert api.inspect(int8_dense())["model"]["macs"] == 8
    assert api.check("q.tflite").runtime == "aot"
    assert api.check(int8_dense(), runtime="tflm").runtime == "tflm"


@pytest.mark.slow
def test_compare(edgeq: Edgeq, files: Path) -> None:
    said = edgeq(
        "compare", "m.tflite", "--calibration", "cal.npz", "--data", "test.npz", "--out", "forms", "--json"
    ).json
    found = api.compare("m.tflite", "cal.npz", data="test.npz", out="forms", force=True)
    same(said, found.to_dict())
    assert json.loads(Path("forms/compare.json").read_text()) == said
    x, y = samples()
    assert as_json(api.compare(float_dense(), x, data=(x, y)).to_dict())["forms"] == said["forms"]


def test_debug(edgeq: Edgeq, files: Path) -> None:
    said = edgeq("debug", "m.tflite", "q.tflite", "--data", "test.npz", "--samples", "5", "--json").json
    found = api.debug("m.tflite", "q.tflite", data="test.npz", samples=5)
    told = as_json(found.to_dict())
    assert {key: said[key] for key in told} == told


def test_several_runtimes_side_by_side(edgeq: Edgeq, files: Path) -> None:
    pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")
    with pytest.raises(EdgeqError) as caught:
        api.deploy("q.tflite", board="sim-m4", runtime=("aot", "tflm"), out="both")
    said = edgeq(
        "deploy", "q.tflite", "-b", "sim-m4", "--runtime", "aot,tflm", "--force", "-o", "both", "--json"
    )
    assert said.error["message"] == caught.value.message
    assert not (files / "both").exists(), "a missing library is told before any work"


MISTAKES: list[tuple[str, type[EdgeqError], str, Callable[[], object]]] = [
    ("a board that is none", BoardError, "no board", lambda: api.deploy("q.tflite", board="sim-m5")),
    ("a number as a board", UsageError, "board: 4", lambda: api.deploy("q.tflite", board=4)),
    ("a board over SSH", UsageError, "SSH", lambda: api.deploy("q.tflite", board="sim-m4@pi")),
    ("no such file", ModelError, "none.tflite", lambda: api.deploy("none.tflite", board="sim-m4")),
    ("a number as a model", UsageError, "model: 3", lambda: api.deploy(3, board="sim-m4")),
    ("bytes that are no model", ModelError, "without TFL3", lambda: api.deploy(b"TFL3", board="sim-m4")),
    ("no calibration", UsageError, "calibration", lambda: api.deploy("m.tflite", board="sim-m4")),
    (
        "a runtime that is none",
        UsageError,
        "'x'",
        lambda: api.deploy("q.tflite", board="host", runtime="x"),
    ),
    ("no runtime", UsageError, "no runtime", lambda: api.deploy("q.tflite", board="host", runtime=())),
    ("a toolchain", UsageError, "toolchain", lambda: api.deploy("q.tflite", board="host", toolchain="icc")),
    ("a simulator", UsageError, "sim", lambda: api.deploy("q.tflite", board="sim-m4", simulator="bochs")),
    ("percent", UsageError, "min_accuracy", lambda: api.deploy("q.tflite", board="host", min_accuracy=90)),
    ("a limit as text", UsageError, "limit", lambda: api.deploy("q.tflite", board="host", limit="3")),
    ("no samples", UsageError, "samples", lambda: api.deploy("q.tflite", board="host", samples=0)),
    ("a mean alone", UsageError, "normalize", lambda: api.deploy("q.tflite", board="host", normalize=3)),
    ("an option of Coral", UsageError, "--cpu", lambda: api.deploy("q.tflite", board="host", cpu=True)),
    ("a device simulated", UsageError, "--device", lambda: api.deploy("q.tflite", board="host", device="1")),
    ("an SDK's board", UsageError, "SDK", lambda: api.deploy("q.tflite", board="coral-micro")),
    (
        "a firmware option",
        UsageError,
        "--no-flash",
        lambda: api.deploy("q.tflite", board="coral", flash=False),
    ),
    ("ragged data", DataError, "array", lambda: api.deploy("q.tflite", board="host", data=[[1, 2], [3]])),
    ("data of another kind", DataError, "array", lambda: api.deploy("q.tflite", board="host", data=object())),
    (
        "a Dataset of two inputs",
        DataError,
        "2 inputs",
        lambda: api.deploy(
            "q.tflite", board="host", data=api.Dataset((np.zeros((1, 4), "i1"),) * 2, None, "mine")
        ),
    ),
    ("ranges", UsageError, "default_ranges", lambda: api.convert("m.tflite", default_ranges=(1, 2))),
    ("statistics", UsageError, "input_stats", lambda: api.convert("m.tflite", input_stats=(1,))),
    ("two runtimes to check", UsageError, "for one", lambda: api.check("q.tflite", runtime="aot,tflm")),
    ("nothing to run", UsageError, "no folder", lambda: api.run("nowhere")),
    ("no path to run", UsageError, "path: None", lambda: api.run(None)),
    ("no board to generate for", UsageError, "no board", lambda: api.generate("q.tflite")),
    ("a format", UsageError, "format", lambda: api.generate("q.tflite", board="host", format="zip")),
    ("an array's option", UsageError, "cc", lambda: api.generate("q.tflite", board="host", cc=True)),
    ("no project for Coral", UsageError, "no project", lambda: api.generate("q.tflite", board="coral")),
    ("nothing to build", UsageError, "no folder", lambda: api.build("nowhere")),
    ("nothing to flash", UsageError, "no folder", lambda: api.flash("nowhere")),
    ("nothing to compile", UsageError, "no model", lambda: api.compile([])),
    ("segments", UsageError, "segments", lambda: api.compile("q.tflite", segments=1)),
    ("a float model to compile", UsageError, "not quantized", lambda: api.compile("m.tflite")),
    ("no data to compare by", UsageError, "calibration", lambda: api.compare("m.tflite")),
    ("a picture's name", UsageError, "picture", lambda: api.compare("m.tflite", "cal.npz", plot="x.gif")),
    ("no samples to debug", UsageError, "samples", lambda: api.debug("m.tflite", samples=0)),
    ("nothing to inspect", ModelError, "none.tflite", lambda: api.inspect("none.tflite")),
]


IDS = [row[0] for row in MISTAKES]


@pytest.mark.parametrize(("kind", "message", "call"), [row[1:] for row in MISTAKES], ids=IDS)
def test_mistakes(files: Path, kind: type[EdgeqError], message: str, call: Callable[[], object]) -> None:
    before = sorted(files.iterdir())
    with pytest.raises(kind, match=message) as caught:
        call()
    assert caught.value.hint
    assert sorted(files.iterdir()) == before


def test_samples_operators_and_earlier_runs(edgeq: Edgeq, files: Path) -> None:
    same(edgeq("data", "inspect", "test.npz", "--json").json, api.data_inspect("test.npz"))
    said = edgeq("data", "split", "test.npz", "--test", "50%", "-o", "parts", "--json").json
    same(said, api.data_split("test.npz", test="50%", out="parts", force=True))
    with pytest.raises(UsageError, match=r"train\.npz exists"):
        api.data_split("test.npz", out="parts")
    said = edgeq("operators", "add", "--by", "aot", "--type", "int16", "--json").json["operators"]
    assert said == as_json([asdict(row) for row in api.operators(["add"], by="aot", dtype="int16")])
    report = classifier(code=1100)
    Path("now.json").write_text(json.dumps(report))
    Path("before.json").write_text(json.dumps(classifier(code=1000)))
    said = edgeq("report", "before.json", "now.json", "--json").json["runs"]
    assert said == as_json([run.to_dict() for run in api.report("before.json", "now.json", html="page.html")])
    assert said[0]["changes"] and Path("page.html").stat().st_size > 1000


@pytest.mark.slow
def test_boards_that_fit(edgeq: Edgeq, files: Path) -> None:
    said = edgeq("boards", "fit", "q.tflite", "--toolchain", "zig", "--json").json
    same(said, api.boards_fit("q.tflite", toolchain="zig").to_dict())
