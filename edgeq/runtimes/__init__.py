"""The runtimes, as one table: how each makes a project of a checked model."""

from edgeq.runtimes.table import NO_TFLM, RUNTIMES, TflmChoice, make_project

__all__ = ["NO_TFLM", "RUNTIMES", "TflmChoice", "make_project"]
