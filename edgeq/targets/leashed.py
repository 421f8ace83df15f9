"""A program that ends when edgeq does, in whatever way edgeq ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_SIGNALS = 128
_END_TIMEOUT = 5.0
_KEPT = 2000


class Leashed:
    """A running program.

    It is held by a small process (``leash.py``) that ends it when this one is gone: Linux could send a signal
    instead, but does so already when the thread ends that started the program.

    Args:
        command: the program and its arguments.
        pass_fds: file descriptors that it inherits.
    """

    def __init__(self, command: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-S", str(_LEASH), *command),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._output,
            pass_fds=pass_fds,
            start_new_session=True,
        )

    def code(self, timeout: float = 0.0) -> int | None:
        """Its exit code, or 128 and the signal that ended it; None where it still runs after ``timeout`` s."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    @property
    def ending(self) -> str | None:
        """How it ended (``"has ended with code 1"``); None while it runs."""
        code = self.code()
        if code is None:
            return None
        if code <= _SIGNALS:
            return f"has ended with code {code}"
        try:
            return f"was ended by {signal.Signals(code - _SIGNALS).name}"
        except ValueError:
            return f"was ended by signal {code - _SIGNALS}"

    @property
    def said(self) -> str:
        """The end of what it wrote to its standard output and error; nothing once it is closed."""
        if self._output.closed:
            return ""
        size = os.fstat(self._output.fileno()).st_size
        text = os.pread(self._output.fileno(), _KEPT, max(0, size - _KEPT))
        return text.decode("utf-8", "backslashreplace").strip()

    def close(self) -> None:
        """End it and wait for that; more than once is fine."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:  # the leash itself is stopped or stuck
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._output.close()
