"""Every bad input gets a message, a hint and the right exit code, and harms no file."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from edgeq.cli import main
from edgeq.errors import DeviceError

from .cases import CASES, Case, changed
from .conftest import Ask, contents
from .table import held_or_rewritten, row

pytestmark = pytest.mark.xdist_group("bad inputs")  # one worker sees every row of the table

MAY_FINISH_BEFORE = {"out/model_int8.tflite", "out/serial.log"}
"""What ``deploy`` may have finished before the stage that failed."""

DEPLOY = "deploy int8.tflite --board sim-m4 --out out --samples 2"

BUSY = "a port that another program has open"
OTHER = "a device that runs another model"

_rows: dict[str, str] = {}


def _expect(ask: Ask, kitchen: Path, case: Case) -> None:
    case.prepare(kitchen)
    before = contents(kitchen)
    answer = ask(case.command)
    assert answer.code == case.exit_code, answer
    assert answer.hint, answer
    assert case.says.lower() in f"{answer.message} {answer.hint}".lower(), answer
    after = contents(kitchen)
    assert {name: after.get(name) for name in before} == before
    new = {name for name in set(after) - set(before) if not name.startswith("out/project/")}
    assert new <= MAY_FINISH_BEFORE | {"out/edgeq.json"}, new
    assert not [name for name in after if name.endswith((".tmp", ".part"))]
    shown = case.command.replace(str(kitchen), ".")
    _rows[case.given] = row(
        case.given,
        shown,
        answer.code,
        *(text.replace(str(kitchen), ".") for text in (answer.message, answer.hint)),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.given)
def test_bad_input(case: Case, ask: Ask, kitchen: Path) -> None:
    _expect(ask, kitchen, case)


@contextmanager
def _listening(accepts: bool) -> Iterator[int]:
    """A TCP port that takes connections and never says a word, or that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        if not accepts:
            listener.close()
            yield port
            return
        listener.listen()
        kept: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    kept.append(listener.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield port
        listener.shutdown(socket.SHUT_RDWR)
        for connection in kept:
            connection.close()


@pytest.mark.parametrize(
    ("given", "accepts"), [("a port that nobody answers on", False), ("a port that stays silent", True)]
)
def test_port(given: str, accepts: bool, ask: Ask, kitchen: Path) -> None:
    pytest.importorskip("ziglang", reason="builds firmware; pip install 'edgeq[sim]'")
    with _listening(accepts) as port:
        url = f"socket://127.0.0.1:{port}"
        _expect(ask, kitchen, Case(given, f"{DEPLOY} --port {url}", DeviceError.exit_code, url))
        _rows[given] = _rows[given].replace(str(port), "PORT")


def test_busy_port(ask: Ask, kitchen: Path) -> None:
    pytest.importorskip("ziglang", reason="builds firmware; pip install 'edgeq[sim]'")
    leader, follower = os.openpty()
    tty = os.ttyname(follower)
    fcntl.flock(follower, fcntl.LOCK_EX)  # as a serial terminal that has it open does
    try:
        _expect(ask, kitchen, Case(BUSY, f"{DEPLOY} --port {tty}", DeviceError.exit_code, "in use"))
    finally:
        os.close(follower)
        os.close(leader)
    _rows[BUSY] = _rows[BUSY].replace(tty, "/dev/ttyACM0")


def test_another_model(ask: Ask, kitchen: Path) -> None:
    for package in ("ziglang", "unicorn"):
        pytest.importorskip(package, reason="runs firmware; pip install 'edgeq[sim]'")
    (kitchen / "other").mkdir()
    changed(kitchen, "int8.tflite", "other/other.tflite", lambda graph: replace(graph, description="another"))
    assert (
        main(
            [
                "--quiet",
                "deploy",
                "other/other.tflite",
                "--board",
                "sim-m4",
                "--out",
                "other/out",
                "--samples",
                "1",
            ]
        )
        == 0
    )
    server = subprocess.Popen(
        [sys.executable, "-m", "edgeq", *["run", "other/out/project", "--serve", "0"]],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        said = next(line for line in server.stderr if "socket://" in line)
        url = re.search(r"socket://[\d.]+:\d+", said)
        assert url
        _expect(
            ask, kitchen, Case(OTHER, f"{DEPLOY} --port {url[0]}", DeviceError.exit_code, "another model")
        )
        _rows[OTHER] = _rows[OTHER].replace(url[0], "socket://127.0.0.1:PORT")
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 130


def test_table_is_in_the_docs(request: pytest.FixtureRequest) -> None:
    everything = [case.given for case in CASES] + [
        "a port that nobody answers on",
        "a port that stays silent",
        BUSY,
        OTHER,
    ]
    if not set(everything) <= set(_rows):
        pytest.skip("only with all the cases in one run")
    held_or_rewritten([_rows[given] for given in everything])
