"""A simulated serial port on loopback TCP, and the ports that cannot be opened."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from waiting import GUARD, until

from edgeq.base.errors import DeviceError, UsageError
from edgeq.builder import Image
from edgeq.targets import Place, open_target, serve
from edgeq.targets.serial_target import SocketStream
from edgeq.targets.stream import QueueStream

from .talking import read_until


class Served:
    """``serve`` in a thread; the firmware's 'u' (undefined instruction) ends it."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.error: DeviceError | None = None
        self._ports: list[int] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(GUARD)
        self.url = f"socket://127.0.0.1:{self._ports[0]}"
        self.port = self._ports[0]

    def _serve(self) -> None:
        try:
            serve(self.image, 0, ready=lambda port: (self._ports.append(port), self._ready.set()))
        except DeviceError as error:
            self.error = error

    def end(self) -> None:
        if self._thread.is_alive():
            with open_target(self.image, Place(port=self.url)) as target:
                target.open().write(b"u")
                self._thread.join(GUARD)
        assert not self._thread.is_alive()


@pytest.fixture(autouse=True)
def probes_banner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("edgeq.targets.serve"), "_BANNER", b"hello\n")


@pytest.fixture
def served(probe: Callable[[str], Image]) -> Iterator[Served]:
    serving = Served(probe("sim-m4"))
    yield serving
    serving.end()


def test_clients_one_after_another(served: Served) -> None:
    for turn in range(5):
        with open_target(served.image, Place(port=served.url)) as target:
            target.flash(served.image)
            stream = target.open()
            assert stream.read(100, 0.1) == b""  # no banner of before
            stream.write(b"m")
            got = read_until(stream, b"\n")
            while got.count(b"\n") < 3:
                got += read_until(stream, b"\n")
            assert got == b"0\n%d\n3\n" % (7 + turn)  # the state of before
            assert target.diagnosis() is None


def test_what_nobody_heard_is_dropped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    told, read = [], QueueStream.read

    def noted(stream: QueueStream, n: int, timeout: float) -> bytes:
        told.append(read(stream, n, timeout))
        return told[-1]

    monkeypatch.setattr(QueueStream, "read", noted)
    with open_target(served.image, Place(port=served.url)) as target:
        target.open().write(b"CCC")
    assert until(lambda: b"".join(told).count(b"\n") == 3)
    with open_target(served.image, Place(port=served.url)) as target:
        stream = target.open()
        stream.write(b"\x80")
        assert read_until(stream, b"\x80") == b"\x80"


def test_nagles_algorithm_is_off_on_both_sides(
    probe: Callable[[str], Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold back the second of two small writes, for 40 ms."""
    sides: list[socket.socket] = []
    module = import_module("edgeq.targets.serve")
    accepted = module._prompt
    monkeypatch.setattr(module, "_prompt", lambda client: sides.append(client) or accepted(client))
    served = Served(probe("sim-m4"))
    with open_target(served.image, Place(port=served.url)) as target:
        stream = target.open()
        assert isinstance(stream, SocketStream)
        stream.write(b"\x80")
        stream.write(b"\x81")
        assert read_until(stream, b"\x81") == b"\x80\x81"
        sides.append(stream._socket)
        assert len(sides) == 2
        assert all(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in sides)
    served.end()


def test_much_data_both_ways(served: Served) -> None:
    text = bytes(range(0x80, 0x100)) * 2000
    with open_target(served.image, Place(port=served.url)) as target:
        stream = target.open()
        sender = threading.Thread(target=stream.write, args=(text,))
        sender.start()
        got = b""
        while len(got) < len(text):
            data = stream.read(65536, GUARD)
            assert data
            got += data
        sender.join()
        assert got == text


def test_a_fault_ends_serving(served: Served) -> None:
    with open_target(served.image, Place(port=served.url)) as target:
        stream = target.open()
        stream.write(b"r")
        assert read_until(stream, b"\r\n").startswith(b"e-[fault BusFault pc=0x")
        with pytest.raises(DeviceError, match="was closed"):
            while True:
                stream.read(10, GUARD)
    served._thread.join(GUARD)
    assert served.error is not None
    assert "read of 4 bytes at 0x00000010" in served.error.message


def test_pyserials_own_socket_works(served: Served) -> None:
    import serial

    with serial.serial_for_url(served.url, timeout=GUARD) as port:
        port.write(b"\x80\x81")
        assert port.read(2) == b"\x80\x81"


def test_port_in_use(served: Served) -> None:
    with pytest.raises(DeviceError, match=f"cannot serve on port {served.port}: it is in use"):
        serve(served.image, served.port, ready=lambda port: None)
    with pytest.raises(DeviceError, match="cannot serve on port 70000"):
        serve(served.image, 70000, ready=lambda port: None)


def test_ports_that_do_not_open(probe: Callable[[str], Image], tmp_path: Path) -> None:
    image = probe("sim-m4")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for url, kind, message in [
        (f"socket://127.0.0.1:{port}", DeviceError, "cannot connect.*refused"),
        ("socket://nonsense", UsageError, "is not a port"),
        ("socket://127.0.0.1:99999", UsageError, "is not a port"),
        ("nosuch://thing", UsageError, "is not a port"),
        (str(tmp_path / "ttyNone"), DeviceError, "there is no port"),
    ]:
        with open_target(image, Place(port=url)) as target, pytest.raises(kind, match=message) as error:
            target.open()
        assert error.value.hint


def test_a_real_terminal_device(probe: Callable[[str], Image]) -> None:
    controller, device = os.openpty()
    name = os.ttyname(device)
    try:
        with open_target(probe("sim-m4"), Place(port=name)) as target:
            target.flash(probe("sim-m4"))
            stream = target.open()
            stream.write(b"name%")
            assert os.read(controller, 100) == b"name%"
            os.write(controller, b"m-ready\r\n" + bytes(range(256)))
            got = b""
            while len(got) < 9 + 256:
                got += stream.read(4096, 2.0)
            assert got == b"m-ready\r\n" + bytes(range(256))
            assert stream.read(10, 0.05) == b""
            with (
                open_target(probe("sim-m4"), Place(port=name)) as second,
                pytest.raises(DeviceError, match="in use by another edgeq"),
            ):
                second.open()
            with pytest.raises(DeviceError, match="cannot be reset"):
                target.reset()
            target.close()
            with pytest.raises(DeviceError, match="failed"):
                stream.read(1, 0.1)
    finally:
        os.close(controller)
        os.close(device)
