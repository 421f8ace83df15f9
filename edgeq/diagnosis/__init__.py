"""Diagnosis: which layer of an int8 model loses what, why, and what to try (docs/debug.md)."""

from edgeq.diagnosis.diagnose import Diagnosis, diagnose
from edgeq.diagnosis.layers import Errors, Layer

__all__ = ["Diagnosis", "Errors", "Layer", "diagnose"]
