"""``edgeq report``: earlier runs, side by side, as a page or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.text import clean, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.judge.page import Run


@verb("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("later", type=click.Path(path_type=Path), required=False)
def report(
    output: Output,
    /,
    *,
    run: Path,
    later: Path | None,
    html: Path | None,
    layers: Path | None,
    ladder: Path | None,
    markdown: bool,
    force: bool,
) -> None:
    """Show what RUN found, or what has changed from RUN to a LATER one.

    A run is an output folder of `edgeq deploy`, a folder with several of them, a report.json, or what deploy
    or run printed with --json. --html writes a page that needs nothing else; --markdown prints the summary of
    a step in CI.
    """
    from edgeq.judge.page import markdown as as_markdown
    from edgeq.verbs.report import ReportRequest
    from edgeq.verbs.report import report as read

    shown, before = (run, None) if later is None else (later, run)
    runs = read(ReportRequest(shown, before, html, layers, ladder, force))
    if markdown and not output.json:
        click.echo(as_markdown(runs), nl=False)
        return
    told = [one.to_dict() for one in runs]
    page = None if html is None else str(html)
    output.result({"runs": told, "html": page}, lambda console: _show(console, runs, html))


def _show(console: Console, runs: Sequence[Run], html: Path | None) -> None:
    from rich.table import Table
    from rich.text import Text

    from edgeq.judge.page.run import told

    for run in runs:
        verdict = run.report["verdict"]
        style = "bold green" if verdict == "pass" else "bold red"
        console.print()
        console.print(
            Text.assemble((one_line(run.title, 80), "bold"), f"  ({clean(run.report['runtime'])})  ",
                          (verdict.upper(), style))
        )  # fmt: skip
        table = Table(box=None, pad_edge=False, show_header=bool(run.changes), header_style="bold")
        table.add_column("figure")
        changes = {change.figure: change for change in run.changes}
        for column in ("then", "now", "change") if changes else ("now",):
            table.add_column(column, justify="right")
        for figure, now in run.figures() if not changes else ():
            table.add_row(figure.replace("_", " "), now)
        for figure, change in changes.items():
            style = "red" if change.is_worse else ""
            cells = told(figure, change.accepted), told(figure, change.now), Text(change.told, style)
            table.add_row(figure.replace("_", " "), *cells)
        console.print(table)
    if html is not None:
        console.print(str(html), soft_wrap=True)
