"""The model as a C array for any project, with what a program must know of it."""

from edgeq.backends.carray.generate import generate
from edgeq.backends.carray.golden import Golden, golden

__all__ = ["Golden", "generate", "golden"]
