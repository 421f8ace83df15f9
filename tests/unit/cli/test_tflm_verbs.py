"""The verbs with --runtime, --tflm-dir and --format carray."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from .conftest import Edgeq
from .models import int8_dense

needs_wheel = pytest.mark.skipif(
    find_spec("tflite_micro") is None,
    reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')",
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "dense.tflite"
    path.write_bytes(int8_dense())
    return path


@pytest.fixture(autouse=True)
def no_tflm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFLM_DIR", raising=False)


def test_an_array_of_a_model(edgeq: Edgeq, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "array"
    found = edgeq("generate", model, "--format", "carray", "--golden", "--out", out, "--json")
    assert found.code == 0
    assert found.json["files"] == ["dense_model.c", "dense_model.h", "edgeq.json"]
    assert found.json["golden"]
    assert b"alignas(16) const" in (out / "dense_model.c").read_bytes()
    again = edgeq("generate", model, "--format", "carray", "--cc", "--out", out)
    assert again.code == 0
    assert sorted(path.name for path in out.iterdir()) == ["dense_model.cc", "dense_model.h", "edgeq.json"]


def test_flags_of_the_array_belong_to_it(edgeq: Edgeq, model: Path) -> None:
    found = edgeq("generate", model, "--board", "sim-m4", "--cc")
    assert found.code == 2
    assert "--format carray" in found.err


@pytest.mark.parametrize(
    ("form", "arguments", "told"),
    [
        ("library", ("-b", "sim-m4", "--runtime", "tflm"), "--runtime does not go with --format library"),
        ("arduino", ("-b", "sim-m4", "--golden"), "--golden does not go with --format arduino"),
        ("zephyr-module", ("-b", "sim-m4", "--explain"), "--explain does not go with --format zephyr-module"),
        ("esp-idf-component", ("-b", "sim-m4"), "--board does not go with --format esp-idf-component"),
        ("library", (), "no board is given"),
        ("library", ("-b", "coral"), "coral runs a model that the Edge TPU compiler made"),
    ],
)
def test_what_says_nothing_to_a_library_is_refused(
    edgeq: Edgeq, model: Path, form: str, arguments: tuple[str, ...], told: str
) -> None:
    found = edgeq("generate", model, "--format", form, *arguments)
    assert found.code == 2
    assert told in " ".join(found.err.split())


@pytest.mark.parametrize("form", ["carray", "arduino"])
def test_what_another_build_system_takes_is_not_built_here(edgeq: Edgeq, model: Path, form: str) -> None:
    board = () if form == "carray" else ("-b", "sim-m4")
    assert edgeq("generate", model, "--format", form, *board, "--out", "made").code == 0
    found = edgeq("build", "made")
    assert found.code == 2
    assert f"made is C for another build system, made with --format '{form}'" in " ".join(found.err.split())


@needs_wheel
def test_a_project_without_a_library_is_estimated_and_says_so(
    edgeq: Edgeq, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "p"
    found = edgeq("generate", model, "--board", "sim-m4", "--runtime", "tflm", "--out", out)
    assert found.code == 0
    assert "is an estimate: no TFLM library is given" in found.err
    manifest = json.loads((out / "edgeq.json").read_bytes())
    assert manifest["runtime"] == "tflm"
    assert manifest["tflm"]["arena"]["measured_on"] == "host"
    missing = edgeq("build", out)
    assert missing.code == 2
    assert "TARGET_ARCH=cortex-m4+fp" in missing.err


def test_a_wrong_folder_is_refused_before_anything_is_written(
    edgeq: Edgeq, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    found = edgeq(
        "deploy", model, "--board", "sim-m4", "--runtime", "tflm", "--tflm-dir", tmp_path, "--out", out
    )
    assert found.code == 2
    assert "holds no TensorFlow Lite Micro" in found.err
    assert not out.exists()


def test_the_folder_comes_from_the_environment_too(
    edgeq: Edgeq, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFLM_DIR", str(tmp_path / "nowhere"))
    found = edgeq("generate", model, "--board", "sim-m4", "--runtime", "tflm", "--out", tmp_path / "p")
    assert found.code == 2
    assert "nowhere" in found.err


@pytest.mark.parametrize(
    ("runtime", "says"),
    [("tfl", "no runtime 'tfl'"), ("aot,aot", "twice"), ("", "no runtime ''"), ("aot,", "no runtime ''")],
)
def test_unknown_runtimes(runtime: str, says: str, edgeq: Edgeq, model: Path) -> None:
    if runtime:
        found = edgeq("deploy", model, "--board", "sim-m4", "--runtime", runtime)
        assert found.code == 2
        assert says in found.err


def test_verbs_for_one_runtime(edgeq: Edgeq, model: Path) -> None:
    for verb in (("check", model), ("generate", model, "--board", "sim-m4")):
        found = edgeq(*verb, "--runtime", "aot,tflm")
        assert found.code == 2
        assert "one" in found.err


def test_the_check_for_tflm(edgeq: Edgeq, model: Path) -> None:
    found = edgeq("check", model, "--runtime", "tflm", "--json")
    assert found.code == 0
    assert found.json["runtime"] == "tflm"
