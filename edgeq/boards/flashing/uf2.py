"""Copying to the drive of a UF2 bootloader."""

from __future__ import annotations

import contextlib
import re
from typing import Literal

from pydantic import Field

from edgeq.boards.flashing.runner import BOOTSEL, UF2, Copying, Device, Drive

_INFO = "INFO_UF2.TXT"
_BOARD_ID = re.compile(r"^Board-ID:\s*(.+?)\s*$", re.MULTILINE)


class Uf2(Copying):
    """Copying to the drive of a bootloader: its ``family`` id, and what the drive's INFO_UF2.TXT says."""

    order = 60
    form = UF2
    boots_itself = True
    enter = "enter the bootloader (hold BOOTSEL, or press reset twice), then "
    goes_with = _INFO

    runner: Literal["uf2"]
    family: int = Field(ge=0, lt=1 << 32)
    board_id: str = Field(min_length=1)

    @property
    def usb_ids(self) -> tuple[str, ...]:
        """Of the boot ROMs."""
        return BOOTSEL

    def is_for(self, device: Device) -> bool:
        """Whatever has a drive, and a boot ROM whose drive is not mounted yet."""
        return super().is_for(device) or device.usb in BOOTSEL

    @property
    def uf2_family(self) -> int:
        """As https://github.com/microsoft/uf2 lists them."""
        return self.family

    @property
    def which(self) -> str:
        """By the bootloader's own words."""
        return f"with the Board-ID {self.board_id} in its {_INFO}"

    def takes(self, drive: Drive) -> bool:
        """By the bootloader's own words."""
        with contextlib.suppress(OSError):
            match = _BOARD_ID.search((drive.path / _INFO).read_text(encoding="utf-8", errors="replace"))
            return match is not None and match[1] == self.board_id
        return False

    def by_hand(self, origin: int) -> str:
        """Only edgeq makes the file."""
        return ""
