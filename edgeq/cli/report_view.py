"""The report of ``deploy`` and ``run`` as a person reads it at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgeq.cli.bars import memory_table
from edgeq.cli.coral_view import coral_table
from edgeq.cli.findings import show_findings
from edgeq.cli.text import clean, one_line, percent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from edgeq.checker import Finding


def show_report(console: Console, report: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    """Print a report, as ``Report.to_json`` gives it, with its findings."""
    from rich.text import Text

    console.print()
    head = f"{one_line(report['model'], 60)} on {report['board']}"
    console.print(Text.assemble((head, "bold"), (f"  ({report['runtime']})", "dim")))
    console.print(_judgement(report))
    console.print(coral_table(report["coral"], report["exactness"]) if "coral" in report else _memory(report))
    show_findings(console, findings)
    for name, path in report["artefacts"].items():
        if path:
            console.print(Text.assemble((f"{name:<12}", "dim"), clean(str(path))), soft_wrap=True)
    console.print(_verdict(report))


def _verdict(report: Mapping[str, Any]) -> Text:
    from rich.text import Text

    return Text("PASS", "bold green") if report["verdict"] == "pass" else Text("FAIL", "bold red")


def _judgement(report: Mapping[str, Any]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    accuracy, exactness = report["accuracy"], report["exactness"]
    told = [
        f"{key} {percent(accuracy[key])}" for key in ("float", "int8", "device") if accuracy[key] is not None
    ]
    table.add_row("accuracy", "   ".join(told) or Text("not measured: no labelled data", "dim"))
    if "coral" not in report:
        table.add_row("exactness", _exactness(exactness))
    table.add_row("oracle", Text(f"{clean(exactness['oracle'])}, {exactness['samples']:,} inputs", "dim"))
    if "coral" not in report:
        table.add_row("latency", _latency(report["latency"]))
    return table


def _exactness(exactness: Mapping[str, Any]) -> Text:
    from rich.text import Text

    outputs, samples = max(exactness["outputs"], 1), max(exactness["samples"], 1)
    different = exactness["outputs"] - exactness["exact"]
    if not different:
        return Text(f"100 % exact: all {outputs:,} output values equal the oracle's", "green")
    text = Text(f"{percent(exactness['exact'] / outputs)} exact", "yellow")
    text.append(
        f": {different:,} of {outputs:,} output values differ, {exactness['off_by_one']:,} of them by one"
    )
    return text.append(f"; arg-max agrees {percent(exactness['argmax_agree'] / samples)}")


def _latency(latency: Mapping[str, Any]) -> str:
    first, warm, macs = (latency[key] for key in ("instructions_first", "instructions_warm", "macs"))
    if latency["cycles_warm"] is not None:
        return _time(latency)
    if warm is None:
        told = "not measured: this board counts no instructions"
        return f"{told} ({macs:,} MACs)" if macs else told
    told = f"{warm:,} instructions an inference"
    if first is not None and first != warm:
        told += f" (the first {first:,})"
    return f"{told}, {macs:,} MACs, {warm / macs:.2f} instructions a MAC" if macs else told


def _time(latency: Mapping[str, Any]) -> str:
    cycles, macs, warm, first = (latency[key] for key in ("cycles_warm", "macs", "ms_warm", "ms_first"))
    counted = f"{cycles:,} cycles an inference"
    clock = f" at {latency['clock_hz'] / 1e6:g} MHz" if latency["clock_hz"] else ""
    told = counted + clock if warm is None else f"{warm:.3f} ms (the first {first:.3f}): {counted}{clock}"
    return f"{told}, {macs:,} MACs, {cycles / macs:.2f} cycles a MAC" if macs else told


def _memory(report: Mapping[str, Any]) -> Table:
    flash, ram = report["flash"], report["ram"]
    return memory_table(
        [
            ("flash", {key: flash[key] for key in ("code", "weights")}, flash["total"], flash["board"]),
            ("ram", {key: ram[key] for key in ("arena", "static", "stack")}, ram["total"], ram["board"]),
        ]
    )
