"""Strict checking: only what passes here reaches a backend."""

from edgeq.checker.check import Checked, check, examine
from edgeq.checker.findings import CheckFailed, Finding, Severity
from edgeq.checker.runtimes import operators_of, runtimes
from edgeq.checker.support import missing_operators

__all__ = [
    "CheckFailed",
    "Checked",
    "Finding",
    "Severity",
    "check",
    "examine",
    "missing_operators",
    "operators_of",
    "runtimes",
]
