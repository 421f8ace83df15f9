"""OpenOCD: ``config`` are the files after ``-f``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edgeq.boards.debugger import Debugger
from edgeq.boards.flashing.complaints import ACCESS, NO_SCRIPT
from edgeq.boards.flashing.runner import BUILT, ELF, HEX, Aim, Program


class OpenOcd(Program):
    """OpenOCD: ``config`` are the files after ``-f``."""

    order = 20
    program = "openocd"
    form = HEX
    install = "sudo apt-get install openocd"
    # of the files that it was told to read
    words = (*ACCESS, (r"Can't find \S+\.cfg|couldn't open \S+\.cfg|invalid command name", NO_SCRIPT))

    runner: Literal["openocd"]
    config: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]+\.cfg$")], ...] = Field(
        min_length=1, strict=False
    )

    def write(self, aim: Aim) -> list[str]:
        """With verifying, and without a reset."""
        return [*self._common(aim), "-c", f"program {HEX} verify exit"]

    def reset(self, aim: Aim) -> list[str]:
        """By the probe."""
        return [*self._common(aim), "-c", "init; reset run; shutdown"]

    def _common(self, aim: Aim) -> list[str]:
        files = [part for name in self.config for part in ("-f", name)]
        # no ports for debuggers: two of it may run at once, each with a probe of its own
        ports = ("gdb_port", "tcl_port", "telnet_port")
        closed = [part for name in ports for part in ("-c", f"{name} disabled")]
        serial = aim.device.serial if aim.device is not None else ""
        return [*files, *closed, *(["-c", f"adapter serial {serial}"] if serial else [])]

    def by_hand(self, origin: int) -> str:
        """OpenOCD takes the ELF."""
        files = " ".join(f"-f {name}" for name in self.config)
        return f'openocd {files} -c "program {BUILT}{ELF} verify reset exit"'

    def debugger(self) -> Debugger:
        """Its GDB server."""
        return Debugger("OpenOCD", {"servertype": "openocd", "configFiles": list(self.config)})
