"""SEGGER's JLinkExe: ``device`` is the name after ``-device``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from edgeq.boards.debugger import Debugger
from edgeq.boards.flashing.complaints import ACCESS, TWO_PROBES, UNKNOWN_TARGET
from edgeq.boards.flashing.runner import BUILT, HEX, Aim, Device, Program

_KHZ = "4000"
_SEGGER = "1366"


class JLink(Program):
    """SEGGER's JLinkExe: ``device`` is the name after ``-device``."""

    order = 40
    program = "JLinkExe"
    form = HEX
    install = "install the J-Link software of https://www.segger.com/downloads/jlink"
    version = ()
    words = (
        *ACCESS,
        (r"More than one (J-Link|emulator)|[Ss]elect emulator|[Mm]ultiple J-Links", TWO_PROBES),
        (r"unknown to this (version of the )?(J-Link )?software|U(nknown|nsupported) device", UNKNOWN_TARGET),
    )

    runner: Literal["jlink"]
    device: str = Field(pattern=r"^[A-Za-z0-9_-]+$")

    def is_for(self, device: Device) -> bool:
        """Every J-Link."""
        return device.usb.partition(":")[0] == _SEGGER

    def write(self, aim: Aim) -> list[str]:
        """By a script, without a reset at its end."""
        return self._script(aim, "write.jlink", ("r", "h", f"loadfile {HEX}", "exit"))

    def reset(self, aim: Aim) -> list[str]:
        """By a script."""
        return self._script(aim, "reset.jlink", ("r", "g", "exit"))

    def _script(self, aim: Aim, name: str, lines: Sequence[str]) -> list[str]:
        script = aim.write_file(name, "".join(f"{line}\n" for line in lines).encode())
        number = aim.device.serial.lstrip("0") if aim.device is not None else ""
        return [
            *("-NoGui", "1", "-ExitOnError", "1", "-AutoConnect", "1"),
            *("-Device", self.device, "-If", "SWD", "-Speed", _KHZ),
            *(["-SelectEmuBySN", number] if number else []),
            *("-CommandFile", script),
        ]

    def by_hand(self, origin: int) -> str:
        """JLinkExe asks for commands."""
        return (
            f"JLinkExe -device {self.device} -if SWD -speed {_KHZ}    # then: loadfile {BUILT}{HEX}, r, g, q"
        )

    def debugger(self) -> Debugger:
        """SEGGER's GDB server."""
        return Debugger("J-Link", {"servertype": "jlink", "device": self.device, "interface": "swd"})
