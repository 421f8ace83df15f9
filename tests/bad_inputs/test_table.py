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
from waiting import GUARD

from edgeq.base.errors import DeviceError
from edgeq.cli import main

from .cases import CASES, HARDWARE, SIMULATED, Case
from .conftest import Ask, contents
from .recipes import changed
from .table import hold_order, hold_row

pytestmark = pytest.mark.usefixtures("own_locks")

MAY_FINISH_BEFORE = {"out/model_int8.tflite", "out/serial.log", "out/flash.log"}
"""What ``deploy`` may have finished before the stage that failed."""

DEPLOY = "deploy int8.tflite --board sim-m4 --out out --samples 2"

NOBODY = "a port that nobody answers on"
SILENT = "a port that stays silent"
BUSY = "a port that another program has open"
OTHER = "a device that runs another model"


def _expect(ask: Ask, kitchen: Path, case: Case, alias: tuple[str, str] = ("", "")) -> None:
    """Run a case; ``alias`` is what differs from run to run, and what the page shows in its place."""
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
    texts = (case.command, answer.message, answer.hint)
    command, message, hint = (text.replace(str(kitchen), ".").replace(*alias) for text in texts)
    hold_row(case.given, command, answer.code, message, hint)


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


@pytest.mark.parametrize(("given", "accepts"), [(NOBODY, False), (SILENT, True)])
def test_port(given: str, accepts: bool, ask: Ask, kitchen: Path) -> None:
    pytest.importorskip("ziglang", reason="builds firmware; pip install 'edgeq[sim]'")
    with _listening(accepts) as port:
        url = f"socket://127.0.0.1:{port}"
        case = Case(given, f"{DEPLOY} --port {url}", DeviceError.exit_code, url)
        _expect(ask, kitchen, case, (str(port), "PORT"))


def test_busy_port(ask: Ask, kitchen: Path) -> None:
    pytest.importorskip("ziglang", reason="builds firmware; pip install 'edgeq[sim]'")
    leader, follower = os.openpty()
    tty = os.ttyname(follower)
    fcntl.flock(follower, fcntl.LOCK_EX)  # as a serial terminal that has it open does
    try:
        case = Case(BUSY, f"{DEPLOY} --port {tty}", DeviceError.exit_code, "in use")
        _expect(ask, kitchen, case, (tty, "/dev/ttyACM0"))
    finally:
        os.close(follower)
        os.close(leader)


def test_another_model(ask: Ask, kitchen: Path) -> None:
    for package in ("ziglang", "unicorn"):
        pytest.importorskip(package, reason="runs firmware; pip install 'edgeq[sim]'")
    (kitchen / "other").mkdir()
    changed(kitchen, "int8.tflite", "other/other.tflite", lambda graph: replace(graph, description="another"))
    deploy = ("--quiet", "deploy", "other/other.tflite", "--board", "sim-m4", "--out", "other/out")
    assert main([*deploy, "--samples", "1"]) == 0
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
        case = Case(OTHER, f"{DEPLOY} --port {url[0]}", DeviceError.exit_code, "another model")
        _expect(ask, kitchen, case, (url[0], "socket://127.0.0.1:PORT"))
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(GUARD) == 130


def test_the_page_has_these_cases() -> None:
    hold_order([*(case.given for case in CASES), NOBODY, SILENT, BUSY, OTHER, *HARDWARE, *SIMULATED])
