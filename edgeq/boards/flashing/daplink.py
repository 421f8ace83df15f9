"""Copying to the drive of a debug probe (DAPLink)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgeq.boards.flashing.runner import BUILT, HEX, Copying, Drive


class DapLink(Copying):
    """Copying a .hex file to the drive of a debug probe (DAPLink): ``label`` is the drive's name."""

    order = 70
    form = HEX
    leaves_usb = True
    refusal = "FAIL.TXT"

    runner: Literal["drive"]
    label: str = Field(min_length=1)

    @property
    def which(self) -> str:
        """By its name."""
        return f"called {self.label}"

    def takes(self, drive: Drive) -> bool:
        """By its name, or that of the folder where it is mounted."""
        return self.label in (drive.label, drive.path.name)

    def by_hand(self, origin: int) -> str:
        """As desktops mount it."""
        return f"cp {BUILT}{HEX} /media/$USER/{self.label}/"
