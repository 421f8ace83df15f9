"""Diagnosis: which layer of an int8 model loses what, why, and what to try (docs/debug.md)."""

from edgeq.judge.layers.diagnose import Diagnosis, diagnose
from edgeq.judge.layers.layers import Errors, Layer

__all__ = ["Diagnosis", "Errors", "Layer", "diagnose"]
