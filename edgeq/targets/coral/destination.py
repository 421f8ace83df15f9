"""Where a Coral device is: on this machine, or behind ``ssh``; and how a Python is started there."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from edgeq.base.errors import UsageError

CONNECT_SECONDS = 10
_ADDRESS = re.compile(r"(?:[A-Za-z0-9_][\w.-]*@)?(?:[A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?")
_BOOT = (
    "import sys;f=sys.stdin.buffer;n=int.from_bytes(f.read(8),'little');"
    "exec(compile(f.read(n),'edgeq-worker','exec'),{'__name__':'__main__'})"
)
"""Takes the worker from stdin, so that no file is left on the other side, however the session ends."""


@dataclass(frozen=True)
class Destination:
    """Where to run.

    Attributes:
        address: ``user@host`` or ``user@host:port``, as ``ssh`` knows it; empty for this machine.
        python: the Python to start; empty for edgeq's own here, and ``python3`` elsewhere.
        ssh: the command that connects, before its options.
    """

    address: str = ""
    python: str = ""
    ssh: tuple[str, ...] = ("ssh",)

    @property
    def is_remote(self) -> bool:
        """Whether it is another machine."""
        return bool(self.address)

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.address or "this machine"

    @property
    def interpreter(self) -> str:
        """The Python that is started."""
        return self.python or ("python3" if self.is_remote else sys.executable)

    def by_hand(self, *words: str) -> str:
        """The line that connects, or runs ``words`` there, with the configured command and port."""
        host, port = self._host_and_port()
        return shlex.join([*self.ssh, *(["-p", port] if port else []), host, *words])

    @property
    def copy_key(self) -> str:
        """The line that puts the user's public key there."""
        host, port = self._host_and_port()
        return shlex.join(["ssh-copy-id", *(["-p", port] if port else []), host])

    @property
    def forget_key(self) -> str:
        """The line that forgets the key by which the host was known."""
        host, port = self._host_and_port()
        name = host.rpartition("@")[2]
        return shlex.join(["ssh-keygen", "-R", f"[{name}]:{port}" if port else name])

    def command(self) -> list[str]:
        """The argument list that starts a Python there which takes its program from stdin."""
        words = [self.interpreter, "-u", "-c", _BOOT]
        if not self.is_remote:
            return words
        host, port = self._host_and_port()
        options = ["-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT_SECONDS}"]
        options += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]
        options += ["-p", port] if port else []
        # The other side has a shell, whatever the arguments here are.
        return [*self.ssh, *options, "--", host, shlex.join(words)]

    def _host_and_port(self) -> tuple[str, str]:
        host, _, port = self.address.rpartition(":")
        if port.isdecimal() and host:
            return host.replace("[", "").replace("]", ""), port
        return self.address.replace("[", "").replace("]", ""), ""


def parse_destination(address: str, *, python: str = "", ssh: Sequence[str] = ("ssh",)) -> Destination:
    """A destination by what stands after the board's ``@``; empty for this machine.

    Raises:
        UsageError: it is no destination that ``ssh`` could mean, an option in disguise included.
    """
    if address and not _ADDRESS.fullmatch(address):
        raise UsageError(
            f"{address!r} is no host",
            "write user@host, user@host:port or a name of your ssh configuration",
        )
    return Destination(address, python, tuple(ssh) or ("ssh",))
