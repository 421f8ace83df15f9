"""``edgeq data``: what samples there are, and their parts for training and for test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.text import clean, percent

if TYPE_CHECKING:
    from rich.console import Console

_BAR = 30


@click.group
def data() -> None:
    """Look at samples, and split them, before anything is made of them."""


@verb("data inspect", data)
@click.argument("spec", type=click.Path(path_type=Path))
def inspect(output: Output, /, spec: Path, preprocessing: Path | None, labels: str | None) -> None:
    """Show what is in SPEC: how many samples, of which classes, in which range, and what is odd about them.

    SPEC is a .npz (x and y), .npy, .csv or .tfrecord file, or a folder of .wav files, images or tables, by
    class in sub-folders; an export of Edge Impulse is two of these, training and testing.
    """
    from edgeq.verbs.data import given
    from edgeq.verbs.data import inspect as look

    told = look(given(spec, preprocessing, labels), str(spec))
    output.result(told, lambda console: _show(console, told))


@verb("data split", data)
@click.argument("spec", type=click.Path(path_type=Path))
def split(
    output: Output,
    /,
    *,
    spec: Path,
    out: Path | None,
    preprocessing: Path | None,
    labels: str | None,
    test: str | float,
    seed: int,
    force: bool,
) -> None:
    """Write SPEC's samples as train.npz and test.npz, each sample in the same part every time.

    In which part a sample falls is a matter of its file's name (of arrays: its bytes) and of --seed, so that
    what is added later moves nothing.
    """
    from edgeq.verbs.data import given
    from edgeq.verbs.data import split as part
    from edgeq.verbs.settings import parse_share

    share = parse_share(test, "--test")
    told = part(given(spec, preprocessing, labels), share, out or Path(), seed=seed, force=force)

    def show(console: Console) -> None:
        for one in told.values():
            console.print(f"{one['file']}: {one['samples']:,} samples", soft_wrap=True)

    output.result(told, show)


def _show(console: Console, told: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print()
    shape = ", ".join(map(str, told["shape"]))
    console.print(
        Text.assemble((f"{told['samples']:,} samples", "bold"), f" of {told['dtype']} [{shape}]  ",
                      (clean(told["raw"] or ""), "dim"))
    )  # fmt: skip
    values = " ".join(f"{name} {told[name]:.6g}" for name in ("min", "max", "mean", "std"))
    console.print(f"values  {values}")
    if told["classes"]:
        most = max(told["classes"].values())
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("class")
        table.add_column("samples", justify="right")
        table.add_column("share", justify="right")
        table.add_column("")
        for label, count in told["classes"].items():
            bar = "█" * max(1, round(_BAR * count / most))
            table.add_row(label, f"{count:,}", percent(count / told["samples"]), bar)
        console.print(table)
    for note in told["notes"]:
        console.print(Text(clean(note), "dim"), soft_wrap=True)
    for warning in told["warnings"]:
        console.print(Text.assemble(("warning ", "yellow"), clean(warning)), soft_wrap=True)
