"""How the boards that a model fits are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.cli.text import one_line, percent, size

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.fit import Fit, Fits


def show_fits(console: Console, found: Fits) -> None:
    """A table of those that hold the model, and a line for each of the others."""
    from rich.table import Table
    from rich.text import Text

    console.print()
    told = f"{one_line(found.model, 60)}: where it fits"
    console.print(Text.assemble((told, "bold"), (f"  ({', '.join(found.compilers)})", "dim")))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("board", no_wrap=True)
    table.add_column("core", no_wrap=True)
    for column in ("flash", "RAM", "instructions", "cycles, est.", "clock", "ms, est."):
        table.add_column(column, justify="right", no_wrap=True)
    for row in found.boards:
        if row.fits:
            table.add_row(*_cells(row))
    console.print(table)
    for row in found.boards:
        if not row.fits:
            console.print(f"{row.board} does not hold it: {row.why}", soft_wrap=True)
    smallest = found.smallest
    if smallest is None:
        console.print("none of the catalogue's hardware holds it: use a smaller model", soft_wrap=True)
    else:
        console.print(f"the smallest that fits is {smallest.board}", style="bold", soft_wrap=True)


def _cells(row: Fit) -> tuple[str, ...]:
    return (
        row.board,
        row.core,
        f"{size(row.flash or 0)} ({percent((row.flash or 0) / row.flash_size)})",
        f"{size(row.ram or 0)} ({percent((row.ram or 0) / row.ram_size)})",
        "-" if row.instructions is None else f"{row.instructions:,}",
        "-" if row.cycles_estimated is None else f"{row.cycles_estimated:,}",
        "-" if row.clock_hz is None else f"{row.clock_hz / 1e6:g} MHz",
        "-" if row.milliseconds_estimated is None else f"{row.milliseconds_estimated:.2f}",
    )
