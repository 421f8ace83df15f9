"""Several runtimes on one board, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.cli.findings import show_findings
from edgeq.cli.text import clean, one_line, percent, size

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.judge.report import Report
    from edgeq.verbs.side_by_side import SideBySide

_COLUMNS = (
    "runtime",
    "an inference",
    "a MAC",
    "flash",
    "of it code",
    "RAM",
    "of it arena",
    "exact",
    "verdict",
)


def show_side_by_side(console: Console, found: SideBySide) -> None:
    """Print a row for each runtime, then who judged it and what was found."""
    from rich.table import Table
    from rich.text import Text

    console.print()
    console.print(Text(f"{one_line(found.model, 60)} on {found.board}", "bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("runtime", "verdict") else "right")
    for report in found.reports:
        table.add_row(*_row(report))
    console.print(table)
    for report in found.reports:
        samples = f"{report.exactness.samples:,} inputs"
        console.print(Text(f"{report.runtime} against {clean(report.exactness.oracle)}, {samples}", "dim"))
        show_findings(console, report.findings)
    console.print(Text.assemble(("artefacts   ", "dim"), clean(str(found.artefact.parent))), soft_wrap=True)


def _row(report: Report) -> tuple[str, ...]:
    cost, macs, exactness = report.latency.cost, report.latency.macs, report.exactness
    return (
        report.runtime,
        "not counted" if cost is None else f"{cost.warm:,} {cost.unit}",
        "" if cost is None or not macs else f"{cost.warm / macs:.2f}",
        *(("", "") if report.flash is None else (size(report.flash.total), size(report.flash.code))),
        *(("", "") if report.ram is None else (size(report.ram.total), size(report.ram.arena))),
        percent(exactness.exact / max(exactness.outputs, 1)),
        report.verdict.upper(),
    )
