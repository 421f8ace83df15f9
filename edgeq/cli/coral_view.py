"""An Edge TPU's section of the report as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.cli.text import clean, percent

if TYPE_CHECKING:
    from rich.text import Text

    from edgeq.judge.report import Coral, Exactness, Report
    from edgeq.judge.report.coral import Milliseconds

    Field = tuple[str, str | Text]


def coral_fields(coral: Coral, report: Report) -> list[Field]:
    """Agreement, latency, link and temperature."""
    from rich.text import Text

    where = "this machine" if coral.host == "local" else clean(coral.host)
    ran_on = (
        Text(f"THE CPU of {where}, NOT THE EDGE TPU", "bold yellow")
        if coral.processor == "cpu"
        else Text(f"the Edge TPU of {where}", "green")
    )
    fields: list[Field] = [
        ("ran on", ran_on),
        ("by", Text(clean(coral.interpreter), "dim")),
        ("agreement", _agreement(report.exactness)),
        ("latency", _latency(coral.latency_ms)),
        ("throughput", f"{coral.throughput_per_s:,.1f} inferences a second"),
    ]
    if coral.companions:
        many = "s" if coral.companions > 1 else ""
        fields.append(("in turns with", f"{coral.companions} other model{many} on the same Edge TPU"))
    for number, part in enumerate(coral.parts):
        runs = (
            f"the Edge TPU {clean(part.device or '')}".rstrip() if part.processor == "edgetpu" else "the CPU"
        )
        fields.append((f"part {number}", f"p50 {part.warm_p50:.3g} ms on {runs}"))
    if coral.mapped is not None and coral.operators:
        fields.append(("mapped", f"{coral.mapped} of {coral.operators} operators on the Edge TPU"))
    if coral.link:
        fields.append(("link", clean(coral.link)))
    before, after = coral.temperature_c.before, coral.temperature_c.after
    if after is not None:
        fields.append(
            ("temperature", f"{before:.1f} → {after:.1f} °C" if before is not None else f"{after:.1f} °C")
        )
    return fields


def _agreement(exactness: Exactness) -> str:
    outputs, samples = max(exactness.outputs, 1), max(exactness.samples, 1)
    agree = percent(exactness.argmax_agree / samples)
    within_one = (exactness.exact + exactness.off_by_one) / outputs
    return (
        f"{percent(exactness.exact / outputs)} of {exactness.outputs:,} output values equal the int8 "
        f"model's on the CPU, {percent(within_one)} within one; arg-max agrees {agree}"
    )


def _latency(latency: Milliseconds) -> str:
    told = f"load {latency.load:.3g} ms, first {latency.first:.3g} ms"
    if latency.warm_p50 is None:
        return told
    warm = f"warm p50 {latency.warm_p50:.3g} ms, p95 {latency.warm_p95:.3g} ms"
    return f"{told}, {warm} ({latency.warm_runs} runs)"
