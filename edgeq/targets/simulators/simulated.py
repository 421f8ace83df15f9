"""What the target of every simulator is."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from edgeq.base.installed import Installed
from edgeq.targets.simulators.trace import Executed
from edgeq.targets.stream import Closing, Target


class SimulatedTarget(Closing, Target):
    """A target without hardware; made without arguments, it is for any board that its simulator runs.

    Attributes:
        tells_what_runs: whether ``watch`` and ``executed`` do anything.
    """

    tells_what_runs: ClassVar[bool] = False

    @classmethod
    def installed(cls) -> Installed:
        """Whether this machine has the simulator, and one that will do."""
        raise NotImplementedError

    def cycles_estimated(self) -> int | None:
        """Cycles of what the firmware counted last, estimated; None where nothing here estimates them."""
        cycles = [section.cycles for section in self.executed()]
        known = [one for one in cycles if one is not None]
        return sum(known) if known and len(known) == len(cycles) else None

    def watch(self, function: str) -> None:
        """Part what is executed, from the next boot on, at every entry into a block of a function."""
        raise NotImplementedError

    def executed(self) -> tuple[Executed, ...]:
        """What the firmware counted last, a part for each entry into a block of the watched function."""
        return ()

    def refuse_folder(self, folder: Path) -> None:
        """Raise UsageError for a folder that the simulator cannot read a project in."""
