"""``edgeq compare``: one model in every form, from float32 to strict int8."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import UsageError
from edgeq.cli.options import (
    common,
    input_stats_option,
    model_argument,
    normalize_option,
    out_option,
    rewrite_option,
)
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, open_model, settings_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgeq.base.progress import Progress
    from edgeq.judge.ladder import MeasuredForm
    from edgeq.judge.ladder.runtimes import Verdict

_RUNTIMES = {"litert": "LiteRT", "tflm": "TFLM", "edgetpu": "Edge TPU", "aot": "edgeq"}


@click.command
@model_argument
@click.option(
    "--calibration", metavar="SPEC",
    help="Data that shows the quantizer what real inputs look like: .npz, .npy, a folder of images, or "
    "module:function.",
)  # fmt: skip
@click.option(
    "--random-calibration", is_flag=True,
    help="Calibrate on random numbers. For trying things out only: the accuracy that comes of it says "
    "nothing.",
)  # fmt: skip
@click.option(
    "--data", metavar="SPEC",
    help="Data to judge the forms by, with labels for accuracy; without it the calibration data is taken.",
)  # fmt: skip
@rewrite_option
@input_stats_option
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N samples of the data only."
)
@normalize_option
@click.option(
    "--plot", type=click.Path(path_type=Path), metavar="FILE",
    help="Draw quality against size as FILE.svg or FILE.png.",
)  # fmt: skip
@out_option("A folder that keeps every form as a .tflite file, and compare.json.")
@common
@click.pass_obj
def compare(
    output: Output, /, model: Path, plot: Path | None, out: Path | None, force: bool, **flags: Any
) -> int:
    """Make MODEL in every form from float32 to strict int8 and judge each on the same data.

    The forms: float32, float16 weights, dynamic range, int16x8, int8 with float fallback, strict int8 with
    int8 and with uint8 inputs and outputs. Each is run by LiteRT, and tried or checked for the
    other runtimes. A model that training gave its ranges needs no calibration.
    """
    from edgeq.base.files import refuse_existing_file, write_atomic
    from edgeq.base.folders import refuse_existing_folder
    from edgeq.data import load_data
    from edgeq.graph import model_hash
    from edgeq.judge.ladder import climb
    from edgeq.judge.ladder.plot import plot as draw
    from edgeq.judge.ladder.plot import refuse_plot
    from edgeq.verbs.convert import calibration_data_if_needed

    settings = settings_from(flags)
    if plot is not None:
        refuse_plot(plot)
        refuse_existing_file(plot, force=force)
    if out is not None:
        refuse_existing_folder(out, force=force)
    with output.progress() as progress:
        loaded = open_model(model, settings, progress)
        data, graph = loaded.model, loaded.graph
        how = calibration(settings, flags)
        shown = calibration_data_if_needed(graph, how)
        if settings.data is not None:
            judged = load_data(
                settings.data, graph.input_tensors, normalize=settings.normalize, limit=settings.limit
            )
        elif shown is not None:
            judged = shown
            progress.note("no --data: the forms are judged on the data that they were calibrated with")
        else:
            raise UsageError(
                "training gave this model its ranges, but there is no data to judge its forms by",
                "give --data with real inputs, with labels for accuracy",
            )
        forms = climb(data, graph, shown, judged, progress, rewrite=how.rewrite, input_stats=how.input_stats)
        result = {
            "model": {"name": graph.name, "sha256": model_hash(data), "bytes": len(data)},
            "samples": len(judged),
            "forms": [form.to_dict() for form in forms],
        }
        if out is not None:
            _keep(out, graph.name, forms, result, force=force, progress=progress)
        if plot is not None:
            write_atomic(plot, draw(forms, graph.name, plot.suffix.lower()), force=force)
    output.result(result, lambda console: _show(console, forms, plot, out))
    return 0


def _keep(
    out: Path,
    name: str,
    forms: Sequence[MeasuredForm],
    result: dict[str, Any],
    *,
    force: bool,
    progress: Progress,
) -> None:
    from edgeq import __version__
    from edgeq.base.files import write_atomic
    from edgeq.base.folders import OutputFolder
    from edgeq.base.ownership import MANIFEST
    from edgeq.verbs.deploy import json_bytes

    with OutputFolder(out, force=force, progress=progress) as folder:
        for form in forms:
            if form.model is not None:
                write_atomic(folder / f"{name}_{form.form}.tflite", form.model)
        write_atomic(folder / "compare.json", json_bytes({"schema_version": 1, **result}))
        manifest = {"schema_version": 1, "tool": f"edgeq {__version__}", "stage": "compare"}
        write_atomic(folder / MANIFEST, json_bytes(manifest))


def _show(console: Console, forms: Sequence[MeasuredForm], plot: Path | None, out: Path | None) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("form", overflow="fold")
    for column in ("bytes", "accuracy", "SQNR dB"):
        table.add_column(column, justify="right")
    for column in ("worst layer", *_RUNTIMES.values()):
        table.add_column(column, overflow="fold")
    for form in forms:
        taken = {verdict.runtime: verdict for verdict in form.runtimes}
        marks = [_mark(taken.get(name)) for name in _RUNTIMES]
        table.add_row(
            form.title,
            "-" if form.model is None else f"{len(form.model):,}",
            "-" if form.accuracy is None else f"{100 * form.accuracy:.2f} %",
            _decibels(form.sqnr),
            "-" if form.worst is None else f"{form.worst[0]} {form.worst[1]:.1f}",
            *(Text(*mark) for mark in marks),
        )
    console.print(table)
    for form in forms:
        for text in (*([form.refused] if form.refused else []), *form.notes):
            console.print(f"{form.title}: {text}", soft_wrap=True)
    for path in (plot, out):
        if path is not None:
            console.print(f"{path}", soft_wrap=True)


def _mark(verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None:
        return "", ""
    if not verdict.taken:
        return "no", "red"
    return verdict.detail.removesuffix(" operators") or "yes", "green"


def _decibels(level: float | None) -> str:
    if level is None:
        return "-"
    return "exact" if math.isinf(level) else f"{level:.1f}"
