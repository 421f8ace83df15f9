"""What a shell completes beyond options and files: boards, runtimes, data."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def boards(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The ids of the catalogue; files where none begins so, since a board may be a board.toml."""
    from edgeq.boards import list_boards

    found = [
        CompletionItem(board.id, help=board.name) for board in list_boards() if board.id.startswith(begun)
    ]
    return found or [CompletionItem(begun, type="file")]


def runtimes(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of runtimes, each once in a list with commas."""
    from edgeq.verbs.runtimes import names

    before, comma, last = begun.rpartition(",")
    taken = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{name}")
        for name in names()
        if name not in taken and name.startswith(last)
    ]


def files(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Whatever the shell finds: data is a file or a folder, where it is no function."""
    return [CompletionItem(begun, type="file")]
