"""``edgeq init``: a project whose test runs, CI whose scripts run, nothing of the user's touched."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from edgeq.verbs.settings import load_settings

from .conftest import Edgeq
from .models import float_dense, int8_dense, samples

PLUGIN = "edgeq.verbs.testing.plugin"
CI = {".github/workflows/edgeq.yml", ".github/actions/edgeq/action.yml", "ci/Dockerfile", "requirements.txt"}
REST = {"edgeq.toml", "models/q.tflite", "data/README.md", "tests/test_model.py", ".gitignore"}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Models and data outside of the project."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "q.tflite").write_bytes(int8_dense())
    (place / "m.tflite").write_bytes(float_dense())
    x, y = samples()
    np.savez(place / "test.npz", x=x, y=y)
    return place


def test_a_project_has_the_model_a_test_and_ci(edgeq: Edgeq, folder: Path, elsewhere: Path) -> None:
    result = edgeq("init", elsewhere / "q.tflite", "--board", "sim-m4", "--data", elsewhere / "test.npz")
    assert result.code == 0, result.err
    assert result.out.splitlines()[-1] == "next: python -m pytest --edgeq-update"
    assert files(folder) == CI | REST | {"data/test.npz"}
    assert (folder / "models" / "q.tflite").read_bytes() == int8_dense()
    said = load_settings(folder, {})
    assert (said.board, said.data, said.tolerance) == ("sim-m4", str(folder / "data" / "test.npz"), 0.01)
    assert 'edgeq("models/q.tflite")' in (folder / "tests" / "test_model.py").read_text()


def test_what_is_there_is_kept_and_told(edgeq: Edgeq, folder: Path, elsewhere: Path) -> None:
    for name in ("edgeq.toml", "tests/test_model.py", "ci/Dockerfile"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine" if name != "edgeq.toml" else 'board = "host"\n')
    (folder / "requirements.txt").symlink_to("nowhere")
    kept = ["edgeq.toml", "tests/test_model.py", "ci/Dockerfile", "requirements.txt"]
    told = edgeq("init", "project", elsewhere / "q.tflite", "--json").json
    assert sorted(told["kept"]) == sorted(kept)
    assert set(told["written"]) == (CI | REST) - set(kept)
    assert (folder / "ci" / "Dockerfile").read_text() == "mine"
    assert (folder / "requirements.txt").is_symlink() and not (folder / "nowhere").exists()
    again = edgeq("init", elsewhere / "q.tflite", "--json").json
    assert (again["written"], len(again["kept"])) == ([], len(CI | REST))
    assert "next:" not in edgeq("init", elsewhere / "q.tflite").out


def test_a_model_within_the_project_stays_where_it_is(edgeq: Edgeq, folder: Path) -> None:
    place = folder / "project"
    (place / "nets").mkdir(parents=True)
    (place / "nets" / "q.tflite").write_bytes(int8_dense())
    told = edgeq(
        "init", "project/nets/q.tflite", "-b", "host", "--out", "project", "--ci", "gitlab", "--json"
    )
    assert told.code == 0, told.err
    assert ".gitlab-ci.yml" in told.json["written"] and not (place / ".github").exists()
    assert 'edgeq("nets/q.tflite")' in (place / "tests" / "test_model.py").read_text()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("m.tflite", "-b", "host"), "is a float model, and no data is there"),
        (("q.tflite",), "no board is given"),
        (("q.tflite", "-b", "sim-m44"), "sim-m44"),
        (("nope.tflite", "-b", "host"), "there is no file"),
        (("test.npz", "-b", "host"), "no data is there to quantize"),
        (("q.tflite", "-b", "nrf52840dk"), "nothing simulates nrf52840dk"),
        (("q.tflite", "-b", "host", "--data", "nowhere.npz"), "nowhere.npz"),
        (("q.tflite", "-b", "host", "--out", "m.tflite"), "is no folder"),
    ],
)
def test_mistakes_write_nothing(
    edgeq: Edgeq, folder: Path, elsewhere: Path, args: tuple[str, ...], message: str
) -> None:
    for path in elsewhere.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    before = files(folder)
    result = edgeq("init", *args)
    assert result.code == 2 and message in result.err
    assert files(folder) == before


def test_a_float_model_takes_its_calibration_along(edgeq: Edgeq, folder: Path, elsewhere: Path) -> None:
    assert edgeq("init", elsewhere / "m.tflite", "-b", "host", "--random-calibration").code == 0
    assert "random_calibration=True" in (folder / "tests" / "test_model.py").read_text()
    line = (
        "init",
        elsewhere / "m.tflite",
        "-b",
        "host",
        "--calibration",
        elsewhere / "test.npz",
        "-o",
        "two",
    )
    assert edgeq(*line).code == 0
    assert load_settings(folder / "two", {}).calibration == str(folder / "two" / "data" / "test.npz")


def test_ci_is_for_the_server_that_git_knows(edgeq: Edgeq, folder: Path) -> None:
    (folder.parent / ".git" / "config").write_text("[remote]\n\turl = git@gitlab.example.org:a/b.git\n")
    assert edgeq("init", "ci", "--board", "sim-m0").code == 0
    assert files(folder) == {".gitlab-ci.yml", "ci/Dockerfile", "requirements.txt"}
    both = edgeq("init", "ci", "--board", "sim-m0", "--ci", "github", "--ci", "gitlab", "--json").json
    assert set(both["written"]) == {".github/workflows/edgeq.yml", ".github/actions/edgeq/action.yml"}
    (folder.parent / ".git" / "config").write_text("[remote]\n\turl = git@github.com:a/b.git\n")
    assert edgeq("init", "ci", "--board", "sim-m0", "--out", "other").code == 0
    assert ".github/workflows/edgeq.yml" in files(folder / "other")


def test_the_ci_files_say_what_they_should(edgeq: Edgeq, folder: Path) -> None:
    assert edgeq("init", "ci", "--board", "sim-m3", "--ci", "github", "--ci", "gitlab").code == 0
    jobs = yaml(folder / ".github" / "workflows" / "edgeq.yml")["jobs"]
    assert set(jobs) == {"simulator", "board"}
    assert jobs["board"]["runs-on"] == ["self-hosted", "edgeq-board"]
    assert "head.repo.full_name == github.repository" in jobs["board"]["if"], "no fork's code on own machines"
    assert jobs["simulator"]["steps"][1]["with"]["arguments"] == "--edgeq-board sim-m3"
    assert "--edgeq-hwmap" in jobs["board"]["steps"][1]["with"]["arguments"]
    steps = yaml(folder / ".github" / "actions" / "edgeq" / "action.yml")["runs"]["steps"]
    used = [step["uses"].split("@")[0] for step in steps if "uses" in step]
    assert used == ["actions/setup-python", "actions/cache", "actions/upload-artifact"]
    for step in (step for step in steps if "run" in step):
        assert "${{" not in step["run"], "an expression in a script is code of whoever gives the value"
        subprocess.run(["bash", "-n", "-c", step["run"]], check=True, timeout=9)
    gitlab = yaml(folder / ".gitlab-ci.yml")
    assert gitlab["edgeq-simulator"]["variables"]["EDGEQ_ARGUMENTS"] == "--edgeq-board sim-m3"
    assert gitlab["edgeq-board"]["tags"] == ["edgeq-board"]
    assert gitlab[".edgeq"]["artifacts"]["reports"]["junit"] == "edgeq-out/junit.xml"
    assert "sim-m3" in (folder / "ci" / "Dockerfile").read_text()


def test_doctors_last_line_is_the_one_next_command(edgeq: Edgeq, folder: Path) -> None:
    pytest.importorskip("unicorn")
    pytest.importorskip("ziglang")
    assert edgeq("doctor").out.splitlines()[-1] == "next: edgeq init MODEL --board sim-m4"
    assert edgeq("doctor", "-b", "sim-m0").out.splitlines()[-1] == "next: edgeq deploy MODEL --board sim-m0"
    (folder / "edgeq.toml").write_text('board = "host"\n')
    assert edgeq("doctor", "--json").json["next"] == "edgeq deploy MODEL"


@pytest.mark.slow
def test_the_scripts_of_the_action_run_the_projects_test(edgeq: Edgeq, folder: Path, elsewhere: Path) -> None:
    pytest.importorskip("unicorn")
    pytest.importorskip("ziglang")
    assert edgeq("init", elsewhere / "q.tflite", "-b", "sim-m4", "--data", elsewhere / "test.npz").code == 0
    temporary = folder.parent / "runner"
    python = temporary / "edgeq" / "bin" / "python"  # what the step that installs makes
    python.parent.mkdir(parents=True)
    installed = any(one.value == PLUGIN for one in entry_points(group="pytest11"))
    plugin = "" if installed else f"export PYTEST_ADDOPTS='-p {PLUGIN}'\n"
    python.write_text(f'#!/bin/sh\n{plugin}exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    command = python.with_name("edgeq")
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m edgeq "$@"\n')
    command.chmod(0o755)
    steps = yaml(folder / ".github" / "actions" / "edgeq" / "action.yml")["runs"]["steps"]
    environment = {
        **os.environ,
        "RUNNER_TEMP": str(temporary),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "ARGUMENTS": "--edgeq-board sim-m4 --edgeq-board host",
        "NAME": "simulator",
    }
    for step in steps:
        if step.get("name") in ("Deploy and judge", "Summary"):
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
    summary = (temporary / "summary.md").read_text()
    assert summary.startswith("### edgeq: simulator\n") and "q-sim-m4: PASS" in summary
    assert "No cell came to a report" not in summary and "| " in summary
    assert {"index.html", "junit.xml", "pytest.log", "q-sim-m4/report.json", "q-host/serial.log"} <= files(
        folder / "edgeq-out"
    )
