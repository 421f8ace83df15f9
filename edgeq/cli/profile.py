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


_COSTS = {"instructions": "instructions", "cycles": "cycles", "cycles, est.": "cycles_estimated"}


@verb("profile")
@click.argument("path", type=click.Path(path_type=Path))
def profile(output: Output, /, path: Path, plot: Path | None, force: bool, **flags: Any) -> None:
    """Show what each layer costs: of an int8 model PATH on a --board, or of a built project PATH.

    On a simulated board of edgeq's own the firmware that would be flashed runs one inference: instructions
    are counted, and cycles estimated by the core's published timings (docs/cycles.md). On other boards
    firmware that is made for it counts each layer in an inference of its own: instructions in QEMU, cycles on
    hardware, which is flashed.
    """
    from edgeq.verbs.from_settings import place, required_board
    from edgeq.verbs.profile import ProfileRequest
    from edgeq.verbs.profile import profile as measure

    settings = settings_from(flags)
    request = ProfileRequest(
        path,
        board=None if path.is_dir() else required_board(settings),
        toolchain=settings.toolchain,
        place=place(settings.without("place")),
        build_dir=flags["build_dir"],
        plot=plot,
        force=force,
        signature=flags["signature"],
        given=given(),
    )
    with output.progress() as progress:
        found = measure(request, progress)
    output.result(found.to_dict(), lambda console: _show(console, found, plot))


def _show(console: Console, found: Profile, plot: Path | None) -> None:
    from rich.table import Table
    from rich.text import Text

    costs = {
        title: name
        for title, name in _COSTS.items()
        if getattr(found, name) is not None  # the same for every layer
    }
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("layer", overflow="fold")
    table.add_column("kernel", overflow="fold")
    for column in (*costs, "share", "MACs", "per MAC", "weights", "tables", "scratch", "live"):
        table.add_column(column, justify="right")
    for layer in found.layers:
        table.add_row(
            one_line(layer.title.partition(",")[0], 40),
            layer.kernel.removeprefix("edgeq_"),
            *(f"{getattr(layer, name):,}" for name in costs.values()),
            f"{100 * layer.share:.1f} %",
            f"{layer.macs:,}",
            f"{layer.cost / layer.macs:.2f}" if layer.macs else "",
            *(f"{value:,}" for value in (layer.weights, layer.tables, layer.scratch, layer.live)),
        )
    console.print()
    console.print(
        Text.assemble(
            (f"{one_line(found.model, 60)} on {found.board}", "bold"), (f"  ({found.toolchain})", "dim")
        )
    )
    console.print(table)
    told = ", ".join(f"{getattr(found, name):,} {title}" for title, name in costs.items()) + " an inference"
    if found.timings is not None:
        told += f" ({found.timings}, no wait states)"
    console.print(f"{told}; {found.macs:,} MACs; arena {found.arena:,} bytes", soft_wrap=True)
    if plot is not None:
        console.print(f"{plot}", soft_wrap=True)
