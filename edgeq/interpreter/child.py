"""The child process that runs an interpreter: started, asked, watched, and ended whatever it does."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from edgeq.base.errors import ModelError, ToolMissingError
from edgeq.interpreter.adaptor import Array, Resolver
from edgeq.interpreter.forkserver import FORKSERVER
from edgeq.interpreter.protocol import ProtocolError, receive, send

_MAIN = "edgeq.interpreter.worker:main"
_CALIBRATION_THREADS = 4
_SHOWN_LINES = 4
_LAST_WORDS = 5.0


class InterpreterError(ModelError):
    """The interpreter refused a model, crashed on it, or was silent for too long.

    Args:
        what: which of these, after the interpreter's name: ``"refuses the model: …"``.
        message, hint: in full.
        started: whether it had loaded the model.
    """

    def __init__(self, what: str, message: str, hint: str, *, started: bool) -> None:
        super().__init__(message, hint)
        self.what = what
        self.started = started

    @property
    def kind(self) -> str:
        """A model's error."""
        return ModelError.__name__


class Child:
    """One child process, killed when the block ends, however it ends."""

    def __init__(self, timeout: float, imports: Sequence[str] = ()) -> None:
        self._timeout = timeout
        self._expired = False
        self._loaded = False
        self._code: int | None = None
        self._ending = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed in __exit__
        try:
            self._fork = FORKSERVER.start(_MAIN, self._log.fileno(), imports)
        except BaseException:
            self._log.close()
            raise

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._fork.close()
        self._log.close()

    def load(
        self,
        model: bytes,
        mode: str,
        *,
        resolver: Resolver,
        memory: int,
        tensors: Sequence[int] = (),
        pairs: Sequence[tuple[int, int]] = (),
        more: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Load the model, and say what its inputs are and which of ``pairs`` share their memory."""
        # As many as LiteRT's calibrator has on every machine: the number changes how some kernels add up.
        threads = _CALIBRATION_THREADS if mode in ("ranges", "observe") else 1
        head = {"mode": mode, "tensors": list(tensors), "pairs": list(pairs), "resolver": resolver}
        answer, _ = self.ask({**head, **(more or {}), "memory": memory, "threads": threads}, (), model)
        self._loaded = True
        return answer

    def ask(
        self, head: dict[str, Any], arrays: Sequence[Array], blob: bytes | None = None
    ) -> tuple[dict[str, Any], list[Array]]:
        """Send one message and wait for its answer."""
        watchdog = threading.Timer(self._timeout, self._expire)
        watchdog.daemon = True
        watchdog.start()
        try:
            send(self._fork.requests, head, arrays, blob)
            answer, returned, _ = receive(self._fork.answers)
        except (ProtocolError, BrokenPipeError) as error:
            raise self._ended() from error
        finally:
            watchdog.cancel()
        if "missing" in answer:
            raise ToolMissingError(str(answer["missing"]), str(answer["hint"]))
        if "error" in answer:
            raise InterpreterError(
                f"refuses the model: {answer['error']}",
                f"the interpreter refused this model: {answer['error']}{self._last_lines()}",
                "check that the model runs in LiteRT, and that its operators are supported there",
                started=self._loaded,
            )
        return answer, returned

    def _expire(self) -> None:
        self._expired = True
        self._end()

    def _end(self, patience: float = 0.0) -> int:
        with self._ending:
            if self._code is None:
                self._code = FORKSERVER.end(self._fork.pid, patience)
            return self._code

    def _ended(self) -> InterpreterError:
        # The pipe ends a moment before the process does: its own exit code is wanted, not that of the kill.
        code = self._end(_LAST_WORDS)
        if self._expired:
            return InterpreterError(
                f"gives no answer for {self._timeout:g} s",
                f"the interpreter gave no answer for {self._timeout:g} s on this model{self._last_lines()}",
                "the model may loop or be very large; try fewer samples",
                started=False,
            )
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return InterpreterError(
            f"crashes ({how})",
            f"the interpreter crashed on this model ({how}){self._last_lines()}",
            "the file is damaged, or LiteRT has a fault with one of its operators",
            started=self._loaded,
        )

    def _last_lines(self) -> str:
        """The end of what native code printed, without its information lines."""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 4096))
        lines = self._log.read().decode(errors="replace").splitlines()
        told = [line.strip()[:200] for line in lines if line.strip() and not line.startswith("INFO:")]
        return "".join(f"\n  {line}" for line in told[-_SHOWN_LINES:])
