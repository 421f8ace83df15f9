"""A board behind a serial port: any pyserial URL, or ``socket://host:port``."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from edgeq.base.errors import DeviceBusy, DeviceError, UsageError
from edgeq.builder.image import Image
from edgeq.targets.devices import DeviceLock, list_devices, port_owner
from edgeq.targets.duplex import Duplex
from edgeq.targets.stream import Closing, GoneError, Stream

_BACK = 15.0
"""Seconds in which a port that went is back: a board that starts anew enumerates on USB in a few."""

_STEP = 0.2
_WAIT = 0.05
"""Seconds that pyserial waits at a time. It stays as it is: some ports negotiate all anew when it changes."""

_CONNECT_TIMEOUT = 5.0
_WRITE_TIMEOUT = 10.0
_QUICK_ANSWER: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux alone has it, for the next answer only."""


class SerialTarget(Closing):
    """Firmware that runs already, behind a port.

    Args:
        url: a device (``/dev/ttyACM0``, ``COM3``), a pyserial URL, or ``socket://host:port``.
        baud: bits per second, where the port has such a thing.
    """

    def __init__(self, url: str, baud: int) -> None:
        self._url, self._baud = url, baud
        self._stream: Stream | None = None
        self._lock: DeviceLock | None = None
        self._serial_number = ""

    def __enter__(self) -> SerialTarget:
        return self

    def flash(self, image: Image) -> None:
        """Nothing is written: the handshake's build hash tells whether the right firmware runs."""

    def reset(self) -> None:
        """A serial port cannot do that. Raises DeviceError."""
        raise DeviceError(f"the board at {self._url} cannot be reset from here", "press its reset button")

    def open(self) -> Stream:
        """Open the port, for nobody else. Raises DeviceError when it is missing, busy, or not permitted."""
        self.close()
        lock = DeviceLock(_key(self._url), name=f"port {self._url}")
        lock.acquire()
        self._lock = lock
        try:
            tcp = self._url.lower().startswith("socket://")
            self._stream = _open_socket(self._url) if tcp else _open_serial(self._url, self._baud)
        except BaseException:
            self.close()
            raise
        owner = None if "://" in self._url else port_owner(self._url, list_devices())
        self._serial_number = owner.serial if owner is not None else ""
        return self._stream

    def reopen(self) -> Stream:
        """Open the port that went, once it is back, by whatever name: its USB serial number tells it.

        Raises:
            DeviceError: it has not come back in time.
        """
        end = time.monotonic() + _BACK
        while True:
            try:
                self._url = self._now_at()
                return self.open()
            except DeviceError:
                if time.monotonic() > end:
                    raise
                time.sleep(_STEP)

    def _now_at(self) -> str:
        if not self._serial_number:
            return self._url
        found = [device for device in list_devices() if device.serial == self._serial_number]
        ports = [port for device in found for port in device.ports]
        return ports[0] if len(ports) == 1 else self._url

    def diagnosis(self) -> str | None:
        """A serial port knows nothing of the firmware."""
        return None

    def close(self) -> None:
        """Close the port."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None


_UNANSWERED = "ign_set_control"
"""pyserial's, for an RFC 2217 server that says nothing to DTR, RTS and flow control where its port has none,
as ser2net does."""


class SocketStream:
    """A TCP connection. pyserial's own leaves Nagle's algorithm on, which costs 40 ms a command.

    Args:
        diagnosis: why the other side may be gone, where that can be told.
    """

    def __init__(
        self, connection: socket.socket, url: str, diagnosis: Callable[[], str | None] = lambda: None
    ) -> None:
        self._socket, self._url, self._diagnosis = connection, url, diagnosis
        self._both_ways = Duplex(connection, _WRITE_TIMEOUT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, n: int, timeout: float) -> bytes:
        """What has come; see :class:`edgeq.targets.stream.Stream`."""
        try:
            data = self._both_ways.read(n, timeout)
            # Who sends byte by byte with Nagle's algorithm on, as Renode does, waits for a late answer.
            if data and _QUICK_ANSWER is not None:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ANSWER, 1)
            return data
        except EOFError:
            raise self._lost(None) from None
        except (OSError, ValueError) as error:
            raise self._lost(error) from error

    def write(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._both_ways.write(data)
        except EOFError:
            raise self._lost(None) from None
        except (OSError, ValueError) as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception | None) -> DeviceError:
        why = f": {error}" if error is not None else " by the other side"
        known = self._diagnosis()
        return GoneError(
            f"the connection to {self._url} was closed{why}{f': {known}' if known else ''}",
            "is the simulator still serving?",
        )

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class SerialStream:
    """A port opened by pyserial."""

    def __init__(self, port: Any, url: str) -> None:
        self._port, self._url = port, url

    def read(self, n: int, timeout: float) -> bytes:
        """What has come; see :class:`edgeq.targets.stream.Stream`. It may wait 0.05 s longer."""
        deadline = time.monotonic() + timeout
        try:
            while timeout > 0 or self._port.in_waiting:
                first: bytes = self._port.read(1)
                if first:
                    more = min(n - 1, self._port.in_waiting)
                    return first + (self._port.read(more) if more else b"")
                if time.monotonic() >= deadline:
                    break
            return b""
        except (OSError, TypeError) as error:  # TypeError: closed by another thread
            raise self._lost(error) from error

    def write(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._port.write(data)
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> DeviceError:
        return GoneError(f"the port {self._url} failed: {error}", "is the board still connected?")

    def close(self) -> None:
        """Close the port."""
        with contextlib.suppress(OSError):
            self._port.close()


def _key(url: str) -> str:
    """What is locked: one name of a port for all the names that it has."""
    parts = urlsplit(url)
    if parts.scheme.lower() not in ("socket", "rfc2217"):
        return os.path.realpath(url) if "://" not in url else url
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
        return f"tcp {min(one[4][0] for one in found)}:{parts.port}"
    except (OSError, ValueError, UnicodeError):
        return url  # opening it tells what is wrong with it


def _open_socket(url: str) -> SocketStream:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise UsageError(f"{url!r} is not a port", "write socket://HOST:PORT")
    try:
        connection = socket.create_connection((host, port), _CONNECT_TIMEOUT)
    except OSError as error:
        raise DeviceError(
            f"cannot connect to {url}: {error.strerror or error}",
            "start the other side first (edgeq run --serve PORT), and check host and port",
        ) from error
    return SocketStream(connection, url)


def _open_serial(url: str, baud: int) -> SerialStream:
    import serial

    options: dict[str, Any] = {"timeout": _WAIT}
    if "://" not in url:
        options |= {"write_timeout": _WRITE_TIMEOUT, "exclusive": True}
    to_open = url
    if url.lower().startswith("rfc2217:") and _UNANSWERED not in url:
        to_open += f"{'&' if '?' in url else '?'}{_UNANSWERED}"
    try:
        port = serial.serial_for_url(to_open, baudrate=baud, **options)
    except (ValueError, NotImplementedError) as error:
        raise UsageError(f"{url!r} is not a port: {error}", "give a device or a pyserial URL") from error
    except OSError as error:  # serial.SerialException is one
        raise _not_opened(url, error) from error
    return SerialStream(port, url)


def _not_opened(url: str, error: OSError) -> DeviceError:
    code = error.errno
    if code == errno.EACCES:
        return DeviceError(
            f"no permission to open {url}", "add yourself to its group (often: sudo adduser $USER dialout)"
        )
    if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return DeviceError(f"there is no port {url}", f"ports here: {_ports() or 'none'}")
    if code in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        return DeviceBusy(f"the port {url} is in use by another program", "close the other program")
    return DeviceError(f"cannot open the port {url}: {error}", f"ports here: {_ports() or 'none'}")


def _ports() -> str:
    from serial.tools import list_ports

    return ", ".join(sorted(port.device for port in list_ports.comports()))
