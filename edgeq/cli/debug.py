"""``edgeq debug``: which layer of an int8 model loses what, why, and what to try."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, settings_from
from edgeq.cli.text import clean, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.judge.layers import Diagnosis, Errors, Layer

_ROWS = 20
_BLAMED = 5


@verb("debug")
@model_argument
@click.argument("int8", type=click.Path(path_type=Path), required=False)
def debug(output: Output, /, model: Path, int8: Path | None, plot: Path | None, **flags: Any) -> None:
    """Hold every layer of INT8 against the float MODEL that it was made from, and name what is at fault.

    Without INT8 the float model is converted first, as `edgeq convert` would. Layers are listed worst first:
    by what each adds by itself, beside what has come together up to it.
    """
    from edgeq.verbs.debug import DebugRequest
    from edgeq.verbs.debug import debug as examine
    from edgeq.verbs.from_settings import environments

    settings = settings_from(flags)
    request = DebugRequest(
        model,
        int8,
        calibration(settings, flags),
        data=settings.data,
        samples=flags["count"],
        stateful=bool(settings.stateful),
        plot=plot,
        force=flags["force"],
        environments=environments(settings),
        signature=flags["signature"],
    )
    with output.progress() as progress:
        found = examine(request, progress)
    every = output.verbosity > 0
    output.result(found.to_dict(), lambda console: _show(console, found.diagnosis, plot, every=every))


def _show(console: Console, found: Diagnosis, plot: Path | None, *, every: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    for name, level in found.outputs:
        console.print(Text(f"output {one_line(name, 60)}: {_decibels(level)} dB", "bold"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("layer", overflow="fold")
    for column in (
        "own dB",
        "local dB",
        "cumul. dB",
        "mean error",
        "max error",
        "RMSE/scale",
        "clipped",
        "used",
    ):
        table.add_column(column, justify="right")
    shown = found.layers if every else found.layers[:_ROWS]
    for layer in shown:
        table.add_row(*_row(layer))
    console.print(table)
    if len(shown) < len(found.layers):
        console.print(
            Text(f"and {len(found.layers) - len(shown)} layers that are better (-v shows all)", "dim")
        )
    for layer in found.blamed[:_BLAMED]:
        console.print()
        console.print(
            Text.assemble((layer.title, "bold"), f" '{one_line(layer.tensor, 60)}': {clean(layer.cause)}"),
            soft_wrap=True,
        )
        for step in layer.advice:
            console.print(f"  try: {step}", soft_wrap=True)
    if found.structure:
        console.print()
        console.print(Text("before it is trained or exported again", "bold"))
        for sentence in found.structure:
            console.print(f"  {clean(sentence)}", soft_wrap=True)
    if plot is not None:
        console.print(f"\n{plot}", soft_wrap=True)


def _row(layer: Layer) -> tuple[str, ...]:
    local = layer.local
    return (
        clean(layer.title),
        _level(layer.own),
        _level(local),
        _level(layer.cumulative),
        "-" if local is None else f"{local.mean:.2g}",
        "-" if local is None else f"{local.max_abs:.2g}",
        "-" if local is None or not layer.scale else f"{math.sqrt(local.mse) / layer.scale:.2f}",
        "-" if layer.held is None else f"{100 * layer.clipped:.2f} %",
        "-" if layer.held is None else f"{100 * layer.used:.0f} %",
    )


def _level(errors: Errors | None) -> str:
    return "-" if errors is None else _decibels(errors.sqnr)


def _decibels(level: float | None) -> str:
    if level is None:
        return "-"
    return "exact" if level > 120 else f"{level:.1f}"
