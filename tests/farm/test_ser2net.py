"""A place of labgrid whose console is a serial port behind a real ser2net, by RFC 2217."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shutil
import socket
import subprocess
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from .rig import Rig, free_port, listening, serving
from .test_labgrid import ended

SER2NET = shutil.which("ser2net", path=f"{os.environ['PATH']}:/usr/sbin")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("labgrid"),
    pytest.mark.skipif(SER2NET is None, reason="needs ser2net (apt: ser2net)"),
]


@contextlib.contextmanager
def terminal(port: int) -> Iterator[str]:
    """A pseudo-terminal before a TCP port: its name."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    over, ends = socket.socketpair()
    board = socket.create_connection(("127.0.0.1", port))

    def pump() -> None:
        while True:
            ready, _, _ = select.select([master, board, ends], [], [])
            if ends in ready:
                return
            if master in ready:
                board.sendall(os.read(master, 4096))
            if board in ready:
                os.write(master, board.recv(4096))

    pumping = threading.Thread(target=pump, daemon=True)
    pumping.start()
    try:
        yield os.ttyname(slave)
    finally:
        over.close()
        pumping.join(10)
        for one in (board, ends):
            one.close()
        for number in (master, slave):
            os.close(number)


@contextlib.contextmanager
def ser2net(folder: Path, device: str) -> Iterator[int]:
    """A real one for a serial port: where it listens."""
    assert SER2NET is not None
    port = free_port()
    (folder / "ser2net.yaml").write_text(
        "%YAML 1.1\n---\nconnection: &board\n"
        f"    accepter: telnet(rfc2217=true),tcp,127.0.0.1,{port}\n"
        f"    connector: serialdev,{device},115200n81,local\n"
    )
    with (folder / "ser2net.log").open("ab") as log:
        process = subprocess.Popen(
            [SER2NET, "-n", "-d", "-c", folder / "ser2net.yaml"], stdout=log, stderr=log
        )
    try:
        listening(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def test_judged_through_ser2net(project: Path, tmp_path: Path) -> None:
    board = free_port()
    with (
        serving(project, board, tmp_path / "board.log"),
        terminal(board) as device,
        ser2net(tmp_path, device) as port,
    ):
        console = {"host": "127.0.0.1", "port": port, "speed": 115200, "protocol": "rfc2217"}
        with Rig(tmp_path, [port], {"p0": {"NetworkSerialPort": console}}) as rig:
            for _ in range(2):
                code, told = ended(rig.run(project, "p0"))
                assert (code, told["verdict"]) == (0, "pass"), told
            assert not rig.owner("p0")
