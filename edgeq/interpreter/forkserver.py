"""The process that forks a child for every model, from its parent's side: started, asked, replaced."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_COMMAND = ("-m", "edgeq.interpreter.forks")
_ANSWER = 64


@dataclass(frozen=True)
class Fork:
    """A child: its process number, which is no other's before it is ended, and what it reads and writes."""

    pid: int
    requests: BinaryIO
    answers: BinaryIO

    def close(self) -> None:
        """Close both, whatever was not written."""
        with contextlib.suppress(BrokenPipeError):
            self.requests.close()
        self.answers.close()


class ForkServer:
    """The parent's side: one server for a process, there from the first child on. Any thread may ask it."""

    _lock: threading.Lock
    _process: subprocess.Popen[bytes] | None
    _socket: socket.socket | None

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Have none: a process that was forked leaves its parent's alone."""
        self._lock, self._process, self._socket = threading.Lock(), None, None

    def start(self, main: str, log: int, imports: Sequence[str] = ()) -> Fork:
        """Fork a child that calls ``main`` (``module:name``).

        Args:
            log: the descriptor that is its stderr.
            imports: modules that it will want, imported once for all that do.

        Raises:
            OSError: there are no resources for another process.
        """
        asked = {"start": main, "imports": list(imports)}
        stdin, requests = os.pipe()
        answers, stdout = os.pipe()
        try:
            pid = self._ask_any(asked, (stdin, stdout, log))
        except BaseException:
            os.close(requests)
            os.close(answers)
            raise
        finally:
            os.close(stdin)
            os.close(stdout)
        return Fork(pid, os.fdopen(requests, "wb"), os.fdopen(answers, "rb"))

    def end(self, child: int, patience: float = 0.0) -> int:
        """Kill a child that does not end by itself in ``patience`` seconds.

        Returns:
            Its exit code, as ``subprocess`` gives it.
        """
        with self._lock, contextlib.suppress(OSError):
            return self._ask({"end": child, "patience": patience})
        return -signal.SIGKILL  # what a server's end is to its children

    def close(self) -> None:
        """End it, and the children that are left."""
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.wait()
        self._socket = self._process = None

    def _ask_any(self, asked: dict[str, Any], descriptors: Sequence[int]) -> int:
        """Ask the server that is there, or else a new one."""
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    return self._ask(asked, descriptors)
            self._launch()
            return self._ask(asked, descriptors)

    def _launch(self) -> None:
        self.close()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *_COMMAND, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(),
            )

    def _ask(self, asked: dict[str, Any], descriptors: Sequence[int] = ()) -> int:
        if self._socket is None:
            raise ConnectionError("no server")
        try:
            socket.send_fds(self._socket, [json.dumps(asked).encode()], descriptors)
            return int(self._socket.recv(_ANSWER))
        except ValueError as error:
            raise ConnectionError("the interpreter's server has ended") from error
        except BaseException:  # an answer that nobody waited for would be taken for the next one's
            self.close()
            raise


def _environment() -> dict[str, str]:
    """The same edgeq, no thread pools, nothing imported from the working folder."""
    env = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", PYTHONSAFEPATH="1")
    root = Path(__file__).resolve().parents[2]
    if root.name not in ("site-packages", "dist-packages"):
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), env.get("PYTHONPATH"))))
    return env


FORKSERVER = ForkServer()
"""This process's."""
atexit.register(FORKSERVER.close)
os.register_at_fork(after_in_child=FORKSERVER.forget)
