"""The board ``host``: a native process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from edgeq.base.errors import DeviceError
from edgeq.builder import Image
from edgeq.targets import Stream, open_target
from edgeq.targets.host_target import HostTarget


def read_exactly(stream: Stream, n: int) -> bytes:
    got = b""
    while len(got) < n:
        data = stream.read(n - len(got), 5.0)
        assert data, got
        got += data
    return got


@pytest.fixture
def host(probe: Callable[[str], Image]) -> Image:
    return probe("host")


def test_echo_of_much(host: Image) -> None:
    text = bytes([0, 1, 255, 10, 13]) * 50_000
    with open_target(host) as target:
        assert isinstance(target, HostTarget)
        target.flash(host)
        stream = target.open()
        assert read_exactly(stream, 6) == b"hello\n"
        stream.write(text)
        assert read_exactly(stream, len(text)) == text
        assert stream.read(1, 0.05) == b""
        assert target.diagnosis() is None
        target.reset()
        assert read_exactly(stream, 6) == b"hello\n"


@pytest.mark.parametrize(("command", "end"), [(b"a", "ended by SIGABRT"), (b"q", "ended with code 3")])
def test_end_is_told(host: Image, command: bytes, end: str) -> None:
    with open_target(host) as target:
        target.flash(host)
        stream = target.open()
        read_exactly(stream, 6)
        stream.write(command)
        with pytest.raises(DeviceError, match=end):
            stream.read(1, 5.0)
        assert end in (target.diagnosis() or "")
        with pytest.raises(DeviceError, match=end):
            stream.write(b"x")


def test_hanging_process_is_ended(host: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeq.targets.host_target._WRITE_TIMEOUT", 0.3)
    with open_target(host) as target:
        target.flash(host)
        stream = target.open()
        read_exactly(stream, 6)
        stream.write(b"h")
        assert stream.read(1, 0.2) == b""
        with pytest.raises(DeviceError, match="takes no input"):
            stream.write(bytes(1 << 20))
        target.close()
        target.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "edgeq-host"]
