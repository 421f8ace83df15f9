"""``edgeq boards list`` and ``edgeq boards show``: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import common
from edgeq.cli.output import Output
from edgeq.cli.text import size

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.boards import Board


@click.group
def boards() -> None:
    """Show the boards that edgeq knows."""


@boards.command("list")
@common
@click.pass_obj
def list_(output: Output) -> None:
    """List the boards."""
    from edgeq.boards import list_boards

    known = list_boards()
    output.result({"boards": [_as_json(board) for board in known]}, lambda console: _table(console, known))


@boards.command()
@click.argument("board", metavar="BOARD")
@common
@click.pass_obj
def show(output: Output, board: str) -> None:
    """Show one board: BOARD is an id, or the path of a board.toml."""
    from edgeq.boards import load_board

    one = load_board(board)
    output.result({"board": _as_json(one)}, lambda console: _details(console, one))


def _as_json(board: Board) -> dict[str, Any]:
    return {**board.model_dump(mode="json"), "has_dsp": board.has_dsp}


def _memory(board: Board) -> tuple[str, str]:
    if board.flash is None or board.ram is None:
        return "-", "-"
    return size(board.flash.size), size(board.ram.size)


def _table(console: Console, known: list[Board]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("board", "what", "core", "fpu", "flash", "ram", "kind"):
        table.add_column(column, justify="right" if column in ("flash", "ram") else "left")
    for board in known:
        table.add_row(board.id, board.name, board.cpu.core, board.cpu.fpu or "-", *_memory(board), board.kind)
    console.print(table)


def _details(console: Console, board: Board) -> None:
    from rich.table import Table

    rows = {
        "board": board.id,
        "name": board.name,
        "kind": board.kind if board.simulator is None else f"{board.kind} ({board.simulator})",
        "core": board.cpu.core + (" with DSP extension" if board.has_dsp else ""),
        "fpu": f"{board.cpu.fpu}, {board.cpu.float_abi} float" if board.cpu.fpu else "none",
        "clock": f"{board.clock.hz / 1e6:g} MHz" if board.clock else "none of its own",
        "console": f"{board.console.baud} baud",
    }
    if board.flash is not None and board.ram is not None:
        rows["flash"] = f"{size(board.flash.size)} at 0x{board.flash.address:08x}"
        rows["ram"] = f"{size(board.ram.size)} at 0x{board.ram.address:08x}"
        rows["stack"] = size(board.stack)
    table = Table(box=None, pad_edge=False, show_header=False)
    for key, value in rows.items():
        table.add_row(key, value)
    console.print(table)
