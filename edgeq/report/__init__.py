"""The report and its JSON contract."""

from edgeq.report.report import SCHEMA_VERSION, Accuracy, Flash, Latency, Ram, Report, make_report
from edgeq.report.schema import report_schema
from edgeq.report.thresholds import Thresholds

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
