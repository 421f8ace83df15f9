"""From a float model to a strict int8 model: calibration and quantization (docs/quantization.md)."""

from edgeq.converter.convert import Converted, convert
from edgeq.converter.trained import InputStats

__all__ = ["Converted", "InputStats", "convert"]
