"""Where the firmware is to run, as the user says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgeq.targets.farm import Farm


@dataclass(frozen=True)
class Place:
    """Where the firmware is to run, as the user says.

    Attributes:
        port: a serial port or pyserial URL. A board with flash runners is flashed first; behind any other the
            firmware runs already.
        simulator: which one; None for the board's usual one.
        device: a serial number, or a part of it, of the probe or board to flash.
        flash: whether to flash a board of hardware; else the firmware is on it already.
        hardware_map: a file that says which board is behind which probe.
        farm: a place behind labgrid, in the stead of a port.
    """

    port: str | None = None
    simulator: str | None = None
    device: str | None = None
    flash: bool = True
    hardware_map: Path | None = None
    farm: Farm | None = None

    def __str__(self) -> str:
        if self.farm is not None:
            return str(self.farm)
        if self.port is not None:
            return f"the device at {self.port}"
        if self.simulator is not None:
            return self.simulator
        return f"the device {self.device}" if self.device is not None else "its usual place"


USUAL_PLACE = Place()
"""Nobody said anything: the board's simulator, or the only device that it can be."""
