"""The judgement: accuracy, exactness and cost on a device, against the oracle."""

from edgeq.judge.accuracy import accuracy, decisions
from edgeq.judge.exactness import compare
from edgeq.judge.firmware import judge
from edgeq.judge.float_model import FloatAnswers, float_answers
from edgeq.judge.report.judgement import Judgement

__all__ = ["FloatAnswers", "Judgement", "accuracy", "compare", "decisions", "float_answers", "judge"]
