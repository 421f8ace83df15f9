"""``edgeq profile``: where an inference's instructions, cycles and bytes go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.settings import given, settings_from
from edgeq.cli.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.judge.profile import Profile


@verb("profile")
@click.argument("path", type=click.Path(path_type=Path))
def profile(output: Output, /, path: Path, plot: Path | None, force: bool, **flags: Any) -> None:
    """Show what each layer costs: of an int8 model PATH on a --board, or of a built project PATH.

    One inference is run on a simulated board of edgeq's own; instructions are counted, and cycles estimated
    by the core's published timings (docs/cycles.md). The firmware is the one that would be flashed.
    """
    from edgeq.verbs.from_settings import required_board
    from edgeq.verbs.profile import ProfileRequest
    from edgeq.verbs.profile import profile as measure

    settings = settings_from(flags)
    request = ProfileRequest(
        path,
        board=None if path.is_dir() else required_board(settings),
        toolchain=settings.toolchain,
        build_dir=flags["build_dir"],
        plot=plot,
        force=force,
        given=given(),
    )
    with output.progress() as progress:
        found = measure(request, progress)
    output.result(found.to_dict(), lambda console: _show(console, found, plot))


def _show(console: Console, found: Profile, plot: Path | None) -> None:
    from rich.table import Table
    from rich.text import Text

    estimated = found.cycles_estimated is not None
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("layer", overflow="fold")
    table.add_column("kernel", overflow="fold")
    columns = ("instructions", *(("cycles, est.",) if estimated else ()), "share", "MACs", "per MAC")
    for column in (*columns, "weights", "tables", "scratch", "live"):
        table.add_column(column, justify="right")
    for layer in found.layers:
        cost = layer.instructions if layer.cycles_estimated is None else layer.cycles_estimated
        table.add_row(
            one_line(layer.title.partition(",")[0], 40),
            layer.kernel.removeprefix("edgeq_"),
            f"{layer.instructions:,}",
            *((f"{layer.cycles_estimated:,}",) if estimated else ()),
            f"{100 * layer.share:.1f} %",
            f"{layer.macs:,}",
            f"{cost / layer.macs:.2f}" if layer.macs else "",
            *(f"{value:,}" for value in (layer.weights, layer.tables, layer.scratch, layer.live)),
        )
    console.print()
    console.print(
        Text.assemble(
            (f"{one_line(found.model, 60)} on {found.board}", "bold"), (f"  ({found.toolchain})", "dim")
        )
    )
    console.print(table)
    told = f"{found.instructions:,} instructions an inference"
    if found.cycles_estimated is not None:
        told += f", an estimated {found.cycles_estimated:,} cycles ({found.timings}, no wait states)"
    console.print(f"{told}; {found.macs:,} MACs; arena {found.arena:,} bytes", soft_wrap=True)
    if plot is not None:
        console.print(f"{plot}", soft_wrap=True)
