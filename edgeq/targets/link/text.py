"""The text protocol of MLPerf Tiny and EEMBC, from the host's side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgeq.base.errors import DeviceError
from edgeq.targets.link.wire import Wire

_READY = "m-ready"
BYTES_A_COMMAND = 31
"""As the official runner does."""

_LONGEST_LINE = 1 << 16
_MOST_LINES = 1 << 16


@dataclass(frozen=True)
class TextInference:
    """What ``infer`` said.

    Attributes:
        micros: from the start to the end of all runs, warm-ups not counted; microseconds.
        results: the first output, dequantized, to three decimals; for ad01 the mean squared error alone.
        is_told: whether the device told the time.
    """

    micros: int
    results: tuple[float, ...]
    is_told: bool = True


class TextLink:
    """Sends commands and takes their replies. Call ``find`` first.

    Args:
        wire: the device.
        timeout: seconds that a line may take.
    """

    def __init__(self, wire: Wire, *, timeout: float = 5.0) -> None:
        self._wire = wire
        self._timeout = timeout
        self._received = b""

    def command(self, text: str, *, timeout: float | None = None) -> list[str]:
        """Sends ``text%`` and gives the lines before ``m-ready``.

        Raises:
            DeviceError: no line of the protocol comes in time, whatever else does; or far too many do.
        """
        self._wire.send(f"{text}%".encode("ascii"))
        lines: list[str] = []
        deadline = self._wire.now() + (timeout or self._timeout)
        while len(lines) < _MOST_LINES:
            line = self._line(deadline)
            if line is None:
                break
            if _READY in line:
                return lines
            lines.append(line)
            if line.startswith(("m-", "e-")):
                deadline = self._wire.now() + (timeout or self._timeout)
        raise self._wire.silence(f"no {_READY} after {text}%")

    def expect(self, text: str, *patterns: str, timeout: float | None = None) -> list[re.Match[str]] | None:
        """Sends ``text%`` and looks for lines that match, whatever comes between; then for ``m-ready``.

        None when they do not come in time. This survives replies to earlier commands, as after a reset.
        """
        self._wire.send(f"{text}%".encode("ascii"))
        found: list[re.Match[str]] = []
        deadline = self._wire.now() + (timeout or self._timeout)
        while self._wire.now() < deadline and (line := self._line(deadline)) is not None:
            if len(found) == len(patterns):
                if _READY in line:
                    return found
            elif (match := re.fullmatch(patterns[len(found)], line)) is not None:
                found.append(match)
        return None

    def micros(self) -> tuple[int, float] | None:
        """The device's clock in microseconds and the host's in seconds, read together; None: no answer.

        The host's is the middle of the exchange, so that both ways of the line count alike.
        """
        before = self._wire.now()
        found = self.expect("timestamp", r"m-lap-us-([0-9]{1,20})")
        return (int(found[0][1]), (before + self._wire.now()) / 2) if found is not None else None

    def find(self) -> str | None:
        """The name of a device in text mode, None when it does not tell.

        Afterwards device and host agree: what was on its way, such as the banner's ``m-ready``, is dropped,
        and a command that another had begun is ended.
        """
        self._wire.drain()
        self._received = b""
        self._wire.send(b"%")
        found = self.expect("name", r"m-name-dut-\[(.*)\]")
        return found[0][1] if found is not None else None

    def load(self, data: bytes, *, size: int = BYTES_A_COMMAND) -> None:
        """Loads an input, ``size`` bytes a command. Raises DeviceError when the device refuses it."""
        _refused(self.command(f"db load {len(data)}"))
        lines: list[str] = []
        for start in range(0, len(data), size):
            lines = self.command(f"db {data[start : start + size].hex()}")
            _refused(lines)
        if lines != ["m-load-done"]:
            raise DeviceError(
                f"the device did not say m-load-done after {len(data)} bytes", f"it said {lines}"
            )

    def infer(self, runs: int = 1, warm_ups: int = 0, *, timeout: float = 30.0) -> TextInference:
        """Runs the loaded input. Raises DeviceError when the device refuses, or says something else."""
        laps, results = self._infer(runs, warm_ups, timeout)
        if len(laps) != 2:
            raise DeviceError("the device did not answer infer as the protocol says", f"it told times {laps}")
        return TextInference(laps[1] - laps[0], results)

    def infer_unheard(self, runs: int, warm_ups: int, *, timeout: float = 30.0) -> TextInference:
        """As ``infer``, of firmware for energy mode too: that pulls a pin where other firmware tells a time.

        Its time is then the host's, of all runs, and so a little more than the device's.
        """
        before = self._wire.now()
        laps, results = self._infer(runs, warm_ups, timeout)
        if len(laps) == 2:
            return TextInference(laps[1] - laps[0], results)
        spent = (self._wire.now() - before) * runs / (runs + warm_ups)
        return TextInference(int(spent * 1e6), results, is_told=False)

    def _infer(self, runs: int, warm_ups: int, timeout: float) -> tuple[list[int], tuple[float, ...]]:
        lines = self.command(f"infer {runs} {warm_ups}", timeout=timeout)
        _refused(lines)
        laps = [int(line[9:]) for line in lines if re.fullmatch(r"m-lap-us-[0-9]+", line)]
        results = [m for line in lines if (m := re.fullmatch(r"m-results-\[([-0-9.,]*)\]", line))]
        if len(laps) not in (0, 2) or len(results) != 1:
            raise DeviceError("the device did not answer infer as the protocol says", f"it said {lines}")
        return laps, tuple(float(x) for x in results[0][1].split(","))

    def _line(self, deadline: float) -> str | None:
        """The next line; None at the deadline, also from somebody who never stops talking."""
        is_late = False
        while b"\n" not in self._received:
            if len(self._received) > _LONGEST_LINE:
                self._received = b""
            data = b"" if is_late else self._wire.receive(deadline)
            if not data:
                return None
            self._received += data
            is_late = self._wire.now() > deadline
        line, _, self._received = self._received.partition(b"\n")
        return line.rstrip(b"\r").decode("ascii", "replace")


def _refused(lines: list[str]) -> None:
    for line in lines:
        if line.startswith("e-"):
            raise DeviceError(f"the device refused: {line}")
