"""What every target offers: flash, reset, a stream of bytes, a diagnosis, close."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from edgeq.base.errors import DeviceError
from edgeq.builder.image import Image


class GoneError(DeviceError):
    """The port, or who serves it, is gone; it may come back."""


class Stream(Protocol):
    """A two-way stream of bytes to the firmware's console."""

    def read(self, n: int, timeout: float) -> bytes:
        """What has come, 1 to ``n`` bytes, waiting up to ``timeout`` seconds; ``b""`` when nothing came.

        Raises:
            DeviceError: nothing more can come: the firmware is gone. A GoneError: the port is.
        """

    def write(self, data: bytes) -> None:
        """Send all of ``data``. Raises DeviceError when the port or the firmware is gone."""

    def close(self) -> None:
        """Close the stream; more than once is fine."""


class Target(Protocol):
    """Something that runs firmware. A context manager that closes itself."""

    def flash(self, image: Image) -> None:
        """Put the firmware on it and start it. Raises DeviceError."""

    def open(self) -> Stream:
        """The console's stream. Raises DeviceError."""

    def reset(self) -> None:
        """Start the firmware anew. Raises DeviceError."""

    def diagnosis(self) -> str | None:
        """Why the firmware does not answer, as far as can be told; None where nothing is known."""

    def close(self) -> None:
        """Stop everything that was started; more than once is fine."""

    def __enter__(self) -> Target: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Closing:
    """The context manager of every target."""

    def close(self) -> None:
        """Stop everything that was started."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_ROOM = 1 << 20
"""Bytes that may wait to be read before a writer has to wait."""


class ByteQueue:
    """Bytes from one thread to another."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._changed = threading.Condition()
        self._ended = False

    def put(self, data: bytes) -> None:
        """Append; never waits."""
        with self._changed:
            self._bytes += data
            self._changed.notify_all()

    def take(self, n: int) -> bytes:
        """Up to ``n`` bytes, without waiting."""
        with self._changed:
            taken = bytes(self._bytes[:n])
            del self._bytes[:n]
            self._changed.notify_all()
            return taken

    def wait_for_room(self, timeout: float) -> bool:
        """Wait until less than a megabyte waits to be read, or the end; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended or len(self._bytes) < _ROOM, timeout)

    def wait(self, timeout: float) -> bool:
        """Wait until there is a byte or the end; whether there is a byte."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes or self._ended, timeout)
            return bool(self._bytes)

    def clear(self) -> None:
        """Forget all bytes, and the end."""
        with self._changed:
            self._bytes.clear()
            self._ended = False

    def end(self) -> None:
        """Nothing more will come: nobody waits any longer."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether nothing more will be put."""
        return self._ended

    def __len__(self) -> int:
        return len(self._bytes)


class QueueStream:
    """A stream to firmware in this process.

    Args:
        send: takes bytes for the firmware.
        sent: bytes from the firmware.
        gone: makes the error to raise when the firmware has ended.
    """

    def __init__(
        self, send: Callable[[bytes], None], sent: ByteQueue, gone: Callable[[], DeviceError]
    ) -> None:
        self._send, self._sent, self._gone = send, sent, gone
        self._closed = False

    def read(self, n: int, timeout: float) -> bytes:
        """What has come, up to ``n`` bytes; see :class:`edgeq.targets.stream.Stream`."""
        if not self._closed and self._sent.wait(timeout):
            return self._sent.take(n)
        if self._closed or (self._sent.ended and not self._sent):
            raise self._gone()
        return b""

    def write(self, data: bytes) -> None:
        """Send; the firmware takes it when it is ready."""
        if self._closed or self._sent.ended:
            raise self._gone()
        self._send(data)

    def close(self) -> None:
        """The firmware runs on."""
        self._closed = True
