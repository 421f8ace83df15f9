"""Renode's monitor, spoken to over the process's standard input and output.

Over pipes and not over its telnet port: that port is open to the whole network, and who reaches it can run
Python here. And when the pipe ends, with whatever became of edgeq, Renode ends.
"""

from __future__ import annotations

import itertools
import os
import re
import threading
import time
from collections.abc import Callable

from edgeq.base.errors import DeviceError
from edgeq.base.leashed import Leashed

_CHUNK = 1 << 16
_STEP = 0.1
_ENDING = 2.0
_HINT = "start it by hand to see more: renode --disable-xwt --console"
_PROMPT = re.compile(r"(?:^|[\r\n])\([\w.-]+\) ")
_CONTROL = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\^_])")
_COMPLAINT = re.compile(
    r"error executing command|No such command or device|Could not |Failed to |Unable to |Error E\d\d|"
    r"Parameters did not match|Bad parameters for|No such variable|does not exist|does not provide|CPU abort"
)
_AGAIN = "There was an error executing command"
_MARK = "edgeq-answered-"


class RenodeMonitor:
    """The monitor of a Renode that was started with ``--console``.

    Args:
        child: Renode.
        commands, output: the pipes to its standard input and from its standard output, which this closes.
        patience: seconds for its first prompt.

    Raises:
        DeviceError: it ends, or gives no prompt.
    """

    def __init__(self, child: Leashed, commands: int, output: int, patience: float) -> None:
        self._child, self._commands, self._output = child, commands, output
        self._said = ""
        self._changed = threading.Condition()
        self._lock = threading.Lock()
        self._ended = False
        self._number = 0
        self._reader = threading.Thread(target=self._read, name="edgeq-renode", daemon=True)
        self._reader.start()
        # What comes before the shell listens would be lost: nothing is sent before its prompt.
        try:
            if not self._wait(lambda: _PROMPT.search(_plain(self._said)) is not None, patience):
                raise self._silent(f"Renode gives no prompt within {patience:.0f} s")
        except BaseException:
            child.close()
            self.close()
            raise

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._output, _CHUNK)
            except OSError:
                data = b""
            with self._changed:
                self._said += data.decode("utf-8", "replace")
                self._ended = not data
                self._changed.notify_all()
            if not data:
                return

    def _wait(self, done: Callable[[], bool], patience: float) -> bool:
        """Whether it came about; in short steps, so that Ctrl-C is noticed."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not done():
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    return done()
                self._changed.wait(min(left, _STEP))
            return True

    def ask(self, command: str, patience: float) -> list[str]:
        """What a command prints, line by line; lines of its echo may be among them.

        Raises:
            DeviceError: Renode ends, or does not come back from the command.
        """
        with self._lock:
            self._number += 1
            mark = f"{_MARK}{self._number}"
            start = len(self._said)
            # The mark is put together there, so that the echo of this line is not taken for it.
            self._send(f"{command}\npython \"print('{_MARK}' + '{self._number}')\"\n")
            ended = re.compile(rf"{mark}(?!\d)")
            if not self._wait(lambda: ended.search(_plain(self._said[start:])) is not None, patience):
                raise self._silent(f"Renode does not come back from {command!r} within {patience:.0f} s")
            said = _plain(self._said[start:])
            found = ended.search(said)
            lines = re.split(r"[\r\n]+", said[: found.start() if found else None])
            return [line.strip() for line in lines if line.strip() and _MARK not in line]

    def tell(self, command: str, patience: float) -> None:
        """Run a command that has to work.

        Raises:
            DeviceError: it did not, with what Renode says of it.
        """
        lines = self.ask(command, patience)
        for at, line in enumerate(lines):
            if _COMPLAINT.search(line):
                # A script that fails is complained of once more, without any news.
                rest = itertools.takewhile(lambda more: _AGAIN not in more, lines[at + 1 : at + 4])
                raise RenodeError(command, " ".join((line, *rest)))

    def number(self, command: str, patience: float) -> int | None:
        """The number that a command prints; None when it prints none, or Renode does not answer."""
        try:
            lines = self.ask(command, patience)
        except DeviceError:
            return None
        for line in reversed(lines):
            if re.fullmatch(r"0x[0-9A-Fa-f]+|\d+", line):
                return int(line, 0)
        return None

    def _send(self, text: str) -> None:
        try:
            os.write(self._commands, os.fsencode(text))  # a pipe takes far more than a command at once
        except OSError as error:
            raise self._silent("Renode takes no more commands") from error

    def _silent(self, what: str) -> DeviceError:
        self._child.code(_ENDING if self._ended else 0.0)
        how = self._child.ending
        said = self._child.said or _plain(self._said).strip()
        told = " / ".join(line.strip() for line in re.split(r"[\r\n]+", said)[-3:] if line.strip())
        return DeviceError(f"{f'Renode {how}' if how else what}{f': {told}' if told else ''}", _HINT)

    def close(self) -> None:
        """Close the pipes, once Renode has ended."""
        os.close(self._commands)
        self._reader.join(_ENDING)
        os.close(self._output)


def _plain(text: str) -> str:
    """Without what moves a terminal's cursor: --plain leaves out colours only."""
    return _CONTROL.sub("", text)


class RenodeError(DeviceError):
    """Renode refused a command."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(f"Renode refuses {command!r}: {said}")
