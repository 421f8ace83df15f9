"""A target's console on loopback TCP, for the clients and tools that expect a serial port."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator

from edgeq.base.errors import DeviceError
from edgeq.builder.image import Image
from edgeq.targets.opening import open_target
from edgeq.targets.place import USUAL_PLACE, Place
from edgeq.targets.stream import Stream

_STEP = 0.1
_QUIET = 0.2
_BANNER = b"m-ready"
"""What firmware says last before it listens."""
_BOOT = 30.0
"""Seconds: a golden vector may be replayed before that, and nothing is said meanwhile."""
_LEFT = 5.0
"""Seconds in which firmware has said what it was saying when its client went."""
_CHUNK = 1 << 16
_BUSY = b"e-[busy]\r\n"
_HANDOVER = 0.5
"""Seconds in which a client that has gone is known to have."""


def serve(image: Image, port: int, *, ready: Callable[[int], None], place: Place = USUAL_PLACE) -> None:
    """Run the firmware and offer its console on 127.0.0.1, one client after another, until Ctrl-C.

    The firmware runs on between clients; what it says while nobody listens, its banner above all, is dropped.

    Args:
        port: the TCP port; 0 takes a free one.
        place: where it runs.
        ready: called with the port once clients may connect.

    Raises:
        DeviceError: the port is taken, or the firmware stopped.
    """
    with _listen(port) as listener, open_target(image, place) as target:
        target.flash(image)
        stream = target.open()
        _boot(stream)
        ready(listener.getsockname()[1])
        waiting: list[socket.socket] = []
        while True:
            client = waiting.pop() if waiting else _accept(listener, stream)
            with client, _refusing(listener, waiting):
                _drain(stream)
                _connect(client, stream)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        listener.settimeout(_STEP)
    except (OSError, OverflowError) as error:
        listener.close()
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        why = "it is in use" if taken else str(error)
        raise DeviceError(f"cannot serve on port {port}: {why}", "give another port, or 0 for any") from error
    return listener


def _accept(listener: socket.socket, stream: Stream) -> socket.socket:
    while True:
        with contextlib.suppress(TimeoutError):
            return _prompt(listener.accept()[0])
        stream.read(_CHUNK, 0.0)  # dropped; and raises when the firmware has stopped


@contextlib.contextmanager
def _refusing(listener: socket.socket, waiting: list[socket.socket]) -> Iterator[None]:
    """Tells others that the port is taken; one that comes while the client goes is the next."""
    done = threading.Event()

    def refuse() -> None:
        while not done.is_set():
            with contextlib.suppress(OSError):  # a time-out is one
                other = _prompt(listener.accept()[0])
                if done.wait(_HANDOVER):
                    waiting.append(other)
                    return
                with other:
                    other.sendall(_BUSY)

    thread = threading.Thread(target=refuse, name="edgeq-busy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _prompt(client: socket.socket) -> socket.socket:
    """Whose bytes leave at once: with Nagle's algorithm a command and its `%` are 40 ms apart."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _boot(stream: Stream) -> None:
    """Drop what it says until it listens."""
    said, deadline = b"", time.monotonic() + _BOOT
    while _BANNER not in said and time.monotonic() < deadline:
        said += stream.read(_CHUNK, _STEP)
    _drain(stream, quiet=_QUIET)


def _drain(stream: Stream, *, quiet: float = 0.0) -> None:
    """Drop what has come, until nothing comes for ``quiet`` seconds."""
    deadline = time.monotonic() + _LEFT
    while stream.read(_CHUNK, quiet) and time.monotonic() < deadline:
        pass


def _connect(client: socket.socket, stream: Stream) -> None:
    """Pass bytes both ways until the client goes. Raises DeviceError when the firmware stops."""
    gone = threading.Event()
    failures: list[DeviceError] = []

    def pump() -> None:
        try:
            while not gone.is_set():
                data = stream.read(_CHUNK, _STEP)
                if data:
                    client.sendall(data)
        except DeviceError as error:
            failures.append(error)
        except OSError:
            pass  # the client went
        finally:
            gone.set()
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    # No time-out on the socket itself: it would cut short sending to a client that reads slowly.
    client.settimeout(None)
    pumping = threading.Thread(target=pump, name="edgeq-serve", daemon=True)
    pumping.start()
    try:
        while not gone.is_set():
            try:
                data = client.recv(_CHUNK)
            except OSError:
                break
            if not data:
                break
            stream.write(data)
    except DeviceError as error:
        failures.append(error)
    finally:
        gone.set()
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        pumping.join()
    if failures:
        raise failures[0]
