"""From a float model to a strict int8 model: calibration and quantization (docs/quantization.md)."""

from edgeq.converter.convert import Converted, convert

__all__ = ["Converted", "convert"]
