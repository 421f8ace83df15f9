"""Every form of a port that is promised, against a real server or terminal; and a port that goes."""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import socket
import struct
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client, TranscriptStream
from edgeq.targets.serial_target import SerialTarget


class Served:
    """A device on loopback TCP, raw or by RFC 2217; may close the connection after so many bytes."""

    def __init__(self, device, *, rfc2217: bool = False, closes_after: int = 0, resets: bool = False) -> None:
        self._device, self._rfc2217, self._resets = device, rfc2217, resets
        self.closes_after, self.connections, self.negotiations = closes_after, 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the test is over
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                with client, contextlib.suppress(OSError):
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        manager = self._manager(client) if self._rfc2217 else None
        passed = 0
        while True:
            if select.select([client], [], [], 0)[0]:
                data = client.recv(4096)
                if not data:
                    return
                self._device.write(b"".join(manager.filter(data)) if manager else data)
                passed += len(data)
            answer = self._device.read(4096, 0.002)
            if answer:
                client.sendall(b"".join(manager.escape(answer)) if manager else answer)
            if 0 < self.closes_after < passed:
                self.closes_after = 0
                if self._resets:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return

    def _manager(self, client: socket.socket):
        import serial
        import serial.rfc2217

        served = self

        class Writer:
            write = staticmethod(client.sendall)

        class Manager(serial.rfc2217.PortManager):
            """Says nothing to DTR, RTS and flow control, as ser2net where its port has none of them."""

            def _telnet_process_subnegotiation(self, suboption: bytes) -> None:
                served.negotiations += 1
                super()._telnet_process_subnegotiation(suboption)

            def rfc2217_send_subnegotiation(self, option: bytes, value: bytes = b"") -> None:
                if option != serial.rfc2217.SERVER_SET_CONTROL:
                    super().rfc2217_send_subnegotiation(option, value)

        return Manager(serial.serial_for_url("loop://"), Writer())


@contextlib.contextmanager
def terminal(device) -> Iterator[str]:
    """The device behind a pseudo-terminal, by its name."""
    master, slave = os.openpty()
    tty.setraw(slave)
    done = threading.Event()

    def pump() -> None:
        while not done.is_set():
            if select.select([master], [], [], 0)[0]:
                device.write(os.read(master, 4096))
            answer = device.read(4096, 0.002)
            if answer:
                os.write(master, answer)

    thread = threading.Thread(target=pump)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        done.set()
        thread.join()
        os.close(master)
        os.close(slave)


def works(url: str, device) -> None:
    many = [[random.Random(i).randbytes(490)] for i in range(20)]
    with SerialTarget(url, 115_200) as target, Client(target.open()) as client:
        client.handshake(device.model_hash, device.build_hash)
        for place, one in client.infer_all(many):
            assert one.outputs == [device.scores(many[place][0])]
        assert client.quality.resyncs == 0


@pytest.mark.parametrize("scheme", ["socket", "SOCKET", "rfc2217"])
def test_over_tcp(device, scheme: str) -> None:
    one = device(ONE_OUTPUT=1)
    served = Served(one, rfc2217=scheme == "rfc2217")
    works(f"{scheme}://127.0.0.1:{served.port}", one)
    assert served.negotiations < 20  # to open it; each takes an exchange, and none comes with a read
    served.close()


