"""Devices that are not there, not ours, not well or never silent: an error in bounded time, with evidence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client, TextLink, Wire
from edgeq.targets.link.framing import LINK_VERSION


class Scripted:
    """A stream that answers each write by a function, says ``banner`` at first, and has its own time."""

    def __init__(self, answer: Callable[[bytes], bytes] = lambda _: b"", banner: bytes = b"") -> None:
        self._answer = answer
        self._ready = banner
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def write(self, data: bytes) -> None:
        self._ready += self._answer(data)

    def read(self, n: int, timeout: float) -> bytes:
        taken, self._ready = self._ready[:n], self._ready[n:]
        self.time += len(taken) * 10 / 115_200 if taken else timeout
        return taken

    def close(self) -> None:
        pass


def quick(stream: Scripted, **options: object) -> Client:
    return Client(stream, timeout=0.05, retries=2, clock=stream.now, **options)  # type: ignore[arg-type]


def test_nothing_at_all(tmp_path):
    stream = Scripted()
    with pytest.raises(DeviceError, match=r"no m-name-dut after name%, 3 times 0.05 s") as error:
        quick(stream, log=tmp_path / "serial.log").handshake()
    assert stream.now() < 0.5
    assert "nothing came" in error.value.hint
    assert "serial.log" in error.value.hint


def test_what_came_instead_is_shown():
    banner = b"U-Boot 2024.01\r\nHit any key\xff\r\n"
    with pytest.raises(DeviceError) as error:
        quick(Scripted(banner=banner)).handshake()
    assert "U-Boot 2024.01" in error.value.hint
    assert "\\xff" in error.value.hint


def test_a_diagnosis_is_told():
    with pytest.raises(DeviceError, match="the simulator timed out at 0x1234 in edgeq_conv_s8"):
        quick(Scripted(), diagnosis=lambda: "the simulator timed out at 0x1234 in edgeq_conv_s8").handshake()


def test_a_device_that_never_stops_talking():
    stream = Scripted(lambda _: b"noise\r\n" * 1000, banner=b"noise\r\n" * 50_000)
    with pytest.raises(DeviceError):
        quick(stream).handshake()
    assert stream.now() < 6


def test_a_fault_is_told_at_once_with_its_diagnosis():
    fault = b"e-[fault HardFault pc=0x08000123 lr=0x08000045 cfsr=0x00000400]\r\n"
    stream = Scripted(lambda _: fault)
    client = Client(stream, timeout=5.0, diagnosis=lambda: "HardFault in edgeq_mean_s8", clock=stream.now)
    with pytest.raises(DeviceError, match=r"fault HardFault pc=0x08000123.*HardFault in edgeq_mean_s8"):
        client.handshake()
    assert stream.now() < 2


def test_a_fault_that_comes_in_pieces():
    pieces = [b"m-name-", b"e-[fau", b"lt BusFault pc=0x1", b" lr=0x2]", b"\r\n"]

    class Slow(Scripted):
        def read(self, n: int, timeout: float) -> bytes:
            if not self._ready and pieces:
                self._ready = pieces.pop(0)
            return super().read(n, timeout)

    with pytest.raises(DeviceError, match=r"e-\[fault BusFault pc=0x1 lr=0x2\]"):
        quick(Slow()).handshake()


def official(data: bytes) -> bytes:
    """The MLPerf Tiny reference firmware, as far as it goes."""
    if data.endswith(b"name%"):
        return b"m-name-dut-[reference]\r\nm-ready\r\n"
    if data.endswith(b"profile%"):
        return b"m-profile-[firmware V1.0]\r\nm-model-[kws01]\r\nm-ready\r\n"
    return b""


def test_firmware_that_is_not_ours():
    with pytest.raises(
        DeviceError, match=r"does not run firmware of edgeq: its profile is \[firmware V1.0\]"
    ):
        quick(Scripted(official)).handshake()


def test_another_link_version():
    def newer(data: bytes) -> bytes:
        profile = b"edgeq link=%d runtime=aot model=00 build=11 counter=none hz=0 arena=1 stack=2 chunk=64"
        return official(data).replace(b"firmware V1.0", profile % (LINK_VERSION + 1))

    with pytest.raises(
        DeviceError, match=f"link version {LINK_VERSION + 1}, this edgeq speaks {LINK_VERSION}"
    ):
        quick(Scripted(newer)).handshake()


def spoiled(turns: str) -> Callable[[bytes], bytes]:
    """A device whose profiles come whole (w), lack the same packet (p), or a byte each (b), by turns."""
    hashes = b"model=0000 build=1111 "
    whole = b"edgeq link=%d runtime=aot %scounter=none hz=0 arena=1 stack=2 chunk=64 buffer=0"
    asked = -1

    def answer(data: bytes) -> bytes:
        nonlocal asked
        asked += data.endswith(b"profile%")
        turn = turns[asked % len(turns)]
        told = whole % (LINK_VERSION, b"" if turn == "p" else hashes)
        told = told[: 20 + asked] + told[21 + asked :] if turn == "b" else told
        return official(data).replace(b"firmware V1.0", told)

    return answer


@pytest.mark.parametrize("turns", ["ww", "bww", "bbbww", "wbww", "pwpww"])
def test_a_profile_counts_once_it_has_come_twice_the_same(turns: str):
    with pytest.raises(DeviceError, match="runs another build: build hash 1111, expected 2222"):
        quick(Scripted(spoiled(turns))).handshake(None, "2222")


@pytest.mark.parametrize("turns", ["b", "wbbbbbbb", "pw"])
def test_a_profile_that_came_once_is_not_believed(turns: str):
    with pytest.raises(DeviceError, match="no m-profile twice the same after profile%"):
        quick(Scripted(spoiled(turns))).handshake(None, "2222")


def test_a_stream_that_is_gone():
    class Gone(Scripted):
        def write(self, data: bytes) -> None:
            raise DeviceError("the port is gone")

    with pytest.raises(DeviceError, match="port is gone"):
        quick(Gone()).handshake()


def test_a_stream_that_does_not_wait_is_no_busy_loop():
    reads = 0

    class Impatient(Scripted):
        def read(self, n: int, timeout: float) -> bytes:
            nonlocal reads
            reads += 1
            return b""

    with pytest.raises(DeviceError):
        Client(Impatient(), timeout=0.05, retries=2).handshake()
    assert reads < 2000


def test_text_that_is_not_the_protocol():
    link = TextLink(Wire(Scripted(lambda _: b"m-ready\r\n")), timeout=0.1)
    with pytest.raises(DeviceError, match="did not answer infer as the protocol says"):
        link.infer()
    with pytest.raises(DeviceError, match="did not say m-load-done"):
        link.load(b"abc")
    with pytest.raises(DeviceError, match="no m-ready after name%"):
        TextLink(Wire(Scripted(lambda _: b"m-name")), timeout=0.05).command("name")
