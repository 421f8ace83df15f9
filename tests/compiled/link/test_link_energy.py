"""MLPerf Tiny's energy mode without its monitor, in simulated time; also behind its interface board.

The board is a stand-in, written from the suite's description of its console.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from line import Line

from edgeq.base.errors import DeviceError
from edgeq.judge.bench.mlperf_tiny import Energy, energy, identify
from edgeq.targets.link import InterfaceStream, TextLink, Wire

Lines = Callable[..., Line]
MACROS = {"INPUT_BYTES": 490, "ONE_OUTPUT": 1, "EDGEQ_LINK_MODEL": '"kws01"', "SPENDS": 20_000_000}
"""An inference takes 20 ms: the suite's 70 of them are too short a window."""

INPUTS = [bytes([i]) * 490 for i in range(5)]


class Said:
    """A line that keeps the commands."""

    def __init__(self, line: Line) -> None:
        self._line, self.said = line, b""
        self.close = line.close

    def read(self, n: int, timeout: float) -> bytes:
        return self._line.read(n, timeout)

    def write(self, data: bytes) -> None:
        self.said += data
        self._line.write(data)

    @property
    def commands(self) -> list[bytes]:
        return [command for command in self.said.split(b"%") if command]


class Board:
    """The interface board: acknowledges, and marks what comes from a device, which may pull a pin."""

    def __init__(self, device: Said, *, pulls_a_pin: bool = False) -> None:
        self._device, self._pulls_a_pin = device, pulls_a_pin
        self.asked: list[bytes] = []
        self._line = self._coming = self._command = b""
        self.close = device.close

    def write(self, data: bytes) -> None:
        *commands, self._command = (self._command + data).split(b"%")
        for command in commands:
            self.asked.append(command)
            word, _, rest = command.partition(b" ")
            assert word in (b"dut", b"setbaud") and rest
            if word == b"dut":
                self._coming += b"m-dut-passthrough(" + rest + b")\r\n"
                self._device.write(rest + b"%")
            self._coming += b"m-ready\r\n"

    def read(self, n: int, timeout: float) -> bytes:
        *lines, self._line = (self._line + self._device.read(n, timeout)).split(b"\n")
        for line in lines:
            if not (self._pulls_a_pin and line.startswith(b"m-lap-us")):
                self._coming += b"[dut]: " + line + b"\n"
        data, self._coming = self._coming[:n], self._coming[n:]
        return data


def measured(stream: object, line: Line) -> Energy:
    text = TextLink(Wire(stream, clock=line.now))  # type: ignore[arg-type]  # a stream by its shape
    return energy(text, identify(text), INPUTS)


def test_windows_are_long_enough_each_on_an_input_of_its_own(line: Lines) -> None:
    device = line(MACROS, baud=9600)
    said = Said(device)
    found = measured(said, device)
    assert 585 < found.runs <= 600 and found.warm_ups == 10  # 12 s of 20 ms, and of telling a time
    assert len(found.windows) == 5 and all(10e6 <= window < 30e6 for window in found.windows)
    assert found.is_told and found.is_long_enough and not found.is_simulated
    commands = [one for one in said.commands if one.startswith((b"db", b"infer"))]
    sent = [one for one in commands if one.startswith(b"db ") and not one.startswith(b"db load")]
    assert max(len(one) for one in sent) == len("db ") + 2 * 26
    loaded = bytes.fromhex(b"".join(one[3:] for one in sent).decode())
    assert loaded == INPUTS[0] + b"".join(INPUTS)
    assert [one for one in commands if one.startswith(b"infer")] == [
        b"infer 70 10",
        *[f"infer {found.runs} 10".encode()] * 5,
    ]


@pytest.mark.parametrize("pulls_a_pin", [False, True])
def test_behind_the_interface_board(line: Lines, pulls_a_pin: bool) -> None:
    device = line(MACROS, baud=9600)
    board = Board(Said(device), pulls_a_pin=pulls_a_pin)
    found = measured(InterfaceStream(board, 9600), device)
    assert board.asked[0] == b"setbaud 9600"
    assert {one.split()[0] for one in board.asked[1:]} == {b"dut"}
    assert found.is_told is not pulls_a_pin
    assert len(found.windows) == 5 and found.is_long_enough


def test_nobody_behind_the_board_is_told(line: Lines) -> None:
    device = line(MACROS, baud=9600)

    class Deaf(Said):
        def write(self, data: bytes) -> None:
            pass

    with pytest.raises(DeviceError, match="does not answer name%"):
        measured(InterfaceStream(Board(Deaf(device)), 9600), device)
