"""Forms of a model beside strict int8: float16 weights, int8 weights alone, integers where they can be."""

from edgeq.converter.forms.dynamic import dynamic_range
from edgeq.converter.forms.half import float16_weights
from edgeq.converter.forms.mixed import mixed

__all__ = ["dynamic_range", "float16_weights", "mixed"]
