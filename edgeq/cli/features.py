"""``edgeq features``: what files become before a model sees them, in Python and in C."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from
from edgeq.cli.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.features import Features


@verb("features")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
def features(output: Output, /, files: tuple[Path, ...], npz: Path | None, **flags: Any) -> None:
    """Show what each FILE becomes before a model sees it, and hold the C of it against Python.

    FILE is a .wav file, an image, a .csv, .npy or .npz file, as the declared raw form is a sound, an image or
    a sensor's readings. Both are given 1,000 random samples, too, on this machine.
    """
    from edgeq.verbs.features import FeaturesRequest
    from edgeq.verbs.features import features as make

    request = FeaturesRequest(
        files,
        settings_from(flags).preprocessing,
        flags["of_model"],
        plot=flags["plot"],
        out=npz,
        force=flags["force"],
        signature=flags["signature"],
    )
    with output.progress() as progress:
        found = make(request, progress)
    output.result(found.to_dict(), lambda console: _show(console, found, request))


def _show(console: Console, found: Features, request: Any) -> None:
    from rich.table import Table

    step = found.preprocessing
    console.print(f"raw  {step.raw}: {step.forms[0]}", soft_wrap=True, markup=False)
    for stage, form in zip(step.stages, step.forms[1:], strict=True):
        console.print(f"  {stage}  ->  {form}", soft_wrap=True, markup=False)
    console.print(f"real values  (value - {step.mean:g}) / {step.std:g}", soft_wrap=True)
    if found.files:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("file", "samples", "min", "max", "mean"):
            table.add_column(column, justify="left" if column == "file" else "right")
        for one in found.files:
            told = one.to_dict()
            numbers = (f"{told['samples']:,}", f"{told['min']}", f"{told['max']}", f"{told['mean']:.2f}")
            table.add_row(one_line(told["path"], 60), *numbers)
        console.print()
        console.print(table)
        console.print()
    proof = found.proof
    console.print(
        f"C equals Python: {proof.values:,} features of {proof.samples:,} samples, by {proof.compiler}",
        soft_wrap=True,
    )
    console.print(f"on a device: {found.ram:,} bytes of RAM, {found.flash:,} of tables", soft_wrap=True)
    for target in (request.plot, request.out):
        if target is not None:
            console.print(str(target), soft_wrap=True, markup=False)
