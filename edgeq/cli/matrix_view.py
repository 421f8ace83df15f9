"""A matrix as a table: a row for each cell, then why those failed that did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.cli.text import clean, one_line, percent, size
from edgeq.judge.report import moved
from edgeq.verbs.evidence import failed_because

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.judge.report import Report
    from edgeq.verbs.matrix import Judged, Matrix

_COLUMNS = ("cell", "accuracy", "exact", "an inference", "flash", "RAM", "since baseline", "verdict")
_LEFT = ("cell", "since baseline", "verdict")


def show_matrix(console: Console, matrix: Matrix) -> None:
    """Print it."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in _LEFT else "right", overflow="fold")
    styles = {"pass": "green", "fail": "red", "error": "red"}
    for cell in matrix.cells:
        cells = ("",) * 6 if cell.report is None else _figures(cell.report)
        table.add_row(one_line(cell.name, 60), *cells, Text(cell.outcome.upper(), styles[cell.outcome]))
    console.print(table)
    for cell in matrix.cells:
        if cell.outcome != "pass":
            console.print(Text(f"\n{one_line(cell.name, 80)}", "bold"))
            console.print(_why(cell), soft_wrap=True)


def _why(cell: Judged) -> str:
    text = cell.details if cell.report is None else failed_because(cell.report)
    return "\n".join(clean(line) for line in text.splitlines())


def _figures(report: Report) -> tuple[str, ...]:
    accuracy, exactness, cost = report.accuracy.device, report.exactness, report.latency.cost
    return (
        "" if accuracy is None else percent(accuracy),
        percent(exactness.exact / max(exactness.outputs, 1)),
        "" if cost is None else f"{cost.warm:,} {cost.unit}",
        "" if report.flash is None else size(report.flash.total),
        "" if report.ram is None else size(report.ram.total),
        _since(report),
    )


def _since(report: Report) -> str:
    if report.changes is None:
        return ""
    if not report.changes.changes:
        return "new"
    return moved(report.changes.changes) or "same"
