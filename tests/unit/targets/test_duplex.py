"""Two ends that each write before they read do not wait for each other."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from edgeq.targets.duplex import Duplex

MUCH = bytes(range(256)) * (1 << 14)


@pytest.fixture
def ends() -> Iterator[tuple[Duplex, socket.socket]]:
    one, other = socket.socketpair()
    duplex = Duplex(one, 0.3)
    with other:
        yield duplex, other
    duplex.close()


def test_the_other_side_is_heard_while_it_takes_nothing(ends: tuple[Duplex, socket.socket]) -> None:
    """It sends all of its own before it reads, more than a socket holds."""
    duplex, other = ends
    taken = bytearray()

    def busy() -> None:
        other.sendall(MUCH)
        while len(taken) < len(MUCH):
            taken.extend(other.recv(1 << 16))

    thread = threading.Thread(target=busy)
    thread.start()
    duplex.write(MUCH)
    thread.join()
    assert taken == MUCH
    got = bytearray()
    while len(got) < len(MUCH):
        got += duplex.read(1 << 16, 1.0)
    assert got == MUCH


def test_who_takes_nothing_and_says_nothing_is_given_up(ends: tuple[Duplex, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        ends[0].write(MUCH)


def test_what_came_before_the_end_is_read_first(ends: tuple[Duplex, socket.socket]) -> None:
    duplex, other = ends
    assert duplex.read(10, 0.0) == b""
    other.sendall(b"abc")
    other.shutdown(socket.SHUT_WR)
    assert duplex.read(2, 1.0) == b"ab"
    assert duplex.read(2, 1.0) == b"c"
    with pytest.raises(EOFError):
        duplex.read(2, 1.0)


def test_the_end_is_told_to_who_writes(ends: tuple[Duplex, socket.socket]) -> None:
    duplex, other = ends
    other.close()
    with pytest.raises((EOFError, OSError)):
        duplex.write(MUCH)
