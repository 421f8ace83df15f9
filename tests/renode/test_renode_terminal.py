"""The socket terminal of Renode, as far as TCP goes."""

from __future__ import annotations

import socket
import threading

import pytest
from waiting import GUARD

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
    connection = socket.create_connection(listener.getsockname())
    stream = SocketStream(connection, "a terminal")
    at_once = []
    for _ in range(30):
        stream.write(b"?")
        got = b""
        while len(got) < 16:
            got += stream.read(100, GUARD)
            at_once.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK))
    stream.close()
    listener.close()
    assert all(at_once)
