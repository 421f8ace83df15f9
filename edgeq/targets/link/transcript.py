"""A stream that keeps what the device said."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeq.targets import Stream


class TranscriptStream:
    """A stream whose received bytes are also written to a file, as they came.

    Args:
        stream: the device's console; closed with this.
        path: the log, overwritten. Raises OSError when it cannot be written.
    """

    def __init__(self, stream: Stream, path: Path) -> None:
        self.path = path
        self._stream = stream
        self._file = path.open("wb", buffering=0)

    def read(self, n: int, timeout: float) -> bytes:
        """As the stream's."""
        data = self._stream.read(n, timeout)
        if data:
            self._file.write(data)
        return data

    def write(self, data: bytes) -> None:
        """As the stream's; what is sent is not logged."""
        self._stream.write(data)

    def close(self) -> None:
        """Closes both."""
        self._file.close()
        self._stream.close()

    def __enter__(self) -> TranscriptStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
