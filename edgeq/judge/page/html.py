"""Runs as one HTML page: no script, nothing from elsewhere, and the same bytes for the same runs."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.judge.page import pictures
from edgeq.judge.page.run import Run, told

if TYPE_CHECKING:
    import jinja2

MOST_CLASSES = 40
"""A confusion matrix is a table up to so many classes; then the mistakes alone are."""
_MISTAKES = 20
_NAME = "page.html.j2"


def page(runs: Sequence[Run]) -> bytes:
    """The page of one run, or of several, one below the other.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: a report that is damaged.
    """
    import jinja2

    failed = sum(run.report["verdict"] != "pass" for run in runs)
    try:
        text = _environment().get_template(_NAME).render(runs=runs, failed=failed)
    except jinja2.TemplateError as error:
        raise ValueError(str(error)) from error
    return text.encode(errors="backslashreplace")  # a file's name need not be text


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": _percent, "bytes": _bytes, "count": lambda value: f"{value:,}"}
    environment.globals |= {
        "arena": pictures.arena,
        "scatter": pictures.scatter,
        "confusion": confusion,
        "told": told,
    }
    return environment


def confusion(section: Mapping[str, Any]) -> dict[str, Any]:
    """A confusion in rows: of every class where they are few, else of the most frequent mistakes alone."""
    cells = {(label, decided): n for label, decided, n in section["cells"]}
    classes = sorted({one for pair in cells for one in pair})
    mistakes = sorted(((n, *pair) for pair, n in cells.items() if pair[0] != pair[1]), reverse=True)
    rows = []
    if len(classes) <= MOST_CLASSES:
        for label in classes:
            counts = [cells.get((label, decided), 0) for decided in classes]
            rows.append((label, sum(counts), counts))
    return {
        "classes": classes,
        "rows": rows,
        "mistakes": mistakes[:_MISTAKES],
        "more": max(0, len(mistakes) - _MISTAKES),
    }


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"


def _bytes(size: int | None) -> str:
    if size is None:
        return "-"
    return f"{size:,} B" if size < 1024 else f"{size / 1024:,.1f} KB"
