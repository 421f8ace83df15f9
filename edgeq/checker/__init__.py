"""Strict checking: only what passes here reaches a backend."""

from edgeq.checker.check import Checked, check, examine
from edgeq.checker.findings import CheckFailed, Finding, Severity

__all__ = ["CheckFailed", "Checked", "Finding", "Severity", "check", "examine"]
