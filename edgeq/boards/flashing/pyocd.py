"""pyOCD: ``target`` is the name after ``--target``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgeq.boards.debugger import Debugger
from edgeq.boards.flashing.complaints import LOCKED, TWO_PROBES, UNKNOWN_TARGET, Complaint
from edgeq.boards.flashing.runner import BUILT, ELF, HEX, Aim, Program, serial_option


class PyOcd(Program):
    """pyOCD: ``target`` is the name after ``--target``."""

    order = 10
    program = module = "pyocd"
    form = HEX
    install = "pip install 'edgeq[flash]'"
    # of version 0.36 on
    words = (
        (r"Target type \S+ not recognized", UNKNOWN_TARGET),
        (r"More than one debug probe matches|Enter the number of the debug probe", TWO_PROBES),
        (r"APPROTECT enabled|device is locked|target is locked|Target .* secured", LOCKED),
    )

    runner: Literal["pyocd"]
    target: str = Field(pattern=r"^[a-z0-9_]+$")

    def write(self, aim: Aim) -> list[str]:
        """Without a reset."""
        return ["flash", *self._common(aim), "--no-reset", HEX]

    def reset(self, aim: Aim) -> list[str]:
        """By the probe."""
        return ["reset", *self._common(aim)]

    def _common(self, aim: Aim) -> list[str]:
        common = ["--no-wait", "--no-config", "--color", "never", "--target", self.target]
        return [*common, *serial_option(aim, "--uid")]

    def by_hand(self, origin: int) -> str:
        """pyOCD takes the ELF."""
        return f"pyocd flash --target {self.target} {BUILT}{ELF}"

    def debugger(self) -> Debugger:
        """Its GDB server."""
        return Debugger("pyOCD", {"servertype": "pyocd", "targetId": self.target})

    def remedy(self, complaint: Complaint) -> str:
        """A chip that it does not know is in one of the packages that it can fetch."""
        return f"pyocd pack install {self.target}"
