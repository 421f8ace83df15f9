"""QEMU's monitor (QMP), asked for the processor's registers."""

from __future__ import annotations

import json
import re
import socket
import time
from typing import Any

_TIMEOUT = 2.0
_REGISTER = re.compile(r"\bR(\d\d)=([0-9a-f]{8})")


class Monitor:
    """The monitor at the other end of a socket. Whatever goes wrong there, an answer is then None."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._rest = b""
        self._greeted = False

    def registers(self) -> dict[int, int] | None:
        """R0 to R15 by number as they are at this moment; None where there is no answer."""
        if not self._greeted:
            self._greeted = self._ask("qmp_capabilities") is not None
        answer = self._ask("human-monitor-command", {"command-line": "info registers"})
        found = {int(number): int(value, 16) for number, value in _REGISTER.findall(str(answer))}
        return found if len(found) == 16 else None

    def _ask(self, command: str, arguments: dict[str, str] | None = None) -> Any:
        """What the command returns; None where nothing does in time."""
        request = {"execute": command, "arguments": arguments or {}}
        deadline = time.monotonic() + _TIMEOUT
        try:
            self._socket.settimeout(_TIMEOUT)
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            while True:  # past the greeting, and past what merely happens
                answer = self._line(deadline)
                if "return" in answer or "error" in answer:
                    return answer.get("return")
        except (OSError, ValueError):
            return None

    def _line(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._rest:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            data = self._socket.recv(1 << 16)
            if not data:
                raise OSError("closed")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        value = json.loads(line)
        return value if isinstance(value, dict) else {}

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
