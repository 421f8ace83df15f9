"""What a shell offers after a tab: asked as the shell asks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from edgeq.cli.app import VERBS, app

PLACE = Path(sys.executable).parent
SHELLS = ("bash", "zsh", "fish")


def offered(*words: str, begun: str = "") -> set[str]:
    """The values, and ``type:`` before what the shell itself looks for."""
    found = ShellComplete(app, {}, "edgeq", "_EDGEQ_COMPLETE").get_completions(list(words), begun)
    return {item.value if item.type == "plain" else f"{item.type}:" for item in found}


def test_verbs() -> None:
    assert offered() == set(VERBS)
    assert offered(begun="con") == {"convert"}


@pytest.mark.parametrize(
    "words",
    [("deploy", "m.tflite", "--board"), ("run", "p", "-b"), ("doctor", "--board"), ("boards", "show")],
)
def test_boards(words: tuple[str, ...]) -> None:
    assert offered(*words, begun="sim-m") >= {"sim-m0", "sim-m4", "sim-m33"}
    assert all(name.startswith("sim-m") for name in offered(*words, begun="sim-m"))
    assert offered(*words, begun="my/board") == {"file:"}, "a board may be a file"


@pytest.mark.parametrize(
    ("begun", "names"),
    [("", {"aot", "tflm"}), ("t", {"tflm"}), ("aot,", {"aot,tflm"}), ("aot,t", {"aot,tflm"}), ("x", set())],
)
def test_runtimes(begun: str, names: set[str]) -> None:
    assert offered("deploy", "m.tflite", "--runtime", begun=begun) == names


@pytest.mark.parametrize(
    "words", [("convert",), ("deploy", "m.tflite", "--data"), ("convert", "m.tflite", "--calibration")]
)
def test_files(words: tuple[str, ...]) -> None:
    assert offered(*words, begun="tr") == {"file:"}


def test_choices() -> None:
    assert offered("build", "p", "--toolchain", begun="z") == {"zig"}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_line_of_a_shell(shell: str) -> None:
    """What docs/cli.md has one put into a start-up file gives a script that the shell takes."""
    told = subprocess.run(
        [PLACE / "edgeq"], env={**os.environ, "_EDGEQ_COMPLETE": f"{shell}_source"}, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert f"_EDGEQ_COMPLETE={shell}_complete" in told.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=told.stdout, text=True, timeout=60, check=True)
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"_EDGEQ_COMPLETE={shell}_source edgeq" in page
