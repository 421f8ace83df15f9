"""Talking to the probe firmware, whatever simulates it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from waiting import turns

from edgeq.builder import Image
from edgeq.targets import Place, Stream, open_target

Probe = Callable[[str], Image]
T = TypeVar("T")


def read_until(stream: Stream, end: bytes) -> bytes:
    got = b""
    for _ in turns():
        got += stream.read(4096, 0.2)
        if got.endswith(end):
            return got
    raise AssertionError(got)


@contextmanager
def booted(image: Image, kind: type[T]) -> Iterator[tuple[T, Stream]]:
    """A target of that kind which runs the image, after its greeting."""
    with open_target(image) as target:
        assert isinstance(target, kind)
        target.flash(image)
        stream = target.open()
        assert read_until(stream, b"hello\n") == b"hello\n"
        yield target, stream


def comes_back_to_text(image: Image, simulator: str) -> None:
    """Firmware that a host left in bulk mode, once that was silent for longer than docs/link.md says."""
    with open_target(image, Place(simulator=simulator)) as target:
        target.flash(image)
        stream = target.open()
        read_until(stream, b"m-ready\r\n")
        stream.write(b"bulk%")
        read_until(stream, b"m-ready\r\n")
        stream.write(b"name%")  # noise, to bulk mode
        for _ in range(4):
            time.sleep(5.5)  # of the simulator's time, too, unless it is behind on a busy machine
            stream.write(b"name%")
            if heard := stream.read(4096, 1.0):
                break
        while not heard.endswith(b"m-ready\r\n"):
            more = stream.read(4096, 5.0)
            assert more, heard
            heard += more
        assert heard == b"m-name-dut-[edgeq]\r\nm-ready\r\n"


def ask(stream: Stream, command: bytes, lines: int = 1) -> list[int]:
    """The numbers that a command of the probe answers, one in a line."""
    stream.write(command)
    got = b""
    while got.count(b"\n") < lines:
        got += read_until(stream, b"\n")
    return [int(line) for line in got.split()]
