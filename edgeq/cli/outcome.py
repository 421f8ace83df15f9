"""What ``deploy`` and ``run`` have found: told, and as an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgeq.cli.output import Output
    from edgeq.judge.report import Report
    from edgeq.verbs.runtimes import Outcome
    from edgeq.verbs.side_by_side import SideBySide


def show_outcome(output: Output, found: Outcome | SideBySide) -> int:
    """Print a report, or several side by side; the exit code."""
    from edgeq.verbs.side_by_side import SideBySide

    if isinstance(found, SideBySide):
        from edgeq.cli.side_by_side_view import show_side_by_side

        output.result(found.to_json(), lambda console: show_side_by_side(console, found))
    else:
        _show_report(output, found.report)
    return 1 if found.verdict == "fail" else 0


def _show_report(output: Output, report: Report) -> None:
    from edgeq.cli.report_view import show_report

    output.result(report.to_json(), lambda console: show_report(console, report))
