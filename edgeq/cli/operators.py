"""``edgeq operators``: what the runtimes, the converter and the Edge TPU take."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgeq.verbs.operators import Row


@verb("operators")
@click.argument("names", metavar="[OPERATOR]...", nargs=-1)
def operators(output: Output, names: tuple[str, ...], by: str | None, dtype: str | None) -> None:
    """List the operators that each runtime, the converter and the Edge TPU take, and in which forms.

    OPERATOR is a name of TensorFlow Lite, such as CONV_2D, in any case; several may be given, none is all.
    """
    from edgeq.verbs.operators import operators as rows_of

    rows = rows_of(names, by, dtype)
    output.result({"operators": [asdict(row) for row in rows]}, lambda console: _show(console, rows))


def _show(console: Console, rows: Sequence[Row]) -> None:
    from rich.table import Table

    if not rows:
        console.print("none of them is taken so")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("operator", "by", "version", "types", "inputs", "dimensions", "asks for"):
        table.add_column(column, justify="right" if column == "version" else "left", overflow="fold")
    for row in sorted(rows, key=lambda row: row.operator):
        asks = "; ".join((*row.asks, *([row.how] if row.taker in ("convert", "edgetpu") and row.how else [])))
        table.add_row(
            row.operator, row.taker, str(row.version), row.types_told, row.inputs, row.dimensions, asks
        )
    console.print(table)
