"""``edgeq compare``: one model in every form, from float32 to strict int8."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.judge.ladder.runtimes import Verdict
    from edgeq.verbs.compare import Ladder

_RUNTIMES = {"litert": "LiteRT", "tflm": "TFLM", "edgetpu": "Edge TPU", "aot": "edgeq"}


@verb("compare")
@model_argument
def compare(
    output: Output, /, model: Path, plot: Path | None, out: Path | None, force: bool, **flags: Any
) -> int:
    """Make MODEL in every form from float32 to strict int8 and judge each on the same data.

    The forms: float32, float16 weights, dynamic range, int16x8, int8 with float fallback, strict int8 with
    int8 and with uint8 inputs and outputs. Each is run by LiteRT, and tried or checked for the
    other runtimes. A model that training gave its ranges needs no calibration.
    """
    from edgeq.verbs.compare import CompareRequest
    from edgeq.verbs.compare import compare as judge
    from edgeq.verbs.from_settings import environments, evaluation_data

    settings = settings_from(flags)
    request = CompareRequest(
        model,
        calibration(settings, flags),
        evaluation_data(settings),
        out=out,
        plot=plot,
        force=force,
        environments=environments(settings),
        signature=flags["signature"],
    )
    with output.progress() as progress:
        found = judge(request, progress)
    output.result(found.to_dict(), lambda console: _show(console, found, plot, out))
    return 0


def _show(console: Console, found: Ladder, plot: Path | None, out: Path | None) -> None:
    from rich.table import Table
    from rich.text import Text

    forms, looked_at = found.forms, max(form.looked_at for form in found.forms)
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
    if 0 < looked_at < found.samples:
        console.print(f"worst layer: by the first {looked_at} of {found.samples} samples", soft_wrap=True)
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
