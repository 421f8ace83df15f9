"""What ``--place`` may say, and what edgeq makes of a worker that is gone or not there."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeq.base.errors import DeviceBusy, DeviceError, ToolMissingError, UsageError
from edgeq.boards import load_board
from edgeq.builder import Image
from edgeq.targets import Place, open_target
from edgeq.targets.farm import Farm, FarmSession, parse_farm

STANDIN = Path(__file__).with_name("standin.py")


@pytest.mark.parametrize(
    ("text", "name", "tags"),
    [
        ("bench-3", "bench-3", {}),
        ("board=sim-m4", "", {"board": "sim-m4"}),
        ("board={board},room=b2", "", {"board": "{board}", "room": "b2"}),
    ],
)
def test_names_and_tags(text: str, name: str, tags: dict[str, str]) -> None:
    assert parse_farm(text) == (name, tags)


def test_tags_of_a_board() -> None:
    tags = {"board": "{board}", "room": "b2"}
    assert Farm(tags=tags).tags_for("sim-m4") == {"board": "sim-m4", "room": "b2"}


@pytest.mark.parametrize("text", ["", "a b", "board=", "=x", "board=x,", "a/b", "B=x", "board=x,bench"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(UsageError, match="no place of labgrid's"):
        parse_farm(text)


def test_without_labgrid(monkeypatch: pytest.MonkeyPatch) -> None:
    for python, why in ((sys.executable, "no package labgrid"), ("/nowhere/python", "does not start")):
        with pytest.raises(ToolMissingError, match=why) as caught:
            session = FarmSession(Farm("p", python=python))
            try:
                session.look("sim-m4")
            finally:
                session.close()
        assert "pip install labgrid" in caught.value.hint


@pytest.fixture
def console() -> Iterator[int]:
    """A console that echoes in capitals."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def live() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    while data := client.recv(100):
                        client.sendall(data.upper())

        threading.Thread(target=live, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def farm(tmp_path: Path, console: int, monkeypatch: pytest.MonkeyPatch, own_locks: None) -> Farm:
    """A stand-in for labgrid's Python: it answers for one place, and keeps what was asked in ``asked``."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STANDIN}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("STANDIN_FOLDER", str(tmp_path))
    monkeypatch.setenv("STANDIN_PORT", str(console))
    return Farm("p0", python=str(python))


def made(folder: Path) -> Image:
    """An image of which nobody needs more than the board: it is not flashed."""
    found = object.__new__(Image)
    object.__setattr__(found, "board", load_board("sim-m4"))
    object.__setattr__(found, "project", folder)
    return found


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().split()


def test_acquired_reset_spoken_to_released(farm: Farm, tmp_path: Path) -> None:
    target = open_target(made(tmp_path), Place(farm=farm))
    with target:
        target.flash(made(tmp_path))
        stream = target.open()
        stream.write(b"hello")
        got = b""
        while len(got) < 5:
            got += stream.read(100, 5.0)
        assert got == b"HELLO"
        target.reset()
        assert asked(tmp_path) == ["acquire", "reset", "reset"]
    assert asked(tmp_path) == ["acquire", "reset", "reset", "released"]


def test_taken_by_another(farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDIN_BUSY", "acquired by box/bob")
    with (
        pytest.raises(DeviceBusy, match="acquired by box/bob"),
        open_target(made(tmp_path), Place(farm=farm)) as target,
    ):
        target.flash(made(tmp_path))
    assert asked(tmp_path) == ["acquire", "released"]


def test_one_edgeq_at_a_time_has_what_was_acquired_by_hand(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN_HELD", "1")
    with open_target(made(tmp_path), Place(farm=farm)) as one:
        one.flash(made(tmp_path))
        with (
            open_target(made(tmp_path), Place(farm=farm)) as other,
            pytest.raises(DeviceBusy, match="in use"),
        ):
            other.flash(made(tmp_path))


def test_a_worker_that_dies(farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDIN_DIES", "acquire")
    with (
        pytest.raises(DeviceError, match="labgrid ended when it was to acquire: the last words"),
        open_target(made(tmp_path), Place(farm=farm)) as target,
    ):
        target.flash(made(tmp_path))


def test_released_when_edgeq_is_killed(farm: Farm, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from edgeq.targets.farm import Farm, FarmSession; "
        "FarmSession(Farm('p0', python=sys.argv[1])).acquire('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(farm.python)], timeout=60, check=False)
    assert done.returncode < 0
    for _ in range(200):
        if "released" in asked(tmp_path):
            return
        threading.Event().wait(0.05)
    raise AssertionError(asked(tmp_path))
