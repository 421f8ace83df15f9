"""The report and its JSON contract: one file a section."""

from edgeq.judge.report.accuracy import Accuracy
from edgeq.judge.report.artefacts import Artefacts
from edgeq.judge.report.changes import Change, Changes, moved
from edgeq.judge.report.confusion import Confusion
from edgeq.judge.report.coral import Coral
from edgeq.judge.report.exactness import Exactness
from edgeq.judge.report.findings import Findings, finding
from edgeq.judge.report.latency import Cycles, Instructions, Latency, Spread
from edgeq.judge.report.layers import Layers
from edgeq.judge.report.limits import Thresholds, limits
from edgeq.judge.report.line import Line
from edgeq.judge.report.memory import Flash, Ram, Stack
from edgeq.judge.report.origin import Origin
from edgeq.judge.report.preprocessing import Preprocessed
from edgeq.judge.report.regression import Errors, Regression
from edgeq.judge.report.report import SCHEMA_VERSION, SECTIONS, Report, report_schema
from edgeq.judge.report.scatter import Scatter
from edgeq.judge.report.section import Section

__all__ = [
    "SCHEMA_VERSION",
    "SECTIONS",
    "Accuracy",
    "Artefacts",
    "Change",
    "Changes",
    "Confusion",
    "Coral",
    "Cycles",
    "Errors",
    "Exactness",
    "Findings",
    "Flash",
    "Instructions",
    "Latency",
    "Layers",
    "Line",
    "Origin",
    "Preprocessed",
    "Ram",
    "Regression",
    "Report",
    "Scatter",
    "Section",
    "Spread",
    "Stack",
    "Thresholds",
    "finding",
    "limits",
    "moved",
    "report_schema",
]
