"""Writing a board's flash: one interface over the runners that its board file names."""

from edgeq.targets.flashing.flasher import Flasher

__all__ = ["Flasher"]
