"""What code costs in cycles: Thumb instructions taken apart, and tables of cores."""

from edgeq.boards.timing.timing import Timing

__all__ = ["Timing"]
