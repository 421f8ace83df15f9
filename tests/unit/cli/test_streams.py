"""Standard streams that are closed, full, a pipe that has ended, or without Unicode."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgeq.cli import streams

from .models import float_dense, int8_dense

EDGEQ = (sys.executable, "-m", "edgeq")
COMMANDS = (
    "check q.tflite",
    "check f.tflite",
    "inspect q.tflite",
    "boards list",
    "--help",
    "--version",
    "no-verb",
)


@pytest.fixture
def files(folder: Path) -> Path:
    (folder / "q.tflite").write_bytes(int8_dense())
    (folder / "f.tflite").write_bytes(float_dense())
    return folder


def run(
    command: str, stdout: int | None = subprocess.PIPE, *, before: str = "", **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run it; ``before`` is what a shell does with its streams."""
    arguments = [*EDGEQ, *command.split()]
    if before:
        arguments = ["/bin/sh", "-c", f'exec "$@" {before}', "sh", *arguments]
    env = {**os.environ, **more}
    return subprocess.run(arguments, stdout=stdout, stderr=subprocess.PIPE, env=env, timeout=60, check=False)


@pytest.mark.sample(5)
@pytest.mark.parametrize("json_too", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk(files: Path, command: str, json_too: bool) -> None:
    if json_too and command == "--help":
        pytest.skip("no JSON")
    told = run(f"{command} --json" if json_too else command, before=">/dev/full")
    assert told.returncode == 2, told.stderr
    assert b"Traceback" not in told.stderr
    if command != "no-verb" or json_too:
        assert b"error: cannot write to standard output: No space left on device" in told.stderr


@pytest.mark.parametrize("command", ["check q.tflite --json", *COMMANDS[:-1]])
def test_a_pipe_that_nobody_reads(files: Path, command: str) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        told = run(command, write)
    finally:
        os.close(write)
    assert (told.returncode, told.stderr) in ((141, b""), (141, told.stderr))
    assert b"rror" not in told.stderr


@pytest.mark.sample(4)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("command", "code"), [("check q.tflite", 0), ("check f.tflite", 1), ("no-verb", 2)])
def test_closed_streams(files: Path, command: str, code: int, closed: str) -> None:
    assert run(command, before=closed).returncode == code
    assert sorted(path.name for path in files.iterdir()) == ["f.tflite", "q.tflite"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_that_an_encoding_lacks(
    encoding: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        with streams.prepared():
            sys.stdout.write("██░ → … ✓ ✗ a\udcffb\n")
            sys.stdout.flush()
    shown = raw.getvalue().decode(encoding)
    assert shown == ("██░ → … ✓ ✗ a\\xffb\n" if encoding == "utf-8" else "##. -> ... + x a\\xffb\n")


def test_bars_in_the_locale_c(files: Path) -> None:
    told = run(
        "deploy q.tflite --board host --samples 2", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert told.returncode == 0, told.stderr
    text = told.stdout.decode("ascii") + told.stderr.decode("ascii")
    assert "??" not in text


def test_no_blanks_at_the_ends_of_lines(files: Path) -> None:
    for command in ("check f.tflite", "inspect q.tflite", "boards list", "boards show sim-m4"):
        lines = run(command).stdout.decode().splitlines()
        assert lines and not [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize(
    "name",
    [
        b"m\xff.tflite",
        pytest.param("größe.tflite".encode(), marks=pytest.mark.slow),
        pytest.param(b"a b'c.tflite", marks=pytest.mark.slow),
    ],
)
def test_names_that_are_not_utf8(files: Path, name: bytes) -> None:
    os.rename(b"q.tflite", name)  # noqa: PTH104 - Path takes no bytes
    for out in (b"out", b"out\xfe"):
        options = b"--board host --samples 2 --json".split()
        command = [*map(os.fsencode, EDGEQ), b"deploy", name, *options]
        told = subprocess.run([*command, b"--out", out], capture_output=True, check=False)
        assert told.returncode == 0, told.stderr
        report = json.loads(told.stdout)
        assert os.path.exists(os.fsencode(report["artefacts"]["firmware"]))  # noqa: PTH110
    told = subprocess.run(
        [*map(os.fsencode, EDGEQ), b"build", b"out\xfe", b"--json"], capture_output=True, check=False
    )
    assert told.returncode == 0, told.stdout
