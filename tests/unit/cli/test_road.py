"""deploy, and generate, build, run one after the other: artefacts, reports, verdicts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from waiting import GUARD

import edgeq as api
from edgeq.base.errors import DataError, UsageError

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


def test_deploy_a_float_model(edgeq: Edgeq, files: Path) -> None:
    args = ("deploy", "m.tflite", "--calibration", "cal.npz", "--data", "test.npz", "--board", "sim-m4")
    result = edgeq(*args, "--min-accuracy", "90%", "--max-accuracy-drop", "0.05", "--require-exact")
    assert result.code == 0, result.err
    for word in ("PASS", "float 100 %", "100 % exact", "instructions an inference", "weights", "stack"):
        assert word in result.out
    out = files / "m-sim-m4"
    assert {path.name for path in out.iterdir()} == {
        "edgeq.json", "model_int8.tflite", "project", "serial.log", "report.json", "report.html",
    }  # fmt: skip
    report = json.loads((out / "report.json").read_text())
    assert report["accuracy"]["float"] == 1.0
    assert report["exactness"]["exact"] == report["exactness"]["outputs"] == 80
    assert report["latency"]["instructions_warm"] > 0
    for path in report["artefacts"].values():
        assert Path(path).exists()
    assert b"m-ready" in (out / "serial.log").read_bytes()
    # every verb goes on from there
    assert edgeq("run", "m-sim-m4", "--data", "test.npz", "--json").json["accuracy"]["device"] == 1.0


@pytest.mark.slow
def test_several_models_and_boards_are_a_matrix(edgeq: Edgeq, files: Path) -> None:
    args = ("deploy", "m.tflite", "q.tflite", "--calibration", "cal.npz", "--data", "test.npz", "-q")
    args += ("-b", "host", "-b", "sim-m4", "--out", "o", "--baseline", "accepted.json", "--junit", "j.xml")
    first = edgeq(*args, "--update-baseline")
    assert first.code == 0, first.err
    for cell in ("m-host", "q-host", "m-sim-m4", "q-sim-m4"):
        assert cell in first.out
        assert (files / "o" / cell / "report.json").is_file()
    text = (files / "accepted.json").read_text()
    assert text.count('"instructions"') == 2
    assert (files / "j.xml").read_text().count("<testcase ") == 4
    again = edgeq("deploy", "q.tflite", *args[3:], "--json")
    assert (again.code, [cell["outcome"] for cell in again.json["cells"]]) == (0, ["pass", "pass"])
    assert again.json["cells"][1]["report"]["baseline"]["changes"]
    assert (files / "accepted.json").read_text() == text


def test_a_rerun_keeps_what_is_the_users(edgeq: Edgeq, files: Path) -> None:
    args = ("deploy", "q.tflite", "--data", "test.npz", "--board", "host", "--out", "q")
    out = files / "q"
    assert edgeq(*args, "-q").code == 0
    before = (out / "report.json").stat().st_mtime_ns
    assert edgeq(*args, "-q").code == 0
    assert (out / "report.json").stat().st_mtime_ns > before
    (out / "notes.txt").write_text("mine")
    again = edgeq(*args)
    assert again.code == 2
    assert "notes.txt" in again.err and "--force" in again.err
    assert edgeq(*args, "--force", "-q").code == 0
    assert (out / "notes.txt").read_text() == "mine"


def test_one_verb_after_the_other(edgeq: Edgeq, files: Path) -> None:
    made = edgeq("generate", "q.tflite", "--board", "sim-m0", "--json").json
    assert made["project"] == "q-sim-m0-project"
    assert made["macs"] == 8
    unbuilt = edgeq("run", made["project"], "--json").error
    assert unbuilt["exit_code"] == 2
    assert "edgeq build" in unbuilt["hint"]
    built = edgeq("build", made["project"], "--json").json
    assert Path(built["elf"]).is_file()
    assert built["sizes"]["flash_total"] == built["sizes"]["code"] + built["sizes"]["weights"]
    assert "flash" in edgeq("build", made["project"]).out
    report = edgeq("run", made["project"], "--samples", "3", "--seed", "7", "--json").json
    assert report["verdict"] == "pass"
    assert report["exactness"]["samples"] == 3
    other = edgeq("run", made["project"], "--board", "sim-m4", "--json").error
    assert "sim-m0" in other["message"]


def test_int8_deploy_takes_raw_integers_and_settings(edgeq: Edgeq, files: Path) -> None:
    x, y = samples()
    raw = np.clip(np.round(x * 128), -128, 127).astype(np.int8)
    np.savez(files / "raw.npz", x=raw, y=y)
    (files / "edgeq.toml").write_text(
        'board = "host"\ndata = "raw.npz"\nlimit = 10\nout = "made/here"\n[thresholds]\nmin_accuracy = 0.9\n'
    )
    result = edgeq("deploy", "q.tflite", "--json")
    assert result.code == 0, result.out
    assert result.json["exactness"]["samples"] == 10
    assert result.json["latency"]["instructions_warm"] is None
    assert (files / "made" / "here" / "report.json").is_file()
    assert "skipped" in result.err


def test_a_failed_verdict_is_a_report_and_exit_code_1(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("deploy", "q.tflite", "-b", "sim-m4", "--max-instructions", "10", "--json")
    assert result.code == 1
    assert result.json["verdict"] == "fail"
    errors = [finding for finding in result.json["findings"] if finding["severity"] == "error"]
    assert [finding["rule"] for finding in errors] == ["max-instructions"]
    shown = edgeq("deploy", "q.tflite", "-b", "sim-m4", "--max-instructions", "10", "--force")
    assert shown.code == 1
    assert shown.out.rstrip().endswith("FAIL")


def test_serve_and_run_over_the_port(edgeq: Edgeq, files: Path) -> None:
    for name in ("q", "m_int8"):
        if name != "q":
            edgeq("convert", "m.tflite", "--calibration", "cal.npz")
        assert edgeq("generate", f"{name}.tflite", "-b", "sim-m3", "-o", name).code == 0
        assert edgeq("build", name).code == 0
    command = [sys.executable, "-m", "edgeq", "run", "q", "--serve", "0", "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            line = server.stdout.readline()
            assert line, server.communicate()
            text += line
        url = json.loads(text)["url"]
        report = edgeq("run", "q", "--port", url, "--data", "test.npz", "--json")
        assert report.json["accuracy"]["device"] > 0.9
        other = edgeq("run", "m_int8", "--port", url, "--json").error
        assert other["exit_code"] == 5
        assert "another model" in other["message"]
        busy = edgeq("run", "q", "--serve", url.rpartition(":")[2], "--json").error
        assert (busy["exit_code"], "in use" in busy["message"]) == (5, True)
    finally:
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=GUARD)
    assert server.returncode == 130
    assert "Traceback" not in err


def test_the_python_api(files: Path) -> None:
    x, y = samples()
    converted = api.convert("m.tflite", x, mode="minmax")
    assert (
        converted.model
        == api.convert(float_dense(), (x, y), mode="minmax").model
        == api.convert(Path("m.tflite"), {"x": x}, mode="minmax").model
    )
    assert api.check(converted.model).graph.inputs
    report = api.deploy(float_dense(), board="host", calibration=x, data=(x, y), limit=12, out="api-out")
    assert report.verdict == "pass"
    assert report.exactness.samples == 12
    assert report.accuracy.float == 1.0
    assert (files / "api-out" / "report.json").is_file()
    api.deploy("q.tflite", board="host", out="api-out")
    Path("api-out/mine").write_text("mine")
    with pytest.raises(UsageError, match="mine") as caught:
        api.deploy("q.tflite", board="host", out="api-out")
    assert "force=True" in caught.value.hint
    with pytest.raises(DataError, match="tuple of 3"):
        api.convert("m.tflite", (x, y, y))  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no array named x"):
        api.convert("m.tflite", {"z": x})
    with pytest.raises(api.CheckFailed):
        api.check("m.tflite")


@pytest.mark.slow
def test_kws_on_its_real_samples(edgeq: Edgeq, shared: Path) -> None:
    tiny = shared / "models" / "mlperf_tiny"
    data = tiny / "kws_samples_int8.npz"
    result = edgeq("deploy", tiny / "kws_int8.tflite", "--data", data, "--board", "sim-m4", "--json")
    assert result.code == 0
    shares = {"float": None, "int8": 0.904, "device": 0.904}
    assert result.json["accuracy"] == {**shares, "output": "Identity"}
    assert result.json["exactness"]["exact"] == result.json["exactness"]["outputs"] == 500 * 12


def test_one_sample_is_enough(edgeq: Edgeq, files: Path) -> None:
    """It runs again for the warm counts."""
    report = edgeq("deploy", "q.tflite", "--board", "sim-m4", "--samples", "1", "--json").json
    assert report["exactness"]["samples"] == 1
    assert report["latency"]["instructions_warm"] > 0
