"""Waiting for what another process or thread does, however busy the machine is."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

GUARD = 120.0
"""Seconds after which it does not come any more."""


def until(holds: Callable[[], object], *, every: float = 0.02) -> bool:
    """Whether it holds, as soon as it does."""
    return any(holds() for _ in turns(every))


def turns(every: float = 0.0) -> Iterator[None]:
    """Turns of a loop that ends by itself, as long as the guard allows; seconds between two of them."""
    end = time.monotonic() + GUARD
    while time.monotonic() < end:
        yield
        time.sleep(every)


def ends(pid: int) -> bool:
    """Whether a process ends; one that nobody has waited for yet has ended."""
    return until(lambda: not lives(pid))


def lives(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def waits_begin_after(holds: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the time that a process is given begin once something holds: it may take long to start."""
    wait = subprocess.Popen.wait

    def patient(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        assert until(holds)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", patient)


def is_written(path: Path) -> bool:
    """Whether a file is there and not empty."""
    return path.exists() and path.stat().st_size > 0
