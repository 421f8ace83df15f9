"""Running a flash tool: an argument list, a time limit, its words in the log, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgeq.base.errors import DeviceError, UsageError

_GRACE = 2.0
"""Seconds that a tool has to let go of its probe before it is killed."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Ran:
    """How a tool ended: its exit code, None where it took too long; and all that it said."""

    code: int | None
    said: str


def begin_log(path: Path) -> None:
    """An empty log in the place of an earlier one. Raises UsageError where it cannot be written."""
    try:
        path.write_bytes(b"")
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}", "check the place and its permissions"
        ) from error


def note_in_log(path: Path, text: str) -> None:
    """Keep what edgeq itself did between the tools' words."""
    with path.open("a", encoding="utf-8") as log:
        log.write(f"# {text}\n")


def run_tool(arguments: Sequence[str], folder: Path, log: Path, timeout: float) -> Ran:
    """Run a tool to its end in ``folder``; its output goes straight to the log, so that nothing loses it.

    The tool is ended, too, when edgeq is (Ctrl-C, SIGTERM) or its time is over: it gets a moment to release
    its probe, then it is killed with all that it started.

    Raises:
        DeviceError: it does not start.
    """
    with log.open("ab+") as output:
        output.write(os.fsencode(f"$ {shlex.join(arguments)}\n"))
        output.flush()
        start = output.tell()
        try:
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise DeviceError(f"cannot start {arguments[0]}: {error.strerror}", "reinstall it") from error
        code: int | None = None
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(timeout)
        finally:
            _end(process)
        output.seek(start)
        said = output.read().decode("utf-8", "replace")
        output.write(f"# {'stopped: its time is over' if code is None else f'exit code {code}'}\n".encode())
    return Ran(code, _COLOUR.sub("", said))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the tool and its children, of which some may outlive it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
