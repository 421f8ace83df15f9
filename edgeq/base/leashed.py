"""A program that ends when edgeq does, in whatever way edgeq ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_END_TIMEOUT = 5.0
_KEPT = 2000


class Leashed:
    """A running program.

    It is held by a small process (``leash.py``) that ends it when this one is gone: Linux could send a signal
    instead, but does so already when the thread ends that started the program.

    Args:
        command: the program and its arguments.
        pass_fds: file descriptors that it inherits.
        stdio: file descriptors that become its standard input and output; None for no input, and output that
            is kept in ``said``.
        environment: its environment variables; None for this process's.
    """

    def __init__(
        self,
        command: Sequence[str],
        pass_fds: Sequence[int] = (),
        *,
        stdio: tuple[int, int] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-S", str(_LEASH), *map(str, stdio or ("-", "-")), *command),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._output,
            pass_fds=(*pass_fds, *(stdio or ())),
            env=environment,
            start_new_session=True,
        )

    def code(self, timeout: float = 0.0) -> int | None:
        """Its exit code, or minus the signal that ended it; None where it runs on for ``timeout`` s."""
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
        if code >= 0:
            return f"has ended with code {code}"
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"

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
