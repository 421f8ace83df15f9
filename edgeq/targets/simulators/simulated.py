"""What the target of every simulator is."""

from __future__ import annotations

from pathlib import Path

from edgeq.base.installed import Installed
from edgeq.targets.stream import Closing, Target


class SimulatedTarget(Closing, Target):
    """A target without hardware; made without arguments, it is for any board that its simulator runs."""

    @classmethod
    def installed(cls) -> Installed:
        """Whether this machine has the simulator, and one that will do."""
        raise NotImplementedError

    def cycles_estimated(self) -> int | None:
        """Cycles of what the firmware counted last, estimated; None where nothing here estimates them."""
        return None

    def refuse_folder(self, folder: Path) -> None:
        """Raise UsageError for a folder that the simulator cannot read a project in."""