@pytest.mark.parametrize("form", ["{}", "spy://{}?file=/dev/null", "alt://{}?class=Serial", "hwgrep://{}"])
def test_local_ports(device, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = device(ONE_OUTPUT=1)
    with terminal(one) as name:
        listed = [(name, "a terminal", "n/a")]
        monkeypatch.setattr("serial.tools.list_ports.grep", lambda *_, **__: listed)
        works(form.format(re.escape(name) if "grep" in form else name), one)


@pytest.mark.parametrize(
    "url", ["nonsense://x", "socket://127.0.0.1", "rfc2217://127.0.0.1:1", "spy:///dev/no"]
)
def test_ports_that_are_none(url: str) -> None:
    from edgeq.base.errors import EdgeqError

    with SerialTarget(url, 115_200) as target, pytest.raises(EdgeqError) as error:
        target.open()
    assert error.value.hint


def test_one_client_a_port_by_whatever_name_and_folder(
    device, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = device(ONE_OUTPUT=1)
    served = Served(one)
    with SerialTarget(f"socket://127.0.0.1:{served.port}", 115_200) as first:
        first.open()
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr("tempfile.tempdir", None)
        for other in ("socket://localhost", "SOCKET://127.0.0.1", "rfc2217://127.0.0.1"):
            with (
                SerialTarget(f"{other}:{served.port}", 115_200) as second,
                pytest.raises(DeviceError, match="is in use by another edgeq"),
            ):
                second.open()
    with terminal(one) as name, SerialTarget(name, 115_200) as first:
        first.open()
        (tmp_path / "link").symlink_to(name)
        with (
            SerialTarget(str(tmp_path / "link"), 115_200) as second,
            pytest.raises(DeviceError, match="in use"),
        ):
            second.open()
    served.close()


@pytest.mark.parametrize("resets", [False, True])
def test_a_connection_that_closes_is_opened_again(device, resets: bool, tmp_path: Path) -> None:
    one = device(ONE_OUTPUT=1)
    served = Served(one, closes_after=15_000, resets=resets)
    many = [[random.Random(i).randbytes(490)] for i in range(60)]
    with SerialTarget(f"socket://127.0.0.1:{served.port}", 115_200) as target:
        stream = TranscriptStream(target.open(), tmp_path / "serial.log", again=target.reopen)
        with stream, Client(stream) as client:
            got = dict(client.infer_all(many))
            assert client.quality.reconnects >= 1
    assert {place: found.outputs for place, found in got.items()} == {
        place: [one.scores(data)] for place, (data,) in enumerate(many)
    }
    assert served.connections >= 2
    assert b"opening it again" in (tmp_path / "serial.log").read_bytes()
    served.close()


def test_without_a_way_back_the_connections_end_is_told(device) -> None:
    served = Served(device(ONE_OUTPUT=1), closes_after=3_000)
    with SerialTarget(f"socket://127.0.0.1:{served.port}", 115_200) as target:
        client = Client(target.open())
        with pytest.raises(DeviceError, match="was closed"):
            list(client.infer_all([[bytes(490)]] * 60))
    served.close()


class Talking:
    """A stream that never stops, of two megabytes a second."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        self.given = 0

    def now(self) -> float:
        return self.given / 2e6

    def read(self, n: int, timeout: float) -> bytes:
        self.given += n
        return (self._block * (n // len(self._block) + 1))[:n]

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.sample(1)
@pytest.mark.parametrize("block", [b"hello\r\n", b"x", b"\xec\x51\x81\x00\xe7\x03" + bytes(10), b"\xec\x51"])
def test_a_flood_ends_by_its_deadline_and_fills_no_disk(block: bytes, tmp_path: Path) -> None:
    log = tmp_path / "serial.log"
    talking = Talking(block)
    with TranscriptStream(talking, log) as stream, pytest.raises(DeviceError):
        Client(stream, timeout=0.1, retries=1, log=log, clock=talking.now).handshake()
    assert talking.given > 4 << 20 and talking.now() < 20
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 << 20


def test_the_log_has_both_ways_and_times(device, tmp_path: Path) -> None:
    log = tmp_path / "serial.log"
    with TranscriptStream(device(ONE_OUTPUT=1), log) as stream, Client(stream, log=log) as client:
        client.infer([bytes(490)])
    lines = log.read_text(encoding="ascii").splitlines()
    assert all(re.match(r" *\d+\.\d{3} [<>-] ", line) for line in lines)
    assert any(line.endswith("< m-[edgeq starts]") for line in lines)
    assert any(line.endswith("> name%") for line in lines)
    assert any(re.search(r"> \\xecQ\\x08.* \.\.\. 510 bytes$", line) for line in lines)
