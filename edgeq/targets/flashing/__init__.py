"""Writing a board's flash: one interface over the tools that its board file names."""

from edgeq.targets.flashing.flasher import Flasher
from edgeq.targets.flashing.runners import Tool, fits, tool_of, tools

__all__ = ["Flasher", "Tool", "fits", "tool_of", "tools"]
