"""The keywords of renode-test that the generated suite uses, with Renode's names and way with arguments.

As in ``KeywordManager`` and ``UartKeywords`` of Renode's sources: everything arrives as text, and text of the
form ``name=value`` is a named argument, which has to be one of the keyword's. A time-out is in virtual
seconds, which pass as slowly as the real Renode was seen to let them pass behind firmware that polls.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import standin_renode

_NAMED = re.compile(r"([a-zA-Z0-9_]+)=(.+)", re.DOTALL)
_VIRTUAL = 0.456 / 12
"""Virtual seconds in one of the host's: nrf52840dk."""


def read_arguments(names: list[str], given: tuple[object, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    named = False
    for text in map(str, given):
        if match := _NAMED.match(text):
            named = True
            assert match[1] in names, f"arguments do not match: {text!r}"
            found[match[1]] = match[2]
        else:
            assert not named, "named arguments must appear after the positional arguments"
            found[names[len(found)]] = text
    return found


class standin_keywords:
    ROBOT_LIBRARY_SCOPE = "TEST"

    def __init__(self) -> None:
        self.renode = standin_renode.Renode()
        self.lines: list[str] = []
        self.rest = ""
        self.uart = ""
        self.timeout = 0.0

    def execute_script(self, *given: object) -> None:
        self.renode.include(Path(read_arguments(["path"], given)["path"]))

    def create_terminal_tester(self, *given: object) -> int:
        found = read_arguments(["uart", "timeout", "machine", "endLineOption"], given)
        assert self.renode.board and found["uart"] == f"sysbus.{self.renode.board.uart_name}"
        self.timeout = float(found["timeout"])
        assert self.timeout > 0
        self.uart = found["uart"]
        return 0

    def start_emulation(self) -> None:
        self.renode.start()

    def write_to_uart(self, *given: object) -> None:
        assert self.uart, "there is no terminal tester"
        self.renode.received.put(read_arguments(["content", "testerId"], given)["content"].encode())  # type: ignore[attr-defined]

    def wait_for_line_on_uart(self, *given: object) -> dict[str, object]:
        """The next line that holds the text, as TerminalTesterResult arrives; lines before it are gone."""
        found = read_arguments(["content", "timeout", "testerId", "treatAsRegex"], given)
        wanted = found["content"]
        pattern = wanted if found.get("treatAsRegex") == "true" else re.escape(wanted)
        deadline = time.monotonic() + float(found.get("timeout", self.timeout)) / _VIRTUAL
        while time.monotonic() < deadline:
            while self.lines:
                line = self.lines.pop(0)
                if re.search(pattern, line):
                    return {"Line": line, "Timestamp": 0.0, "Groups": []}
            self.renode.sent.wait(0.1)  # type: ignore[attr-defined]
            data = self.rest + self.renode.sent.take(1 << 16).decode()  # type: ignore[attr-defined]
            *lines, self.rest = data.replace("\r", "").split("\n")
            self.lines += lines
        raise AssertionError(f"Terminal tester failed! {wanted!r} did not come")
