"""The judgement: accuracy, exactness and cost on a device, against the oracle."""

from edgeq.measure.accuracy import accuracy, decisions
from edgeq.measure.exactness import Exactness, compare
from edgeq.measure.judge import Cycles, Judgement, float_accuracy, judge

__all__ = [
    "Cycles",
    "Exactness",
    "Judgement",
    "accuracy",
    "compare",
    "decisions",
    "float_accuracy",
    "judge",
]
