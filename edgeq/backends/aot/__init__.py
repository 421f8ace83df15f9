"""The ahead-of-time backend: a model becomes C99 with everything constant prepared."""

from edgeq.backends.aot.generate import generate
from edgeq.backends.project.project import Project

__all__ = ["Project", "generate"]
