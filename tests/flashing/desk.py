"""A board on the desk: its probe is played by a stand-in tool, its serial port is a pseudo-terminal.

What the tool was given is what runs, on Unicorn, from the moment that the tool resets it.
"""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable
from typing import TYPE_CHECKING

from edgeq.boards import Board
from edgeq.builder.segments import Segment
from edgeq.targets.stream import ByteQueue

from .conftest import Bench

if TYPE_CHECKING:
    from edgeq.targets.simulators.unicorn_machine import Machine

Change = Callable[[tuple[Segment, ...]], tuple[Segment, ...]]


def read_hex(text: str) -> tuple[Segment, ...]:
    """Intel hex, by its specification, with every checksum looked at."""
    segments: list[Segment] = []
    high = 0
    for line in text.split():
        raw = bytes.fromhex(line.removeprefix(":"))
        assert sum(raw) & 0xFF == 0 and len(raw) == raw[0] + 5, line
        if raw[3] == 4:
            high = int.from_bytes(raw[4:6], "big") << 16
        elif raw[3] == 0:
            segments.append(Segment(high + int.from_bytes(raw[1:3], "big"), raw[4:-1]))
    assert text.endswith(":00000001FF\n")
    return tuple(segments)


class Desk:
    """Runs until ``close``. ``change`` is what goes wrong between the tool and the flash."""

    def __init__(self, bench: Bench, board: Board, change: Change = lambda written: written) -> None:
        self._bench, self._board, self._change = bench, board, change
        self._leader, self._follower = os.openpty()
        tty.setraw(self._follower)
        self.port = os.ttyname(self._follower)
        self._seen = 0
        self._machine: Machine | None = None
        self._running: threading.Thread | None = None
        self._received, self._sent = ByteQueue(), ByteQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    @property
    def lives(self) -> bool:
        """Whether firmware runs."""
        return self._machine is not None

    def _live(self) -> None:
        while not self._closed:
            self._look()
            if self._sent:
                os.write(self._leader, self._sent.take(512))
            elif select.select([self._leader], [], [], 0.005)[0]:
                self._received.put(os.read(self._leader, 512))

    def _look(self) -> None:
        """What the probe was told to do."""
        from edgeq.targets.simulators.unicorn_machine import Machine

        calls = self._bench.calls
        if len(calls) == self._seen:
            return
        self._seen = len(calls)
        flashed = [call.files["firmware.hex"] for call in calls if "flash" in call.arguments]
        if flashed and "reset" in calls[-1].arguments:
            self._stop()
            written = self._change(read_hex(flashed[-1].decode()))
            self._received, self._sent = ByteQueue(), ByteQueue()
            self._machine = Machine(self._board, written, self._received, self._sent)
            self._running = threading.Thread(target=self._machine.run, daemon=True)
            self._running.start()

    def _stop(self) -> None:
        while self._machine is not None and self._running is not None and self._running.is_alive():
            self._machine.stop()
            self._received.end()
            self._running.join(0.02)
        if self._machine is not None:
            self._machine.close()
        self._machine = None

    def close(self) -> None:
        self._closed = True
        self._thread.join()
        self._stop()
        os.close(self._leader)
        os.close(self._follower)
