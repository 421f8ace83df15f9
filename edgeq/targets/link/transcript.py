"""A stream that keeps what was said, both ways and when, in files that stay small."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeq.targets import Stream

CAP = 1 << 20
"""Bytes of the log; what was there before is then in ``<log>.1``, and what was in that is gone."""

_SHOWN = 64
"""Bytes of a frame, or of a line, that are shown; of the rest the number."""

_PRINTED = re.compile(rb"[^\x20-\x7e]")


class TranscriptStream:
    """A stream whose bytes are also written to a file: a line of text, or a piece of a frame, a line.

    ``  1.234 < m-ready`` came from the device 1.234 s after the log was begun; what was sent has ``>``.

    Args:
        stream: the device's console; closed with this.
        path: the log, overwritten. Raises OSError when it cannot be written.
        again: opens the console anew, where that can be done.
    """

    def __init__(self, stream: Stream, path: Path, *, again: Callable[[], Stream] | None = None) -> None:
        self.path = path
        self._stream, self._again = stream, again
        self._file = path.open("wb", buffering=0)
        self._before = path.with_name(f"{path.name}.1")
        self._before.unlink(missing_ok=True)
        self._start = time.monotonic()
        self._size = 0
        self._half = {b"<": b"", b">": b""}

    def read(self, n: int, timeout: float) -> bytes:
        """As the stream's."""
        data = self._stream.read(n, timeout)
        if data:
            self._keep(b"<", data)
        return data

    def write(self, data: bytes) -> None:
        """As the stream's."""
        self._keep(b">", data)
        self._stream.write(data)

    def reopen(self) -> None:
        """Opens the console anew. Raises DeviceError when it does not come back, or cannot."""
        from edgeq.base.errors import DeviceError

        if self._again is None:
            raise DeviceError("the device's console cannot be opened again")
        self._note(b"-", b"the port is gone; opening it again")
        self._stream.close()
        self._stream = self._again()

    def close(self) -> None:
        """Closes both."""
        if not self._file.closed:
            for way, rest in self._half.items():
                self._note(way, rest)
            self._file.close()
        self._stream.close()

    def __enter__(self) -> TranscriptStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, way: bytes, data: bytes) -> None:
        """Whole lines; what is no text does not wait for a line's end."""
        *lines, rest = (self._half[way] + data).split(b"\n")
        for line in lines:
            self._note(way, line.rstrip(b"\r"))
        if len(rest) >= _SHOWN or _PRINTED.search(rest) or rest.endswith(b"%"):
            self._note(way, rest)
            rest = b""
        self._half[way] = rest

    def _note(self, way: bytes, data: bytes) -> None:
        if not data:
            return
        text = _PRINTED.sub(lambda found: b"\\x%02x" % found[0][0], data[:_SHOWN] if way == b">" else data)
        more = b" ... %d bytes" % len(data) if way == b">" and len(data) > _SHOWN else b""
        entry = b"%9.3f %s %s%s\n" % (time.monotonic() - self._start, way, text, more)
        if self._size + len(entry) > CAP:
            self._file.close()
            self.path.replace(self._before)
            self._file = self.path.open("wb", buffering=0)
            self._size = 0
        self._file.write(entry[:CAP])
        self._size += len(entry)
