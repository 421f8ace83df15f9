"""The socket terminal of Renode, as far as TCP goes."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from edgeq.targets.serial_target import SocketStream


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux can answer at once")
def test_answers_that_come_byte_by_byte_are_not_held_back() -> None:
    """Renode's terminal writes each byte by itself, and lets TCP gather them: 40 ms a frame."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        while connection.recv(1 << 16):
            for _ in range(16):
                connection.send(b"x")

    threading.Thread(target=serve, daemon=True).start()
    stream = SocketStream(socket.create_connection(listener.getsockname()), "a terminal")
    took = []
    for _ in range(30):
        begun = time.monotonic()
        stream.write(b"?")
        got = b""
        while len(got) < 16:
            got += stream.read(100, 5.0)
        took.append(time.monotonic() - begun)
    stream.close()
    listener.close()
    assert sorted(took)[20] < 0.02  # most; this machine may be busy
