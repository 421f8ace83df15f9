"""The runtimes, as one table: how each makes a project of a checked model."""

from edgeq.runtimes.table import RUNTIMES, TflmChoice, make_project

__all__ = ["RUNTIMES", "TflmChoice", "make_project"]
