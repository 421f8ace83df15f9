"""The report of ``deploy`` and ``run`` as a person reads it at a glance: a view for each of its sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgeq.cli.bars import Row, memory_table
from edgeq.cli.coral_view import coral_fields
from edgeq.cli.findings import show_findings
from edgeq.cli.text import clean, one_line, percent
from edgeq.judge.report import (
    Accuracy,
    Artefacts,
    Changes,
    Confusion,
    Coral,
    Cycles,
    Exactness,
    Findings,
    Flash,
    Instructions,
    Latency,
    Layers,
    Line,
    Origin,
    Preprocessed,
    Ram,
    Regression,
    Report,
    Scatter,
    Section,
    moved,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from edgeq.cli.coral_view import Field

View = Callable[[Any, Report], Sequence[Any]]
"""From a section, and the report that it stands in, to rows."""


@dataclass(frozen=True)
class Part:
    """What is shown together.

    Attributes:
        show: prints the rows.
        views: makes each section's.
    """

    show: Callable[[Console, Sequence[Any]], None]
    views: Mapping[type[Section], View]


def show_report(console: Console, report: Report) -> None:
    """Print a report."""
    from rich.text import Text

    console.print()
    head = f"{one_line(report.model, 60)} on {report.board}"
    console.print(Text.assemble((head, "bold"), (f"  ({report.runtime})", "dim")))
    for part in PARTS:
        sections = ((report.get(kind), view) for kind, view in part.views.items())
        rows = [row for one, view in sections if one is not None for row in view(one, report)]
        if rows:
            part.show(console, rows)
    console.print(Text("PASS", "bold green") if report.verdict == "pass" else Text("FAIL", "bold red"))


def _accuracy(accuracy: Accuracy, report: Report) -> list[Field]:
    from rich.text import Text

    shares = {"float": accuracy.float, "int8": accuracy.int8, "device": accuracy.device}
    told = [f"{name} {percent(share)}" for name, share in shares.items() if share is not None]
    if not told and report.regression is not None:
        return []
    return [("accuracy", "   ".join(told) or Text("not measured: no labelled data", "dim"))]


def _regression(regression: Regression, report: Report) -> list[Field]:
    models = {"float": regression.float, "int8": regression.int8, "device": regression.device}
    known = {name: errors for name, errors in models.items() if errors is not None}
    rows: list[Field] = []
    for title, key in (("MAE", "mae"), ("RMSE", "rmse"), ("R²", "r2"), ("SQNR, dB", "sqnr_db")):
        values = {name: getattr(errors, key) for name, errors in known.items()}
        told = [f"{name} {value:.4g}" for name, value in values.items() if value is not None]
        if told:
            rows.append((title, "   ".join(told)))
    return rows


def _confusion(confusion: Confusion, report: Report) -> list[Field]:
    if confusion.worst is None:
        return []
    label, decided, times = confusion.worst
    return [
        (
            "mistakes",
            f"the most frequent one: {label} taken for {decided}, {times:,} of {confusion.samples:,}",
        )
    ]


def _scatter(scatter: Scatter, report: Report) -> list[Field]:
    """Nothing: points are for a picture."""
    return []


def _layers(layers: Layers, report: Report) -> list[Field]:
    from rich.text import Text

    most = sorted(layers.layers, key=lambda layer: -layer["share"])[:3]
    told = ", ".join(
        f"{one_line(layer['title'].partition(',')[0], 40)} {percent(layer['share'])}" for layer in most
    )
    return [("layers", Text(f"the costliest of {len(layers.layers)}: {told}", "dim"))] if most else []


def _exactness(exactness: Exactness, report: Report) -> list[Field]:
    from rich.text import Text

    oracle = Text(f"{clean(exactness.oracle)}, {exactness.samples:,} inputs", "dim")
    told = [("exactness", _equal(exactness))] if report.coral is None else []
    return [*told, ("oracle", oracle)]


def _equal(exactness: Exactness) -> Text:
    from rich.text import Text

    outputs, samples = max(exactness.outputs, 1), max(exactness.samples, 1)
    different = exactness.outputs - exactness.exact
    if not different:
        return Text(f"100 % exact: all {outputs:,} output values equal the oracle's", "green")
    text = Text(f"{percent(exactness.exact / outputs)} exact", "yellow")
    text.append(
        f": {different:,} of {outputs:,} output values differ, {exactness.off_by_one:,} of them by one"
    )
    return text.append(f"; arg-max agrees {percent(exactness.argmax_agree / samples)}")


def _latency(latency: Latency, report: Report) -> list[Field]:
    cost, macs = latency.cost, latency.macs
    if cost is None:
        told = "not measured: this board counts no instructions"
        return [("latency", f"{told} ({macs:,} MACs)" if macs else told)]
    told = _time(cost) if isinstance(cost, Cycles) else _instructions(cost)
    each = f", {macs:,} MACs, {cost.warm / macs:.2f} {cost.unit} a MAC" if macs else ""
    return [("latency", told + each)]


def _instructions(cost: Instructions) -> str:
    told = f"{cost.warm:,} instructions an inference"
    if cost.first != cost.warm:
        told += f" (the first {cost.first:,})"
    return told if cost.cycles_estimated is None else f"{told}, an estimated {cost.cycles_estimated:,} cycles"


def _time(cycles: Cycles) -> str:
    clock = f" at {cycles.hz / 1e6:g} MHz" if cycles.hz else ""
    counted = f"{cycles.warm:,} cycles an inference{clock}"
    warm, first = cycles.milliseconds(cycles.warm), cycles.milliseconds(cycles.first)
    return counted if warm is None else f"{warm:.3f} ms (the first {first:.3f}): {counted}"


def _preprocessed(preprocessed: Preprocessed, report: Report) -> list[Field]:
    return [(f"input {one_line(name, 30)}", str(step)) for name, step in preprocessed.steps]


def _line(line: Line, report: Report) -> list[Field]:
    """Only what is worth a word: a line that lost something, or a run in two parts."""
    told = []
    if not line.is_clean:
        told = [f"{line.repeats:,} of {line.frames:,} frames sent again"]
        told += [
            f"{n} {what}" for n, what in ((line.resyncs, "resyncs"), (line.reconnects, "reconnects")) if n
        ]
    if line.resumed:
        told.append(f"{line.resumed:,} samples of an earlier run")
    return [("link", ", ".join(told))] if told else []


def _origin(origin: Origin, report: Report) -> list[Field]:
    """Nothing: the head says what a person asks first, and the rest is for machines."""
    return []


def _changes(changes: Changes, report: Report) -> list[Field]:
    if not changes.changes:
        return []
    return [("baseline", moved(changes.changes) or "every figure is as accepted")]


def _flash(flash: Flash, report: Report) -> list[Row]:
    return [("flash", {"code": flash.code, "weights": flash.weights}, flash.total, flash.board)]


def _ram(ram: Ram, report: Report) -> list[Row]:
    return [("ram", {"arena": ram.arena, "static": ram.static, "stack": ram.stack}, ram.total, ram.board)]


def _fields(console: Console, rows: Sequence[Field]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _paths(console: Console, rows: Sequence[tuple[str, str]]) -> None:
    from rich.text import Text

    for name, path in rows:
        console.print(Text.assemble((f"{name:<12}", "dim"), clean(path)), soft_wrap=True)


PARTS = (
    Part(
        _fields,
        {
            Accuracy: _accuracy,
            Regression: _regression,
            Confusion: _confusion,
            Scatter: _scatter,
            Exactness: _exactness,
            Latency: _latency,
            Layers: _layers,
            Preprocessed: _preprocessed,
            Line: _line,
            Origin: _origin,
            Changes: _changes,
        },
    ),
    Part(lambda console, rows: console.print(memory_table(rows)), {Flash: _flash, Ram: _ram}),
    Part(_fields, {Coral: coral_fields}),
    Part(show_findings, {Findings: lambda section, report: section.found}),
    Part(_paths, {Artefacts: lambda section, report: [(k, v) for k, v in section.paths.items() if v]}),
)
"""In the order in which they are shown; every section has its view in one of them."""
