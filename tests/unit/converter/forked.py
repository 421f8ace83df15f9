"""Interpreter processes by fork instead of by a new Python: all else is as always, ten times as quick."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import edgeq.interpreter.worker as worker
from edgeq.interpreter.adaptor import Adaptor

for needed in ("observer", "recurrent_rounding", "rounding"):
    importlib.import_module(f"edgeq.converter.{needed}")  # what a worker imports by name
with contextlib.suppress(ValueError, RuntimeError):
    Adaptor(b"no model", "reference")  # has LiteRT imported


class ForkedWorker:
    """What the runner uses of ``subprocess.Popen``, for the one program that it starts."""

    def __init__(
        self, command: Sequence[str], *, stdin: int, stdout: int, stderr: BinaryIO, env: Mapping[str, str]
    ) -> None:
        assert "edgeq.interpreter.worker" in command
        assert stdin == stdout == subprocess.PIPE
        their_input, to_child = os.pipe()
        from_child, their_output = os.pipe()
        self._code: int | None = None
        self.pid = os.fork()
        if not self.pid:
            with contextlib.suppress(BaseException):
                for source, target in ((their_input, 0), (their_output, 1), (stderr.fileno(), 2)):
                    os.dup2(source, target)
                os.closerange(3, 256)
                worker.sys.stdin = os.fdopen(0, closefd=False)  # pytest has put its own there
                worker.main()
            os._exit(70)
        os.close(their_input)
        os.close(their_output)
        self.stdin, self.stdout = os.fdopen(to_child, "wb"), os.fdopen(from_child, "rb")

    def kill(self) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


class ForkingSubprocess:
    """The module ``subprocess`` as the runner sees it."""

    Popen: Any = ForkedWorker
    PIPE = subprocess.PIPE
    TimeoutExpired = subprocess.TimeoutExpired
