"""st-flash of the open-source stlink tools."""

from __future__ import annotations

from typing import Literal

from edgeq.boards.debugger import Debugger
from edgeq.boards.flashing.runner import BUILT, HEX, Aim, Device, Program, serial_option

_ST, _ST_LINK = "0483", "37"
"""ST's number, and the beginning of every ST-Link's product number."""


class StFlash(Program):
    """st-flash of the open-source stlink tools."""

    order = 30
    program = "st-flash"
    form = HEX
    install = "sudo apt-get install stlink-tools"

    runner: Literal["st-flash"]

    def is_for(self, device: Device) -> bool:
        """Every ST-Link."""
        vendor, _, product = device.usb.partition(":")
        return vendor == _ST and product.startswith(_ST_LINK)

    def write(self, aim: Aim) -> list[str]:
        """Without a reset."""
        return [*serial_option(aim, "--serial"), "--format", "ihex", "write", HEX]

    def reset(self, aim: Aim) -> list[str]:
        """By the probe."""
        return [*serial_option(aim, "--serial"), "reset"]

    def by_hand(self, origin: int) -> str:
        """It takes no ELF."""
        return f"st-flash --reset --format ihex write {BUILT}{HEX}"

    def debugger(self) -> Debugger:
        """st-util, of the same tools."""
        return Debugger("ST-Link", {"servertype": "stutil"})
