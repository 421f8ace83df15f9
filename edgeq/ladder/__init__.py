"""The ladder: one model in every form from float32 to strict int8, made and compared (docs/ladder.md)."""

from edgeq.ladder.climb import Rung, climb
from edgeq.ladder.forms import FORMS, Form

__all__ = ["FORMS", "Form", "Rung", "climb"]
