"""The report of ``deploy`` and ``run`` as a person reads it at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgeq.cli.bars import memory_table
from edgeq.cli.text import clean, one_line, percent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_STYLE = {"error": "red", "warning": "yellow", "info": "dim"}


def show_report(console: Console, report: Mapping[str, Any]) -> None:
    """Print a report, as ``Report.to_json`` gives it."""
    from rich.text import Text

    console.print()
    head = f"{one_line(_name(report['model']), 60)} on {_name(report['board'])}"
    console.print(Text.assemble((head, "bold"), (f"  ({report['runtime']})", "dim")))
    console.print(_judgement(report))
    console.print(_memory(report))
    for finding in report["findings"]:
        line = Text.assemble(
            (f"{finding['severity']}: ", _STYLE.get(finding["severity"], "")), clean(finding["message"])
        )
        console.print(line, soft_wrap=True)
    for name, path in report["artefacts"].items():
        if path:
            console.print(Text.assemble((f"{name:<12}", "dim"), clean(str(path))), soft_wrap=True)
    console.print(_verdict(report))


def _name(value: Any) -> str:
    return str(value.get("name") or value.get("id")) if isinstance(value, Mapping) else str(value)


def _verdict(report: Mapping[str, Any]) -> Text:
    from rich.text import Text

    if report["verdict"] == "pass":
        return Text.assemble(("PASS", "bold green"), _summary(report))
    return Text.assemble(("FAIL", "bold red"), _summary(report))


def _summary(report: Mapping[str, Any]) -> str:
    reasons = [finding["message"] for finding in report["findings"] if finding["severity"] == "error"]
    return f"  {clean('; '.join(reasons))}" if reasons else ""


def _judgement(report: Mapping[str, Any]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    accuracy = report["accuracy"]
    if any(value is not None for value in accuracy.values()):
        told = [
            f"{key} {percent(accuracy[key])}"
            for key in ("float", "int8", "device")
            if accuracy[key] is not None
        ]
        table.add_row("accuracy", "   ".join(told))
    else:
        table.add_row("accuracy", "not measured (no labelled data)")
    table.add_row("exactness", _exactness(report["exactness"]))
    table.add_row("latency", _latency(report["latency"]))
    return table


def _exactness(exactness: Mapping[str, Any]) -> Text:
    from rich.text import Text

    outputs, samples = max(exactness["outputs"], 1), max(exactness["samples"], 1)
    exact = exactness["exact"] / outputs
    text = Text.assemble((f"{percent(exact)} exact", "green" if exact == 1 else "yellow"))
    if exact != 1:
        text.append(f"   off by one {percent(exactness['off_by_one'] / outputs)}")
    text.append(f"   arg-max agrees {percent(exactness['argmax_agree'] / samples)}")
    of = f"{exactness['outputs']:,} outputs of {exactness['samples']:,} inputs"
    return text.append(f"   ({of}, against {exactness['oracle']})", "dim")


def _latency(latency: Mapping[str, Any]) -> str:
    first, warm, macs = (latency[key] for key in ("instructions_first", "instructions_warm", "macs"))
    parts = []
    if warm is not None:
        parts.append(f"{warm:,} instructions an inference")
    if first is not None and first != warm:
        parts.append(f"first {first:,}")
    if macs:
        parts.append(
            f"{macs:,} MACs" + (f"   {warm / macs:.2f} instructions a MAC" if warm is not None else "")
        )
    return "   ".join(parts) or "not measured"


def _memory(report: Mapping[str, Any]) -> Table:
    flash, ram = report["flash"], report["ram"]
    return memory_table(
        [
            ("flash", {key: flash[key] for key in ("code", "weights")}, flash["total"], flash["board"]),
            ("ram", {key: ram[key] for key in ("arena", "static", "stack")}, ram["total"], ram["board"]),
        ]
    )
