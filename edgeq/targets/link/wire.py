"""A stream with deadlines, a memory of what came last, and an ear for the firmware's fault report."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceBusy, DeviceError

if TYPE_CHECKING:
    from edgeq.targets import Stream

_FAULT = b"e-[fault"
_REPLAYING = b"m-[golden vector]"
_BUSY = b"e-[busy"
_TEXT = (b"m-[edgeq starts]", b"m-ready")
_TAIL = 400
_BLOCK = 4096


class Wire:
    """What both protocols of the link receive from and send to.

    Args:
        stream: the device's console.
        diagnosis: says why a device is silent, None where that is not known.
        log: the file that keeps everything received, for messages.
        clock: seconds since some moment, the stream's own where it keeps one.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        diagnosis: Callable[[], str | None] | None = None,
        log: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.now = clock
        self.texts = 0
        """How often what came looked as if the device were in text mode: it started anew, perhaps."""
        self._stream = stream
        self._diagnosis = diagnosis
        self._log = log
        self._tail = b""

    def send(self, data: bytes) -> None:
        """Writes all of it. Raises DeviceError where the stream does."""
        self._stream.write(data)

    @property
    def may_reopen(self) -> bool:
        """Whether the stream can be opened anew when its port has gone."""
        return hasattr(self._stream, "reopen")

    def reopen(self) -> None:
        """Opens the port that has gone anew. Raises DeviceError when it does not come back."""
        self._stream.reopen()  # type: ignore[attr-defined]  # asked before
        self._tail = b""

    def receive(self, deadline: float) -> bytes:
        """What has come, at least one byte; b"" at the deadline (of ``now``).

        Raises DeviceError when the device reports a fault.
        """
        while True:
            left = max(0.0, deadline - self.now())
            data = self._stream.read(1, left)
            if data:
                data += self._stream.read(_BLOCK, 0.0)
                self._remember(data)
                return data
            if self.now() >= deadline:
                return b""
            time.sleep(min(0.002, left))  # a stream that does not wait must not make this a busy loop

    def drain(self, quiet: float = 0.05, limit: float = 1.0) -> None:
        """Drops what comes until nothing has come for ``quiet`` seconds, for at most ``limit`` seconds."""
        end = self.now() + limit
        while self.now() < end and self.receive(self.now() + quiet):
            pass

    @property
    def is_replaying(self) -> bool:
        """Whether the last that was heard is that the device replays its golden vector, at boot."""
        return self._tail.rstrip().endswith(_REPLAYING)

    def silence(self, what: str) -> DeviceError:
        """The error for an answer that did not come: what was waited for, what came instead."""
        cause = self._cause()
        message = f"the device did not answer: {what}" + (f"; {cause}" if cause else "")
        return DeviceError(message, self._evidence())

    def _remember(self, data: bytes) -> None:
        for text in _TEXT:
            self.texts += (self._tail[1 - len(text) :] + data).count(text)
        self._tail = (self._tail + data)[-_TAIL:]
        if self._tail.endswith((_BUSY + b"]\r\n", _BUSY)):
            raise DeviceBusy("the port is in use by another client", "close that, or wait until it has ended")
        start = self._tail.find(_FAULT)
        if start >= 0:
            self._finish_line(start)
            line = self._tail[start:].split(b"\r\n")[0].decode("ascii", "backslashreplace")
            cause = self._cause()
            raise DeviceError(
                f"the device reported a fault: {line}" + (f"; {cause}" if cause else ""), self._evidence()
            )

    def _finish_line(self, start: int) -> None:
        end = self.now() + 1.0
        while b"\n" not in self._tail[start:] and len(self._tail) < 2 * _TAIL and self.now() < end:
            self._tail += self._stream.read(1, 0.1)

    def _cause(self) -> str:
        return (self._diagnosis() or "") if self._diagnosis is not None else ""

    def _evidence(self) -> str:
        text = self._tail.decode("ascii", "backslashreplace").strip()
        hint = (
            f"its last output was:\n{text}" if text else "nothing came from it: look at port, speed and power"
        )
        return hint + (f"\nall of it is in {self._log}" if self._log is not None else "")
