"""Bytes between threads, and the counting of Thumb instructions."""

from __future__ import annotations

import threading

import pytest
from waiting import GUARD

from edgeq.base.errors import DeviceError
from edgeq.boards.timing.thumb import count_instructions
from edgeq.targets.stream import ByteQueue, QueueStream


def test_queue_gives_what_came() -> None:
    queue = ByteQueue()
    assert queue.take(10) == b""
    assert not queue.wait(0.01)
    queue.put(b"abc")
    queue.put(b"de")
    assert queue.wait(0)
    assert queue.take(2) == b"ab"
    assert queue.take(10) == b"cde"


def test_waiting_ends_with_a_byte_or_the_end() -> None:
    for act in (lambda queue: queue.put(b"x"), lambda queue: queue.end()):
        queue = ByteQueue()
        waiter = threading.Thread(target=queue.wait, args=(10 * GUARD,), daemon=True)
        waiter.start()
        act(queue)
        waiter.join(GUARD)
        assert not waiter.is_alive()


def test_stream_raises_only_when_all_is_read() -> None:
    queue = ByteQueue()
    stream = QueueStream(lambda data: None, queue, lambda: DeviceError("gone"))
    queue.put(b"last words")
    queue.end()
    assert stream.read(4, 1.0) == b"last"
    assert stream.read(100, 1.0) == b" words"
    with pytest.raises(DeviceError, match="gone"):
        stream.read(1, 1.0)
    with pytest.raises(DeviceError, match="gone"):
        stream.write(b"x")


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("", 0),
        ("00bf", 1),  # nop
        ("00bf00bf7047", 3),  # nop; nop; bx lr
        ("00f000f8", 1),  # bl: f000 f800
        ("fee7", 1),  # b .: 0b11100 is still 16 bits
        ("2de9f041", 1),  # stmdb sp!, {…}: 0b11101
        ("bff36f8f", 1),  # isb
        ("00bf2de9f04100bf", 3),
    ],
)
def test_instructions(code: str, count: int) -> None:
    data = bytes.fromhex(code)
    assert count_instructions(data) == count
