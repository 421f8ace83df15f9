"""QEMU's machines."""

from __future__ import annotations

from pydantic import Field

from edgeq.boards.cores import Core
from edgeq.boards.debugger import Debugger
from edgeq.boards.simulator import Simulator


class Qemu(Simulator):
    """How QEMU runs the board's firmware.

    Attributes:
        machine: the name after ``-machine``.
        icount_shift: an instruction takes 2 to this power nanoseconds of the machine's time.
    """

    order = 20
    title = "QEMU"
    program = "qemu-system-arm"
    purpose = "runs the boards mps2_… and mps3_…, and others with --sim qemu"
    install = "sudo apt-get install qemu-system-arm"

    machine: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    icount_shift: int = Field(default=0, ge=0, le=10)

    def debugger(self, core: Core) -> Debugger:
        """Its GDB server."""
        return Debugger(self.title, {"servertype": "qemu", "machine": self.machine, "cpu": core.qemu})

    def constants(self) -> dict[str, int]:
        """How long an instruction takes: the firmware counts instructions by the machine's time."""
        return {"INSTRUCTION_SHIFT": self.icount_shift}
