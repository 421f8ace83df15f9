"""How findings are shown: a table by severity, each with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgeq.cli.text import clean

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.checker import Finding

_STYLE = {"error": "red", "warning": "yellow", "info": "dim"}
_SHOWN = 40


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print the findings, the worst first; a hint that neighbours share is printed once, below them."""
    from rich.padding import Padding
    from rich.text import Text

    order = list(_STYLE)
    ranked = sorted(findings, key=lambda finding: order.index(finding.severity))
    for position, finding in enumerate(ranked[:_SHOWN]):
        mark = (f"{finding.severity:<8}", _STYLE[finding.severity])
        console.print(Text.assemble(mark, clean(finding.message)), soft_wrap=True)
        following = ranked[position + 1] if position + 1 < min(len(ranked), _SHOWN) else None
        if finding.hint and (following is None or following.hint != finding.hint):
            console.print(Padding(Text(f"→ {clean(finding.hint)}", "yellow"), (0, 0, 0, 8)))
    if len(ranked) > _SHOWN:
        console.print(Text(f"… and {len(ranked) - _SHOWN} more; --json shows all", "dim"))
