"""``edgeq check``: whether a model is strictly int8 and can run on a microcontroller, or on an Edge TPU."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.checker import Finding


@verb("check")
@model_argument
def check(
    output: Output, /, model: Path, target: str, picture: Path | None, force: bool, **flags: Any
) -> int:
    """Check that MODEL is strictly int8, of static shapes, and made of operators that the firmware has.

    Exit code 1 when a finding is an error; then no firmware is generated from this model.

    With --target edgetpu: predict which operators the Edge TPU compiler maps, why not the others, and what
    memory and time they take. int8 and uint8 models; nothing is compiled. Exit code 1 when the compiler would
    refuse the model, maps less than --min-mapped, or maps nothing.
    """
    settings = settings_from(flags)
    if target == "edgetpu":
        from edgeq.cli.check_edgetpu import check_edgetpu

        return check_edgetpu(
            output,
            model,
            signature=flags["signature"],
            min_mapped=settings.min_mapped,
            picture=picture,
            force=force,
        )
    from edgeq.checker import examine
    from edgeq.graph import load_model, model_hash
    from edgeq.verbs.from_settings import custom_ops, one_runtime
    from edgeq.verbs.runtimes import names

    chosen = one_runtime(settings) or names()[0]
    data, graph = load_model(model, flags["signature"])
    findings = examine(graph, runtime=chosen, custom=custom_ops(settings))
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
    console.print(Text.assemble(verdict, f"  {clean(name)}: {tally or 'ready to generate'}"))
