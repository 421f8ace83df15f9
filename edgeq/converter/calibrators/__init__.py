"""From an activation's values to its range: every way has a name, and a file."""

from edgeq.converter.calibrators.named import NAMES, Calibrator, calibrator

__all__ = ["NAMES", "Calibrator", "calibrator"]
