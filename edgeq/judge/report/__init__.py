"""The report and its JSON contract."""

from edgeq.judge.report.report import SCHEMA_VERSION, Accuracy, Flash, Latency, Ram, Report, make_report
from edgeq.judge.report.schema import report_schema
from edgeq.judge.report.thresholds import Thresholds

__all__ = [
    "SCHEMA_VERSION",
    "Accuracy",
    "Flash",
    "Latency",
    "Ram",
    "Report",
    "Thresholds",
    "make_report",
    "report_schema",
]
