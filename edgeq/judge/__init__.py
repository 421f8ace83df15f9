"""The judgement: accuracy, exactness and cost on a device, against the oracle."""

from edgeq.judge.accuracy import accuracy, decisions
from edgeq.judge.exactness import Exactness, compare
from edgeq.judge.firmware import Cycles, Judgement, float_accuracy, judge

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
