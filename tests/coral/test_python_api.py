"""An Edge TPU from Python: the same reports as by the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgeq as api
from edgeq.base.errors import ToolMissingError, UsageError
from edgeq.judge.report import Report

from .conftest import Beside, Edgeq, StandIn


@pytest.fixture
def here(folder: Path, model: bytes) -> Path:
    """The working folder with an int8 model and labelled data."""
    (folder / "net.tflite").write_bytes(model)
    x = np.random.default_rng(2).integers(-128, 128, (12, 6, 6, 2)).astype(np.int8)
    np.savez(folder / "test.npz", x=x, y=np.arange(12) % 5)
    return folder


def untimed(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what a clock has said, and without the command line, which Python has none of."""
    origin = {key: of for key, of in report["origin"].items() if key != "command"}
    coral = {key: of for key, of in report["coral"].items() if key not in ("latency_ms", "throughput_per_s")}
    return {**report, "coral": coral, "origin": origin}


def test_deploy_gives_the_report_that_the_command_gives(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    said = edgeq("deploy", "net.tflite", "--board", "coral", "--cpu", "--data", "test.npz", "--json")
    assert said.code == 0, said.err
    report = api.deploy("net.tflite", board="coral", cpu=True, data="test.npz", force=True)
    assert isinstance(report, Report)
    assert untimed(dict(report.to_json())) == untimed(said.json)
    assert (here / "net-coral" / "model_int8_edgetpu.tflite").is_file()
    again = edgeq("run", "net-coral", "--board", "coral", "--cpu", "--samples", 4, "--json")
    assert untimed(dict(api.run("net-coral", board="coral", cpu=True, samples=4).to_json())) == untimed(
        again.json
    )


def test_on_a_device(standin: StandIn, beside: Beside, here: Path) -> None:
    beside.plug_in()
    report = api.deploy("net.tflite", board="coral", edgetpu_python=str(beside.python), min_mapped=1.0)
    assert isinstance(report, Report)
    assert report.verdict == "pass"
    coral: Any = report.to_json()["coral"]
    assert coral["processor"] == "edgetpu"


def test_without_the_compiler_the_rest_is_done(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    report = api.deploy("net.tflite", board="coral", cpu=True)
    assert isinstance(report, Report)
    assert "compiler-missing" in [finding.rule for finding in report.findings]
    with pytest.raises(ToolMissingError, match="edgetpu_compiler") as caught:
        api.deploy("net.tflite", board="coral", out="other")
    assert "kept in other" in caught.value.hint


def test_compile_generate_and_inspect(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    said = edgeq("compile", "net.tflite", "--json").json
    done = api.compile("net.tflite", force=True, edgetpu_compiler=standin.command)
    assert done.passed
    assert [str(file) for file in done.files] == said["files"] == ["net-edgetpu/net_edgetpu.tflite"]
    assert done.to_dict()["models"] == said["models"]
    project = api.generate(done.files[0], board="coral-micro")
    assert (project.folder / "src" / "app" / "edgeq_app.cc").is_file()
    with pytest.raises(UsageError, match="built and flashed by its SDK"):
        api.deploy("net.tflite", board="coral-micro")
    with pytest.raises(UsageError, match="project for the SDK"):
        api.build(project.folder)


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("is no host", lambda: api.deploy("net.tflite", board="coral@-oProxyCommand=x")),
        ("--device", lambda: api.deploy("net.tflite", board="coral", device="1")),
        ("min_mapped", lambda: api.deploy("net.tflite", board="coral", min_mapped=80)),
        ("min_runtime_version", lambda: api.deploy("net.tflite", board="coral", min_runtime_version="14")),
        ("edgetpu_compiler", lambda: api.deploy("net.tflite", board="coral", edgetpu_compiler=())),
        ("holds no", lambda: api.run(".", board="coral")),
        ("not compiled", lambda: api.run("net.tflite", board="coral")),
    ],
)
def test_mistakes(here: Path, message: str, call: Callable[[], object]) -> None:
    before = sorted(here.iterdir())
    with pytest.raises(UsageError, match=message):
        call()
    assert sorted(here.iterdir()) == before
