"""The ladder: one model in every form from float32 to strict int8, made and compared (docs/ladder.md)."""

from edgeq.judge.ladder.climb import MeasuredForm, climb
from edgeq.judge.ladder.forms import FORMS, Form

__all__ = ["FORMS", "Form", "MeasuredForm", "climb"]
