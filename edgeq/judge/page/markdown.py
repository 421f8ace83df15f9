"""Runs as Markdown, in the dialect of GitHub and GitLab: a table of all, then what is wrong with some."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edgeq.judge.page.run import Run, told

_SHOWN = (
    "accuracy",
    "r2",
    "mae",
    "argmax_agreement",
    "instructions",
    "cycles_estimated",
    "cycles",
    "flash",
    "ram",
)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def markdown(runs: Sequence[Run]) -> str:
    """The text of a step summary: the same runs give the same text."""
    rows = [dict(run.figures()) for run in runs]
    shown = [name for name in _SHOWN if any(name in row for row in rows)]
    lines = [
        "| run | verdict | " + " | ".join(name.replace("_", " ") for name in shown) + " | changed |",
        "|---|---|" + "---:|" * len(shown) + "---|",
    ]
    for run, row in zip(runs, rows, strict=True):
        verdict = "✅ pass" if run.report["verdict"] == "pass" else "❌ **FAIL**"
        cells = [plain(f"{run.title} ({run.report['runtime']})"), verdict]
        lines.append(
            "| " + " | ".join([*cells, *(row.get(name, "") for name in shown), _changed(run)]) + " |"
        )
    for run in runs:
        lines += _findings(run)
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line: names in a model file are a stranger's."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _changed(run: Run) -> str:
    changes = [one for one in run.changes if one.is_news]
    marked = (f"{'**' if one.is_worse else ''}{one.figure.replace('_', ' ')} {one.told}"
              f"{'**' if one.is_worse else ''}" for one in changes)  # fmt: skip
    return ", ".join(marked) or ("nothing" if run.changes else "")


def _findings(run: Run) -> list[str]:
    found = [one for one in run.report["findings"] if one["severity"] != "info"]
    if not found and not any(one.is_worse for one in run.changes):
        return []
    lines = ["", f"**{plain(run.title)}**", ""]
    for one in found:
        hint = f" *{plain(one['hint'])}*" if one["hint"] else ""
        lines.append(f"- {one['severity']}: {plain(one['message'])}{hint}")
    for change in run.changes:
        if change.is_worse:
            then, now = told(change.figure, change.accepted), told(change.figure, change.now)
            lines.append(f"- {change.figure.replace('_', ' ')}: {now}, {then} before ({change.told})")
    return lines
