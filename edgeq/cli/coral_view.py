"""An Edge TPU's part of the report as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgeq.cli.text import clean, percent

if TYPE_CHECKING:
    from rich.table import Table


def coral_table(coral: Mapping[str, Any], exactness: Mapping[str, Any]) -> Table:
    """Agreement, latency, link and temperature."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    on_cpu = coral["processor"] == "cpu"
    where = "this machine" if coral["host"] == "local" else clean(coral["host"])
    if on_cpu:
        table.add_row("ran on", Text(f"THE CPU of {where}, NOT THE EDGE TPU", "bold yellow"))
    else:
        table.add_row("ran on", Text(f"the Edge TPU of {where}", "green"))
    table.add_row("by", Text(clean(coral["interpreter"]), "dim"))
    table.add_row("agreement", _agreement(exactness))
    table.add_row("latency", _latency(coral["latency_ms"]))
    table.add_row("throughput", f"{coral['throughput_per_s']:,.1f} inferences a second")
    if coral["mapped"] is not None and coral["operators"]:
        table.add_row("mapped", f"{coral['mapped']} of {coral['operators']} operators on the Edge TPU")
    if coral["link"]:
        table.add_row("link", clean(coral["link"]))
    before, after = coral["temperature_c"]["before"], coral["temperature_c"]["after"]
    if after is not None:
        table.add_row(
            "temperature", f"{before:.1f} → {after:.1f} °C" if before is not None else f"{after:.1f} °C"
        )
    return table


def _agreement(exactness: Mapping[str, Any]) -> str:
    outputs, samples = max(exactness["outputs"], 1), max(exactness["samples"], 1)
    agree = percent(exactness["argmax_agree"] / samples)
    within_one = (exactness["exact"] + exactness["off_by_one"]) / outputs
    return (
        f"{percent(exactness['exact'] / outputs)} of {exactness['outputs']:,} output values equal the int8 "
        f"model's on the CPU, {percent(within_one)} within one; arg-max agrees {agree}"
    )


def _latency(latency: Mapping[str, Any]) -> str:
    told = f"load {latency['load']:.3g} ms, first {latency['first']:.3g} ms"
    if latency["warm_p50"] is None:
        return told
    warm = f"warm p50 {latency['warm_p50']:.3g} ms, p95 {latency['warm_p95']:.3g} ms"
    return f"{told}, {warm} ({latency['warm_runs']} runs)"
