"""``edgeq check --target edgetpu``: what the Edge TPU compiler would map, and why."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.output import Output
from edgeq.cli.text import clean, one_line, percent, size

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.edgetpu import Latency, OperatorPrediction, Prediction
    from edgeq.edgetpu.sizes import SmallerInput

_NAMED = 6
_COLOURS = {"documented": "green", "seen": "green", "guess": "yellow"}


def check_edgetpu(
    output: Output,
    model: Path,
    *,
    signature: str | None,
    min_mapped: float | None,
    picture: Path | None,
    force: bool,
) -> int:
    """Predict, print, and judge by the share of operators that map; the exit code.

    Args:
        signature: which of several models in one file.
        min_mapped: the least share that passes; None: at least one operator.
        picture: where the coloured graph goes, as SVG; None for no picture.
        force: replace a picture that exists.
    """
    from edgeq.base.files import refuse_existing_file, write_atomic
    from edgeq.edgetpu import predict
    from edgeq.edgetpu.picture import draw
    from edgeq.edgetpu.sizes import largest_input
    from edgeq.graph import load_model, model_hash

    if picture is not None:
        refuse_existing_file(picture, force=force)
    data, graph = load_model(model, signature)
    prediction = predict(graph, data)
    smaller = largest_input(graph, prediction)
    if picture is not None:
        write_atomic(picture, draw(graph, prediction).encode(), force=force)
    summary = prediction.summary
    few = summary.share < min_mapped if min_mapped is not None else not summary.mapped
    failed = few or prediction.failure is not None
    result: dict[str, Any] = {
        "verdict": "fail" if failed else "pass",
        "model": {"name": graph.name, "sha256": model_hash(data), "bytes": len(data)},
        "target": "edgetpu",
        "min_mapped": min_mapped,
        "picture": None if picture is None else str(picture),
        **prediction.to_dict(),
        "largest_input": None if smaller is None else smaller.to_dict(),
    }

    def show(console: Console) -> None:
        _show(console, prediction, verbose=output.verbosity > 0)
        if smaller is not None:
            _advise(console, smaller)

    output.result(result, show)
    if not output.json:
        _judge(str(model), prediction, min_mapped, failed=failed)
    return 1 if failed else 0


def _show(console: Console, prediction: Prediction, *, verbose: bool) -> None:
    from rich.padding import Padding
    from rich.text import Text

    failure = prediction.failure
    if failure is not None:
        console.print(Text.assemble(("refused  ", "bold red"), clean(failure.status)), soft_wrap=True)
        console.print(Padding(Text(clean(failure.reason)), (0, 0, 0, 9)))
        console.print(Padding(Text(f"→ {clean(failure.remedy)}", "yellow"), (0, 0, 0, 9)))
        return
    if verbose:
        _list(console, prediction.operators)
    else:
        _groups(console, prediction.operators)
    _summary(console, prediction)
    for warning in prediction.warnings:
        console.print(Text.assemble(("warning  ", "yellow"), clean(warning)))


def _list(console: Console, operators: Iterable[OperatorPrediction]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("op", "operator", "status", "sure", box=None, pad_edge=False, header_style="bold")
    for one in operators:
        table.add_row(
            str(one.index),
            one_line(one.name, 40),
            Text(one.status, "green" if one.mapped else "yellow" if one.blocked_by else "red"),
            Text(one.confidence, _COLOURS[one.confidence]),
        )
    console.print(table)


def _groups(console: Console, operators: Iterable[OperatorPrediction]) -> None:
    """What stays on the CPU, like with like; the operators at fault before those that only wait for them."""
    from rich.padding import Padding
    from rich.text import Text

    left = sorted((one for one in operators if not one.mapped), key=_key)
    groups = [list(group) for _, group in groupby(left, key=_key)]  # a handful: one per rule
    for group in groups:
        first = group[0]
        names = ", ".join(f"{one.index} {clean(one.name)}" for one in group[:_NAMED])
        more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
        colour = "yellow" if first.blocked_by else "red"
        console.print(Text.assemble(("CPU  ", colour), f"{names}{more}"), soft_wrap=True)
        told = f"{first.status} ({first.confidence}). {first.reason}"
        console.print(Padding(Text(clean(told)), (0, 0, 0, 5)))
        if first.remedy:
            console.print(Padding(Text(f"→ {clean(first.remedy)}", "yellow"), (0, 0, 0, 5)))
    if any(len(group) > 1 for group in groups):
        console.print(Text("Reasons are those of the first of a kind; --json has each operator's.", "dim"))


def _key(one: OperatorPrediction) -> tuple[bool, str]:
    return bool(one.blocked_by), one.rule


def _summary(console: Console, prediction: Prediction) -> None:
    from rich.text import Text

    summary = prediction.summary
    console.print(
        f"parameters  {size(summary.parameter_bytes_cached)} on the chip, "
        f"{size(summary.parameter_bytes_streamed)} streamed at every inference"
    )
    console.print(f"cycles      {summary.cycles:,} (within about 25 %)")
    for latency in summary.latencies:
        console.print(Text.assemble("latency     ", *_told(latency)), soft_wrap=True)


def _advise(console: Console, smaller: SmallerInput) -> None:
    from rich.text import Text

    told = f"{smaller.mapped} of {smaller.total} operators map then, and none is too large"
    size_told = f"try {smaller.height}x{smaller.width}: "
    console.print(Text.assemble("input       ", (size_told, "bold"), told), soft_wrap=True)


def _told(latency: Latency) -> tuple[str, tuple[str, str]]:
    if latency.milliseconds is None or latency.error is None:
        told = f"for the Edge TPU's part on {latency.host}; nothing is known of an operator on the CPU"
        return f"{latency.edgetpu_milliseconds:.1f} ms ", (told, "dim")
    parts = f", {latency.cpu_milliseconds:.1f} ms of it on the CPU" if latency.cpu_milliseconds else ""
    return f"{latency.milliseconds:.1f} ms ", (f"±{latency.error:.0%} on {latency.host}{parts}", "dim")


def _judge(name: str, prediction: Prediction, min_mapped: float | None, *, failed: bool) -> None:
    from rich.text import Text

    from edgeq.cli.output import console

    summary = prediction.summary
    wanted = f", {percent(min_mapped)} asked for" if min_mapped is not None else ""
    text = f"{summary.mapped} of {summary.total} operators on the Edge TPU ({percent(summary.share)}{wanted})"
    verdict = ("FAIL", "bold red") if failed else ("PASS", "bold green")
    console().print(Text.assemble(verdict, f"  {clean(name)}: {text}"), soft_wrap=True)
