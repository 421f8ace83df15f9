"""A device behind MLPerf Tiny's interface board, which passes on what is meant for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeq.targets import Stream

_FROM_DEVICE = b"[dut]: "


class InterfaceStream:
    """The device's text, as if it were at the port itself.

    The board takes ``dut COMMAND%``, answers that itself, and marks each line of the device.

    Args:
        stream: the board's console; closed with this.
        baud: at which the board speaks to the device.
    """

    def __init__(self, stream: Stream, baud: int) -> None:
        self._stream = stream
        self._sending = self._line = self._coming = b""
        stream.write(f"setbaud {baud}%".encode("ascii"))

    def read(self, n: int, timeout: float) -> bytes:
        """Whole lines of the device, without their mark; as the stream's."""
        if not self._coming:
            *lines, self._line = (self._line + self._stream.read(1 << 12, timeout)).split(b"\n")
            marked = (line for line in lines if line.startswith(_FROM_DEVICE))
            self._coming = b"".join(line[len(_FROM_DEVICE) :] + b"\n" for line in marked)
        data, self._coming = self._coming[:n], self._coming[n:]
        return data

    def write(self, data: bytes) -> None:
        """Whole commands; an empty one means nothing to the device, and is none to the board."""
        *commands, self._sending = (self._sending + data).split(b"%")
        for command in commands:
            if command:
                self._stream.write(b"dut " + command + b"%")

    def close(self) -> None:
        """Closes the board's console."""
        self._stream.close()
