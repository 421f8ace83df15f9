"""How the compiler's table of operators compares with the prediction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from edgeq.edgetpu.compile_log import ModelSummary
from edgeq.edgetpu.prediction import Prediction


@dataclass(frozen=True)
class Difference:
    """Operators of one name of which another number is mapped than was predicted."""

    name: str
    predicted: int
    compiled: int


@dataclass(frozen=True)
class Agreement:
    """Prediction against compiler.

    Attributes:
        operators: how many there are.
        agree: for how many of them the two say the same, as far as the table tells operators apart.
        differences: by name, where they do not.
    """

    operators: int
    agree: int
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, object]:
        """As ``--json`` prints it."""
        return {
            "operators": self.operators,
            "agree": self.agree,
            "differences": [
                {"name": one.name, "predicted": one.predicted, "compiled": one.compiled}
                for one in self.differences
            ],
        }


def compare(prediction: Prediction, compiled: ModelSummary) -> Agreement | None:
    """Compare by operator name, as the compiler's table has no indices; None where it gave no table."""
    if not compiled.rows:
        return None
    predicted = Counter(one.name for one in prediction.operators if one.mapped)
    mapped: Counter[str] = Counter()
    for row in compiled.rows:
        mapped[row.operator] += row.count if row.mapped else 0
    names = sorted(set(predicted) | set(mapped))
    differences = tuple(
        Difference(name, predicted[name], mapped[name]) for name in names if predicted[name] != mapped[name]
    )
    total = len(prediction.operators)
    wrong = sum(abs(one.predicted - one.compiled) for one in differences)
    return Agreement(total, max(0, total - wrong), differences)
