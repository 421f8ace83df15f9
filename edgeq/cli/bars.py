"""Bars of memory: how much of a board's flash and RAM is taken, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from edgeq.cli.text import percent, size

if TYPE_CHECKING:
    from rich.table import Table

_WIDTH = 20
_FULL = 0.9

Row = tuple[str, Mapping[str, int | None], int | None, int | None]
"""Name, parts in bytes, total, and the board's size; None for what is not known or has no limit."""


def memory_table(rows: Sequence[Row]) -> Table:
    """For each memory: name, bar, share, total of the board's, and below it the parts."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for name, parts, total, limit in rows:
        if total is None:
            continue
        told = ", ".join(f"{part} {size(count)}" for part, count in parts.items() if count is not None)
        if limit is None:
            table.add_row(name, "", "", f"{size(total)}\n{told}")
            continue
        share = total / limit
        whole = f"{size(total)} of {size(limit)}"
        table.add_row(name, Text(bar(share), colour(share)), percent(share), f"{whole}\n{told}")
    return table


def bar(share: float) -> str:
    """A bar of a share, 20 characters wide; anything above nothing shows at least one."""
    filled = min(_WIDTH, max(round(share * _WIDTH), 1 if share > 0 else 0))
    return "█" * filled + "░" * (_WIDTH - filled)


def colour(share: float) -> str:
    """Green while there is room, yellow when it becomes tight, red beyond."""
    if share > 1:
        return "red"
    return "yellow" if share > _FULL else "green"
