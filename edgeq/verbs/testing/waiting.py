"""Waiting for what another process has: workers of pytest-xdist share devices, and what was deployed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from edgeq.base.errors import DeviceBusy
from edgeq.base.locks import Busy, FileLock

T = TypeVar("T")
_STEP = 0.5


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process here, waiting for others as long as they live: the system takes their lock back."""
    lock = FileLock(path, lasting=True)
    while True:
        try:
            lock.acquire()
            break
        except Busy:
            time.sleep(_STEP / 5)
    try:
        yield
    finally:
        lock.release()


def when_free(work: Callable[[], T], seconds: float) -> T:
    """Do it, again and again while it finds its device taken.

    Raises:
        DeviceBusy: after that many seconds, who has it.
        EdgeqError: what else the work raises.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return work()
        except DeviceBusy:
            if time.monotonic() + _STEP > end:
                raise
            time.sleep(_STEP)
