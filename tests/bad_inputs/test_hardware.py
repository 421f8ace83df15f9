"""Boards of hardware: not there, two of them, or with tools that are missing, fail, hang or lie."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from waiting import GUARD

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.cli import main
from edgeq.targets.devices import usb

from .cases import HARDWARE, Case
from .conftest import Ask
from .test_table import _expect

pytestmark = pytest.mark.usefixtures("own_locks")

pytest.importorskip("ziglang", reason="builds firmware; pip install 'edgeq[sim]'")

DEPLOY = "deploy int8.tflite --board nucleo_l4r5zi --out out --samples 2"
SERIAL, OTHER = "0670FF575251717867123456", "0670FF575251717867999999"
TTY = "/dev/ttyACM0"
FAILS = "echo 'Error: init mode failed (unable to connect to the target)'; exit 1"

Plug = Callable[..., None]
Tool = Callable[[str], None]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plug:
    """Nothing on USB but what the test plugs in: probes by serial number, each with a port."""

    def connect(**ports: str) -> None:
        listed = [
            SimpleNamespace(
                device=port,
                vid=0x0483,
                pid=0x374B,
                serial_number=serial,
                product="ST-Link",
                location=f"1-{i}",
            )
            for i, (serial, port) in enumerate(ports.items(), 1)
        ]
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: listed)

    monkeypatch.setattr(usb, "_SYS_USB", tmp_path / "none")
    connect()
    return connect


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    """Flash tools on PATH: none but an openocd that does what a shell script says."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    find = importlib_find_spec()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pyocd" else find(name))

    def install(script: str) -> None:
        (folder / "openocd").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "openocd").chmod(0o755)

    return install


def importlib_find_spec() -> Callable[[str], object]:
    import importlib.util

    return importlib.util.find_spec


@pytest.fixture
def tty() -> Iterator[str]:
    """A serial port on which nobody speaks."""
    leader, follower = pty.openpty()
    yield os.ttyname(follower)
    os.close(leader)
    os.close(follower)


def test_no_probe(ask: Ask, kitchen: Path, plug: Plug) -> None:
    _expect(ask, kitchen, Case(HARDWARE[0], DEPLOY, DeviceError.exit_code, "no nucleo_l4r5zi is connected"))


def test_two_probes(ask: Ask, kitchen: Path, plug: Plug) -> None:
    plug(**{SERIAL: TTY, OTHER: "/dev/ttyACM1"})
    _expect(ask, kitchen, Case(HARDWARE[1], DEPLOY, DeviceError.exit_code, OTHER))


def test_no_flash_tool(ask: Ask, kitchen: Path, plug: Plug, tool: Tool, tty: str) -> None:
    plug(**{SERIAL: tty})
    _expect(ask, kitchen, Case(HARDWARE[2], DEPLOY, ToolMissingError.exit_code, "apt-get"), (tty, TTY))


def test_a_flash_tool_that_fails(ask: Ask, kitchen: Path, plug: Plug, tool: Tool, tty: str) -> None:
    plug(**{SERIAL: tty})
    tool(FAILS)
    _expect(ask, kitchen, Case(HARDWARE[3], DEPLOY, DeviceError.exit_code, "flash.log"), (tty, TTY))
    assert "unable to connect" in (kitchen / "out/flash.log").read_text()


def test_a_flash_tool_that_hangs(ask: Ask, kitchen: Path, plug: Plug, tool: Tool, tty: str) -> None:
    plug(**{SERIAL: tty})
    tool("exec /bin/sleep 60")
    text = f"- {{id: {SERIAL}, platform: nucleo_l4r5zi, connected: true, flash_timeout: 0.5}}\n"
    case = Case(
        HARDWARE[4],
        DEPLOY,
        DeviceError.exit_code,
        "stopped after 0.5 s",
        lambda folder: (folder / "hardware-map.yml").write_text(text),
    )
    _expect(ask, kitchen, case, (tty, TTY))


def test_other_firmware(ask: Ask, kitchen: Path, plug: Plug, tool: Tool) -> None:
    """The tool says that all went well, and the board runs what it ran before."""
    pytest.importorskip("unicorn", reason="runs firmware; pip install 'edgeq[sim]'")
    plug(**{SERIAL: TTY})
    assert (
        main(["--quiet", "deploy", "int8.tflite", "--board", "sim-m4", "--out", "before", "--samples", "1"])
        == 0
    )
    tool("exit 0")
    server = subprocess.Popen(
        [sys.executable, "-m", "edgeq", "run", "before", "--serve", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        said = next(line for line in server.stderr if "socket://" in line)
        url = re.search(r"socket://[\d.]+:\d+", said)
        assert url
        case = Case(HARDWARE[5], f"{DEPLOY} --port {url[0]}", DeviceError.exit_code, "than was flashed")
        _expect(ask, kitchen, case, (url[0], "socket://127.0.0.1:PORT"))
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(GUARD) == 130
