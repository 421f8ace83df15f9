"""Talking to the probe firmware, whatever simulates it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from edgeq.builder import Image
from edgeq.targets import Stream, open_target

Probe = Callable[[str], Image]
T = TypeVar("T")

PATIENCE = 20.0
"""Seconds after which what says nothing hangs."""


def read_until(stream: Stream, end: bytes) -> bytes:
    got = b""
    deadline = time.monotonic() + PATIENCE
    while not got.endswith(end):
        got += stream.read(4096, 0.2)
        assert time.monotonic() < deadline, got
    return got


@contextmanager
def booted(image: Image, kind: type[T]) -> Iterator[tuple[T, Stream]]:
    """A target of that kind which runs the image, after its greeting."""
    with open_target(image) as target:
        assert isinstance(target, kind)
        target.flash(image)
        stream = target.open()
        assert read_until(stream, b"hello\n") == b"hello\n"
        yield target, stream


def ask(stream: Stream, command: bytes, lines: int = 1) -> list[int]:
    """The numbers that a command of the probe answers, one in a line."""
    stream.write(command)
    got = b""
    while got.count(b"\n") < lines:
        got += read_until(stream, b"\n")
    return [int(line) for line in got.split()]
