"""``edgeq check``: whether a model is strictly int8 and can run on a microcontroller, or on an Edge TPU."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgeq.cli.options import common, model_argument
from edgeq.cli.output import Output
from edgeq.cli.settings import one_runtime, settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.checker import Finding


@click.command
@model_argument
@click.option(
    "--target",
    type=click.Choice(["microcontroller", "edgetpu"]),
    default="microcontroller",
    show_default=True,
    help="Where the model is to run.",
)
@click.option(
    "--min-mapped",
    metavar="SHARE",
    help="Edge TPU: fail if a smaller share of the operators maps: 0.95 or 95%.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    metavar="FILE.svg",
    help="Edge TPU: draw the graph, coloured by where its operators run.",
)
@click.option("--force", is_flag=True, help="Replace a picture that exists.")
@click.option(
    "--runtime",
    metavar="NAME",
    help="Microcontroller: what is to run it, aot (the default) or tflm.",
)
@common
@click.pass_obj
def check(
    output: Output,
    *,
    model: Path,
    target: str,
    min_mapped: str | None,
    picture: Path | None,
    force: bool,
    runtime: str | None,
) -> int:
    """Check that MODEL is strictly int8, of static shapes, and made of operators that the firmware has.

    Exit code 1 when a finding is an error; then no firmware is generated from this model.

    With --target edgetpu: predict which operators the Edge TPU compiler maps, why not the others, and what
    memory and time they take. int8 and uint8 models; nothing is compiled. Exit code 1 when the compiler would
    refuse the model, or maps less than --min-mapped.
    """
    if target == "edgetpu":
        from edgeq.cli.check_edgetpu import check_edgetpu
        from edgeq.verbs.settings import parse_share

        least = None if min_mapped is None else parse_share(min_mapped, "--min-mapped")
        return check_edgetpu(output, model, min_mapped=least, picture=picture, force=force)
    if min_mapped is not None or picture is not None:
        raise click.UsageError("--min-mapped and --picture go with --target edgetpu.")
    from edgeq.checker import examine
    from edgeq.graph import load_model, model_hash

    chosen = one_runtime(settings_from({"runtime": runtime}))
    data, graph = load_model(model)
    findings = examine(graph, runtime=chosen)
    failed = any(finding.severity == "error" for finding in findings)
    result = {
        "verdict": "fail" if failed else "pass",
        "model": {"name": graph.name, "sha256": model_hash(data), "bytes": len(data)},
        "runtime": chosen,
        "findings": [finding.to_dict() for finding in findings],
    }
    output.result(result, lambda console: _show(console, str(model), findings, failed=failed))
    return 1 if failed else 0


def _show(console: Console, name: str, findings: tuple[Finding, ...], *, failed: bool) -> None:
    from rich.text import Text

    from edgeq.cli.findings import show_findings
    from edgeq.cli.text import clean

    show_findings(console, findings)
    counts = Counter(finding.severity for finding in findings)
    tally = ", ".join(
        f"{counts[kind]} {kind}{'s' * (counts[kind] > 1)}" for kind in ("error", "warning") if counts[kind]
    )
    verdict = ("FAIL", "bold red") if failed else ("PASS", "bold green")
    console.print(Text.assemble(verdict, f"  {clean(name)}: {tally or 'strict int8, ready to generate'}"))
