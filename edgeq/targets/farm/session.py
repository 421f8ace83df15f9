"""A place for as long as it is needed: the worker beside labgrid, asked and ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgeq.base.errors import DeviceBusy, DeviceError, EdgeqError, ToolMissingError
from edgeq.targets.farm import worker
from edgeq.targets.farm.asked import Farm

INSTALL = (
    "python3 -m venv ~/.edgeq/labgrid && ~/.edgeq/labgrid/bin/pip install labgrid "
    "&& export EDGEQ_LABGRID_PYTHON=~/.edgeq/labgrid/bin/python"
)
_ANSWER = 60.0
_LOAD = 600.0
_END = 20.0
_LONGEST = 1 << 20
_SHOWN = 300
_HINTS = {
    "busy": "`labgrid-client who` shows who has what; wait, or ask for another place by its tags",
    "absent": "`labgrid-client places` and `labgrid-client resources` show what there is; LG_COORDINATOR, or "
    "`coordinator` in the table [labgrid] of edgeq.toml, says where to ask",
    "failed": "try the same by labgrid-client, under the same coordinator",
}


@dataclass(frozen=True)
class Held:
    """What labgrid gave.

    Attributes:
        name: the place's.
        url: of its console.
        by_hand: whether the user had acquired it before, so that it stays acquired.
        tags: the place's own.
        resets: whether it can be reset, or switched off and on.
        loads: whether labgrid's environment file names a driver that writes firmware.
    """

    name: str
    url: str
    by_hand: bool
    tags: Mapping[str, str]
    resets: bool
    loads: bool


class FarmSession:
    """The worker, from the first question to :meth:`close`, which releases what was acquired.

    Raises:
        ToolMissingError: there is no labgrid.
        DeviceBusy: the place is another's.
        DeviceError: there is no such place, or no coordinator, or labgrid fails.
    """

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._python = os.path.expanduser(farm.python or sys.executable)  # noqa: PTH111  # may be a command
        self._said = b""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close
        command = [self._python, str(Path(worker.__file__)), farm.coordinator, str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                [*command, farm.config or ""],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, bufsize=0,
                start_new_session=True,  # Ctrl-C is edgeq's, which then ends it by its standard input
            )  # fmt: skip
        except OSError as error:
            self._log.close()
            raise self._missing(f"{self._python} does not start ({error.strerror})") from error

    def look(self, board: str) -> None:
        """Whether there is such a place, and this user may have it; nothing is acquired."""
        self._ask("look", _ANSWER, name=self._farm.name, tags=self._farm.tags_for(board))

    def acquire(self, board: str) -> Held:
        """Have it. One that is named is there for the taking or refused; by tags, one is waited for."""
        farm = self._farm
        told = self._ask(
            "acquire", farm.wait + _ANSWER, name=farm.name, tags=farm.tags_for(board), wait=farm.wait
        )
        return Held(told["name"], told["url"], told["held"], told["tags"], told["resets"], told["loads"])

    def reset(self) -> None:
        """Start the board anew."""
        self._ask("reset", _ANSWER)

    def load(self, file: Path) -> None:
        """Put firmware on it by labgrid's own driver."""
        self._ask("load", _LOAD, file=str(file.resolve()))

    def _ask(self, do: str, timeout: float, **said: Any) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(BrokenPipeError):  # its last words tell more
            self._process.stdin.write(json.dumps({"do": do, **said}).encode() + b"\n")
        answer = self._answer(do, time.monotonic() + timeout)
        if "missing" in answer:
            raise self._missing(f"{self._python} has no package {answer['missing']}")
        if "error" in answer:
            raise _error(str(answer["error"]), str(answer.get("kind")))
        return answer

    def _answer(self, do: str, end: float) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._said:
            left = end - time.monotonic()
            if left <= 0 or len(self._said) > _LONGEST:
                self._kill()
                raise DeviceError(f"labgrid gave no answer when it was to {do}{self._last}", _HINTS["failed"])
            if select.select([pipe], [], [], left)[0]:
                data = os.read(pipe, 1 << 16)
                if not data:
                    raise DeviceError(f"labgrid ended when it was to {do}{self._last}", _HINTS["failed"])
                self._said += data
        line, _, self._said = self._said.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told

    @property
    def _last(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), _SHOWN, max(0, size - _SHOWN)).decode(errors="replace").strip()
        return f": {text.splitlines()[-1]}" if text else ""

    def _missing(self, what: str) -> ToolMissingError:
        return ToolMissingError(f"--place needs labgrid: {what}", INSTALL)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Release the place; more than once is fine."""
        if self._log.closed:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        self._log.close()


def _error(text: str, kind: str) -> EdgeqError:
    hint = _HINTS.get(kind, _HINTS["failed"])
    return DeviceBusy(text, hint) if kind == "busy" else DeviceError(f"labgrid: {text}", hint)
