"""A socket on which writing never keeps the other side from writing."""

from __future__ import annotations

import select
import socket
import threading
import time

_BLOCK = 4096


class Duplex:
    """A connected socket.

    Who writes and reads nothing meanwhile waits for ever, where the other side takes nothing before its own
    bytes are taken: so what comes while something is to be sent is kept for the next read.

    Args:
        connection: closed with this.
        patience: how long the other side may take nothing, in seconds.
    """

    def __init__(self, connection: socket.socket, patience: float) -> None:
        self._socket, self._patience = connection, patience
        self._come = bytearray()
        self._taking = threading.Lock()
        connection.setblocking(False)

    def read(self, n: int, timeout: float) -> bytes:
        """What has come, 1 to ``n`` bytes; ``b""`` where nothing has within ``timeout`` seconds.

        Raises:
            EOFError: the other side has closed the connection.
            OSError, ValueError: it is no more.
        """
        if not self._come and not select.select([self._socket], [], [], timeout)[0]:
            return b""
        is_open = self._take()
        with self._taking:
            if not is_open and not self._come:
                raise EOFError
            data = bytes(self._come[:n])
            del self._come[:n]
        return data

    def write(self, data: bytes) -> None:
        """Sends all of it.

        Raises:
            TimeoutError: the other side takes nothing.
            EOFError: it has closed the connection.
            OSError, ValueError: it is no more.
        """
        view, taken_at = memoryview(data), time.monotonic()
        while view:
            left = taken_at + self._patience - time.monotonic()
            readable, writable, _ = select.select([self._socket], [self._socket], [], max(0.0, left))
            if writable:
                try:
                    view, taken_at = view[self._socket.send(view) :], time.monotonic()
                    continue
                except BlockingIOError:
                    pass
            if readable and not self._take():
                raise EOFError
            if left <= 0:
                raise TimeoutError("nothing is taken")

    def _take(self) -> bool:
        """Keeps what has come; whether more may come."""
        with self._taking:
            try:
                data = self._socket.recv(_BLOCK)
            except BlockingIOError:  # nothing, or another thread was faster
                return True
            self._come += data
            return bool(data)

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()
