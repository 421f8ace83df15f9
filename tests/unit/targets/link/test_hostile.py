"""A device whose frames are whole and whose answers cannot be: its error, told as such, whatever it says."""

from __future__ import annotations

import struct
import time

import pytest

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client
from edgeq.targets.link.framing import ANSWER, LINK_VERSION, Decoder, Frame, Kind

PROFILE = {
    "link": str(LINK_VERSION), "runtime": "aot", "model": "0" * 16, "build": "1" * 16,
    "counter": "instructions",
    "hz": "0", "arena": "4800", "state": "0", "stack": "4096", "chunk": "1024", "buffer": "0", "time": "real",
}  # fmt: skip
RIGHT = {
    Kind.INFO: struct.pack("<6I", 4096, 100, 4800, 1, 1, 0),
    Kind.LOAD: b"",
    Kind.RUN: struct.pack("<2Q", 1000, 50),
    Kind.READ: bytes(10),
    Kind.INFER: struct.pack("<2Q", 0, 50) + bytes(10),
}


class Liar:
    """A device of 64 bytes in and 10 out that answers some requests as it likes."""

    def __init__(
        self, answers: dict[int, bytes] | None = None, profile: dict[str, str] | None = None
    ) -> None:
        self._answers = {**RIGHT, **(answers or {})}
        self._profile = {**PROFILE, **(profile or {})}
        self._ready, self._text, self._bulk = b"", b"", False
        self._decoder = Decoder()

    def write(self, data: bytes) -> None:
        if not self._bulk:
            *commands, self._text = (self._text + data).split(b"%")
            for command in commands:
                self._command(command)
            return
        self._decoder.feed(data)
        while (frame := self._decoder.next()) is not None:
            kind = frame.kind & 15
            payload = self._answers.get(kind)
            if payload is None:  # DESCRIBE
                payload = struct.pack("<2I", 10 if frame.argument else 64, 0)
            answer = Frame(frame.kind | ANSWER, 0, frame.number, frame.argument, payload)
            self._ready += answer.encode()

    def _command(self, command: bytes) -> None:
        told = " ".join(f"{key}={value}" for key, value in self._profile.items() if value)
        replies = {
            b"name": "m-name-dut-[edgeq]\r\n",
            b"profile": f"m-profile-[edgeq {told}]\r\nm-model-[d]\r\n",
            b"bulk": f"m-bulk-{LINK_VERSION}\r\n",
        }
        if command in replies:
            self._ready += f"{replies[command]}m-ready\r\n".encode()
        self._bulk = command == b"bulk"

    def read(self, n: int, timeout: float) -> bytes:
        if not self._ready:
            time.sleep(min(timeout, 0.05))
        taken, self._ready = self._ready[:n], self._ready[n:]
        return taken

    def close(self) -> None:
        pass


def asked(device: Liar, *, measure: bool) -> None:
    client = Client(device, timeout=0.1, retries=1, run_timeout=0.5)
    client.handshake()
    client.infer([bytes(64)], measure=measure)


def test_a_device_that_does_not_lie() -> None:
    for measure in (False, True):
        asked(Liar(), measure=measure)


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        (Kind.INFO, b"", "INFO with 0 bytes, not 24"),
        (Kind.INFO, b"abc", "INFO with 3 bytes, not 24"),
        (Kind.INFO, bytes(28), "INFO with 28 bytes, not 24"),
        (Kind.INFO, struct.pack("<6I", 0, 0, 0, 2**32 - 1, 1, 0), "4294967295 inputs and 1 outputs"),
        (Kind.INFO, struct.pack("<6I", 0, 0, 0, 1, 0, 0), "1 inputs and 0 outputs"),
        (Kind.DESCRIBE, b"", "DESCRIBE with 0 bytes, not 8"),
        (Kind.DESCRIBE, struct.pack("<2I", 2**32 - 1, 0), "a tensor of 4294967295 bytes"),
        (Kind.DESCRIBE, struct.pack("<2I", 0, 0), "a tensor of 0 bytes"),
        (Kind.RUN, b"abc", "RUN with 3 bytes, not 16"),
        (Kind.READ, b"", "0 bytes where 10 of an output are left"),
        (Kind.READ, bytes(11), "11 bytes where 10 of an output are left"),
        (Kind.INFER, bytes(25), "INFER with 25 bytes, not 26"),
    ],
)
def test_answers_that_cannot_be(kind: Kind, payload: bytes, message: str) -> None:
    with pytest.raises(DeviceError, match=f"the device answered {message}") as error:
        asked(Liar({kind: payload}), measure=kind in (Kind.RUN, Kind.READ))
    assert error.value.exit_code == 5 and error.value.hint


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({"hz": "-1"}, "hz=-1, which is no number of 32 bits"),
        ({"hz": "9" * 400}, "hz=9+, which is no number"),
        ({"hz": "²"}, "hz=.*, which is no number"),
        ({"chunk": "-7"}, "chunk=-7"),
        ({"arena": str(2**32)}, "arena=4294967296"),
        ({"stack": "x"}, "stack=x"),
        ({"chunk": ""}, "has no chunk"),
        ({"link": "9" * 5000}, "link=9+, which is no number"),
        ({"link": "2"}, f"speaks link version 2, this edgeq speaks {LINK_VERSION}"),
        ({"link": "0"}, "speaks text alone"),
    ],
)
def test_profiles_that_cannot_be(profile: dict[str, str], message: str) -> None:
    with pytest.raises(DeviceError, match=message) as error:
        asked(Liar(profile=profile), measure=False)
    assert len(error.value.message) < 400 and error.value.hint
