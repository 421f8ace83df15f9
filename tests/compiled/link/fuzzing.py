"""Mutated frames, for the firmware and for the client, and what must come of them: nothing."""

from __future__ import annotations

import random
import shutil
import signal
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from line import OUTPUTS, Line, scores

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client, TranscriptStream
from edgeq.targets.link.framing import ANSWER, CHUNK, GENERATION, NAK, Damaged, Decoder, Frame, Kind, Status
from edgeq.targets.link.transcript import CAP

SIZE = 490
BAUD = 10_000_000
DEFINES = [f"-DINPUT_BYTES={SIZE}", f"-DOUTPUT_BYTES={OUTPUTS}", "-DONE_OUTPUT=1", "-DSPENDS=0"]
_HEADER = struct.Struct("<2sBBHHI")
_COST_BYTES = 16
_PATIENCE = 120
"""Seconds of this machine's clock after which something hangs: what is simulated takes milliseconds."""

Mistakes = Counter[str]


def sanitizers() -> tuple[str, ...]:
    """Flags with which the firmware ends at once when it strays; zig has no AddressSanitizer."""
    kinds = "address,undefined" if shutil.which("cc") else "undefined"
    return f"-fsanitize={kinds}", "-fno-sanitize-recover=all", "-g"


@contextmanager
def leash() -> Iterator[None]:
    """Ends what hangs, with a TimeoutError."""

    def bark(number: int, frame: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(_PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def encoded(kind: int, index: int, number: int, length: int, argument: int, payload: bytes) -> bytes:
    """A frame whose checksums are right, whatever else is."""
    header = _HEADER.pack(b"\xec\x51", kind, index, number, length, argument)
    crc = zlib.crc32(header)
    body = payload + struct.pack("<I", zlib.crc32(payload, crc)) if length else b""
    return header + struct.pack("<I", crc) + body


def spoilt(data: bytes, rng: random.Random) -> bytes:
    """Cut off, a bit turned, a byte more, another's middle, or twice."""
    at = rng.randrange(len(data))
    kind = rng.randrange(5)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if kind == 2:
        return data[:at] + rng.randbytes(rng.randrange(1, 5)) + data[at:]
    if kind == 3:
        return data[:at] + rng.randbytes(rng.randrange(1, 40)) + data[at + 20 :]
    return data + data


class Requests:
    """Requests of any kind with absurd values, and spoilt ones; it knows what may be answered to which."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._pool = [(data, scores(data)) for data in (rng.randbytes(SIZE) for _ in range(64))]
        self.begin()

    def begin(self) -> None:
        """Bulk mode is entered anew."""
        self._number = 0
        self.right: dict[int, set[bytes]] = {}

    def next(self) -> bytes:
        """One more. Some go on with a whole inference, so that not all is refused at the door."""
        rng = self._rng
        self._number = (self._number + rng.choice([0, 1, 1, 1, 1, 2, 40_000])) % 65_536
        if rng.random() < 0.3:
            data, outputs = rng.choice(self._pool)
            self.right.setdefault(self._number, set()).add(outputs)
            kind = Kind.INFER | GENERATION * rng.randrange(8)
            frame = encoded(kind, 0, self._number, SIZE, 0, data)
        else:
            length = rng.choice([0, 0, 1, 64, SIZE - 1, CHUNK, CHUNK + 1, 65_535])
            argument = rng.choice([0, 0, 1, 64, 2**31 - 1, 2**32 - 1, rng.randrange(2**32)])
            kind = rng.choice([*Kind, *Kind, rng.randrange(256)])
            index = rng.choice([0, 0, 0, 1, 255])
            payload = rng.randbytes(min(length, CHUNK + 76))
            frame = encoded(kind, index, self._number, length, argument, payload)
        return spoilt(frame, rng) if rng.random() < 0.4 else frame


def fuzz_firmware(line: Line, frames: int, seed: int) -> Mistakes:
    """So many mutated frames to the device, ever again a known inference. Raises DeviceError when it ends.

    Returns:
        What came of it: ``frames`` and ``answers``, and anything else is a mistake.
    """
    rng = random.Random(seed)
    requests, found = Requests(rng), Mistakes()
    data = rng.randbytes(SIZE)
    while found["frames"] < frames:
        with leash():
            _round(line, requests, rng, found)
            with Client(line, clock=line.now, timeout=0.5, baud=BAUD) as client:
                found["wrong afterwards"] += client.infer([data]).outputs != [scores(data)]
    return +found


def _round(line: Line, requests: Requests, rng: random.Random, found: Mistakes) -> None:
    requests.begin()
    decoder = Decoder()
    for _ in range(20):
        line.write(b"%bulk%")  # it may have been told to leave
        some = [requests.next() for _ in range(rng.randrange(1, 20))]
        line.write(b"".join(some))
        found["frames"] += len(some)
        while came := line.read(1 << 16, 0.01):
            decoder.feed(came)
        while (
            answer := decoder.next()
        ) is not None:  # Damaged would be the device's mistake: the line is good
            found["answers"] += 1
            if answer.kind % GENERATION == Kind.INFER and answer.kind != NAK and answer.index == Status.OK:
                right = requests.right.get(answer.number, set())
                found["wrong accepted"] += answer.payload[_COST_BYTES:] not in right


class Forger:
    """A device whose answers stand among mutated ones, which have the right numbers, and whatever else.

    It never forges what would be the device's own: an output of the right length with a right checksum.

    Args:
        device: the true one.
        seed: of what is forged.
        rate: the share of readings that something is added to, or taken from.
    """

    def __init__(self, device: Line, seed: int, rate: float = 0.02) -> None:
        self._device, self._rng, self._rate = device, random.Random(seed), rate
        self._asked = Decoder()
        self._last = Frame(Kind.INFO)
        self._forged: bytes = b""
        self.frames = 0

    def write(self, data: bytes) -> None:
        """To the device; and looked at."""
        self._asked.feed(data)
        try:
            while (frame := self._asked.next()) is not None:
                self._last = frame
        except Damaged:
            pass
        self._device.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        """What the device says, and what it does not."""
        rng = self._rng
        if self._forged:
            data, self._forged = self._forged[:n], self._forged[n:]
            return data
        data = self._device.read(n, timeout)
        if not data or rng.random() >= (self._rate / 20 if b"m-" in data else self._rate):
            return data
        before = b"".join(self._forge() for _ in range(rng.randrange(1, 30)))
        self._forged = before + (data if rng.random() < 0.8 else spoilt(data, rng))
        return self.read(n, timeout)

    def close(self) -> None:
        """Ends the device."""
        self._device.close()

    def _forge(self) -> bytes:
        rng = self._rng
        self.frames += 1
        asked = self._last
        kind = rng.choice([asked.kind, asked.kind, rng.choice([*Kind]), rng.randrange(128)]) | ANSWER
        kind = NAK if rng.random() < 0.05 else kind
        number = (asked.number + rng.choice([0, 0, 0, 1, -1, rng.randrange(65_536)])) % 65_536
        status = rng.choice([0, 0, 1, 2, 3, 4, 9, 255])
        argument = rng.choice([0, asked.number, (asked.number - 1) % 65_536, rng.randrange(2**32)])
        carries = kind % GENERATION in (Kind.INFER, Kind.READ)
        length = rng.choice([0, CHUNK, 300] if carries else [0, 1, 8, 16, 24, 300, CHUNK])
        frame = encoded(kind, status, number, length, argument, rng.randbytes(length))
        if rng.random() < 0.4:
            return spoilt(frame, rng) if not carries else frame[: rng.randrange(len(frame))]
        if rng.random() < 0.1:
            return rng.choice([b"m-ready\r\n", b"e-[too long]\r\n", rng.randbytes(60), b"\xec\x51" * 9])
        return frame


def fuzz_client(line: Line, frames: int, seed: int, folder: Path) -> Mistakes:
    """So many mutated answers to the client: each inference ends as the device's answer, or as an error.

    Args:
        folder: for the transcript, whose files keep to their cap.

    Returns:
        What came of it: ``frames``, ``right`` results and ``errors``, and anything else is a mistake.
    """
    rng = random.Random(seed)
    forger, found = Forger(line, seed), Mistakes()
    log = folder / "serial.log"
    with TranscriptStream(forger, log) as stream:
        while forger.frames < frames:
            many = [[rng.randbytes(SIZE)] for _ in range(5)]
            measure = rng.random() < 0.2
            try:
                with leash():
                    client = Client(
                        stream, clock=line.now, timeout=0.2, retries=3, run_timeout=1.0, baud=BAUD
                    )
                    info = client.handshake()
                    if (info.inputs, info.outputs, info.state) != ((SIZE,), (OUTPUTS,), 0):
                        found["other model"] += 1  # which the judgement compares with its own
                        continue
                    got = (
                        enumerate(client.infer(inputs, measure=True) for inputs in many)
                        if measure
                        else client.infer_all(many)
                    )
                    for place, one in got:
                        found["right" if one.outputs == [scores(many[place][0])] else "wrong accepted"] += 1
                    client.close()
            except DeviceError:
                found["errors"] += 1
            sizes = [one.stat().st_size for one in folder.iterdir()]
            found["files over their cap"] += len(sizes) > 2 or max(sizes) > CAP
    found["frames"] = forger.frames
    return +found
