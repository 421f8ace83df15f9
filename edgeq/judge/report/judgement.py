"""What a device was found to do, on every sample."""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.checker import Finding
from edgeq.judge.report.accuracy import Accuracy
from edgeq.judge.report.confusion import Confusion
from edgeq.judge.report.exactness import Exactness
from edgeq.judge.report.latency import Cycles, Instructions, Latency
from edgeq.judge.report.line import Line
from edgeq.judge.report.memory import Stack
from edgeq.judge.report.preprocessing import Preprocessed
from edgeq.judge.report.regression import Regression
from edgeq.judge.report.scatter import Scatter
from edgeq.judge.report.section import Section


@dataclass(frozen=True)
class Judgement:
    """What a device was found to do.

    Attributes:
        accuracy: of the float model, of the int8 model in the oracle, and on the device.
        exactness: device against oracle.
        latency: what one inference costs; None for an Edge TPU, whose times are milliseconds of its machine.
        stack: None where it is not known.
        findings: what the samples and the answers show (``edgeq.judge.data_checks``).
        is_exact_by_construction: whether the firmware is edgeq's own, which gives the oracle's every bit; an
            Edge TPU rounds in its own way.
        regression: the errors, where labels are the values of a regression.
        preprocessing: what raw values undergo; None where they are taken as they are.
        line: what the line to the device showed of itself; None where there is none.
        answers: the classes or values themselves, for a person to look at; None without labels.
    """

    accuracy: Accuracy
    exactness: Exactness
    latency: Latency | None = None
    stack: Stack | None = None
    findings: tuple[Finding, ...] = ()
    is_exact_by_construction: bool = True
    regression: Regression | None = None
    preprocessing: Preprocessed | None = None
    answers: Confusion | Scatter | None = None
    line: Line | None = None

    @property
    def cost(self) -> Instructions | Cycles | None:
        """Of one inference, where the board counts it."""
        return None if self.latency is None else self.latency.cost

    @property
    def sections(self) -> tuple[Section, ...]:
        """What of it stands in the report as it is."""
        first = self.accuracy, self.regression, self.answers
        measured = (*first, self.exactness, self.latency, self.preprocessing, self.line)
        return tuple(one for one in measured if one is not None)
