"""A serial line in simulated time: the real firmware on one end, the real client on the other.

Line time counts, and nothing else does: figures are the same on any machine, however busy it is. What the
host computes takes no time; what the device computes takes what it says (``edgeq_line_spend``).
"""

from __future__ import annotations

import os
import random
import struct
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path

from edgeq.base.errors import DeviceError

UNIT = 64
"""Bytes that faults strike as a whole, as the packets of a USB adaptor are."""

OUTPUTS = 12
"""Of the stand-in."""

Fault = Callable[[bytes, random.Random], bytes]


def _flip(unit: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(unit))
    return unit[:at] + bytes([unit[at] ^ 1 << rng.randrange(8)]) + unit[at + 1 :]


def _drop(unit: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(unit))
    return unit[:at] + unit[at + 1 :]


def _double(unit: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(unit))
    return unit[: at + 1] + unit[at:]


FAULTS: dict[str, Fault] = {
    "corrupted": _flip,
    "byte dropped": _drop,
    "unit dropped": lambda unit, rng: b"",
    "byte doubled": _double,
    "unit doubled": lambda unit, rng: unit + unit,
    "byte inserted": lambda unit, rng: bytes([rng.randrange(256)]) + unit,
}


def scores(data: bytes) -> bytes:
    """What the stand-in with one output computes."""
    total, weighted = sum(data), sum(x * j for j, x in enumerate(data))
    return bytes((weighted + total * (i + 1)) & 255 for i in range(OUTPUTS))


class Line:
    """The host's end, as a stream; ``now`` is its clock.

    Args:
        program: the firmware, compiled with ``line_port.c``.
        baud: of both directions.
        latency: seconds that what the device says is late, as a USB adaptor makes it.
        room: bytes that the device takes in while it is busy.
        fault, rate, seed: what happens to one in ``1 / rate`` units, both ways.
    """

    def __init__(
        self,
        program: Path,
        *,
        baud: int = 115_200,
        latency: float = 0.0,
        room: int = 16384,
        fault: str | None = None,
        rate: float = 0.01,
        seed: int = 0,
    ) -> None:
        self._program = program
        self._environment = {**os.environ, "LINE_BAUD": str(baud), "LINE_ROOM": str(room)}
        self.process = self._started(0.0)
        self._byte = 10 / baud
        self._latency, self._rate = latency, rate
        self._fault = FAULTS[fault] if fault is not None else None
        self._random = random.Random(seed)
        self._host = self._device = self._free = 0.0
        self._sending: list[tuple[float, bytes]] = []
        self._leaving: list[tuple[float, bytes]] = []
        self._coming: deque[tuple[float, bytes]] = deque()
        self.faults = 0
        self.is_clean = False

    def now(self) -> float:
        """Seconds of the host's clock."""
        return self._host

    def write(self, data: bytes) -> None:
        """Returns at once; the bytes leave one after another."""
        for at in range(0, len(data), UNIT):
            unit = data[at : at + UNIT]
            start = max(self._host, self._free)
            self._free = start + len(unit) * self._byte
            struck = self._struck(unit)
            if struck:
                self._sending.append((start + self._byte, struck))

    def read(self, n: int, timeout: float) -> bytes:
        """What has arrived; else lets time go on until something does, or the time-out."""
        deadline = self._host + timeout
        while True:
            horizon = min(deadline, self._coming[0][0]) if self._coming else deadline
            if self._device >= horizon:
                break
            self._advance(horizon)
        self._host = max(self._host, horizon)
        data = b""
        while self._coming and self._coming[0][0] <= self._host and len(data) < n:
            at, piece = self._coming.popleft()
            taken = piece[: n - len(data)]
            data += taken
            if len(taken) < len(piece):
                self._coming.appendleft((at, piece[len(taken) :]))
        return data

    def restart(self, at: float) -> None:
        """Has the device lose all it knows and start anew at that time; it hears nothing until then."""
        self.close()
        self._sending = [one for one in self._leaving + self._sending if one[0] >= at]
        self.process = self._started(at)
        self._device = at

    def close(self) -> None:
        """Ends the device."""
        self.process.kill()
        self.process.communicate()

    def _started(self, at: float) -> subprocess.Popen[bytes]:
        environment = {**self._environment, "LINE_START": str(_nanoseconds(at))}
        return subprocess.Popen(
            [self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )

    def _struck(self, unit: bytes) -> bytes:
        if self._fault is None or self.is_clean or self._random.random() >= self._rate:
            return unit
        self.faults += 1
        return self._fault(unit, self._random)

    def _advance(self, horizon: float) -> None:
        """Gives the device a turn, and takes what it sends."""
        assert self.process.stdin is not None and self.process.stdout is not None
        turn = struct.pack("<Q", _nanoseconds(horizon))
        for at, data in self._sending:
            turn += struct.pack("<2Q", _nanoseconds(at), len(data)) + data
        self._leaving = [one for one in self._leaving + self._sending if one[0] > self._device]
        self._sending.clear()
        try:
            self.process.stdin.write(turn + struct.pack("<2Q", 0, 0))
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise DeviceError("the device has ended") from error
        words = self.process.stdout.read(16)
        if len(words) < 16:
            raise DeviceError("the device has ended")
        at, n = struct.unpack("<2Q", words)
        data = self.process.stdout.read(n)
        for start in range(0, n, UNIT):
            unit = data[start : start + UNIT]
            end = at / 1e9 + (start + len(unit) - 1) * self._byte
            struck = self._struck(unit)
            if struck:
                self._coming.append((end + self._latency, struck))
        self._device = at / 1e9 + (n - 1) * self._byte if n else max(at / 1e9, horizon)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
