"""``edgeq boards``: the catalogue, a board of it, and those that a model fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli import completion
from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from
from edgeq.cli.text import size

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.boards import Board
    from edgeq.boards.port import Port


@click.group
def boards() -> None:
    """Show the boards that edgeq knows."""


@verb("boards list", boards)
def list_(output: Output) -> None:
    """List the boards."""
    from edgeq.boards import list_boards

    known = list_boards()
    output.result({"boards": [_as_json(board) for board in known]}, lambda console: _table(console, known))


@verb("boards show", boards)
@click.argument("board", metavar="BOARD", shell_complete=completion.boards)
def show(output: Output, board: str, project: Path | None, force: bool) -> None:
    """Show one board: BOARD is an id, or the path of a board.toml."""
    from edgeq.boards import load_board
    from edgeq.boards.port import port_of

    one = load_board(board)
    port = port_of(one)
    result: dict[str, Any] = {"board": _as_json(one), "port": port.model_dump(mode="json")}
    if project is not None:
        from edgeq.verbs.sample import sample_project

        with output.progress() as progress:
            sample_project(one).write(project, force=force, progress=progress)
        result["project"] = str(project)
    output.result(result, lambda console: _details(console, one, port, project))


@verb("boards fit", boards)
@model_argument
def fit(output: Output, /, model: Path, **flags: Any) -> None:
    """Show the boards of the catalogue that an int8 MODEL fits, and why others do not.

    The firmware is built for each board, so flash and RAM are those of the linked image. An inference is
    counted on a simulated core of the same kind; cycles are estimated by the core's published timings
    (docs/cycles.md), and milliseconds are these at the board's clock. No device is needed.
    """
    from edgeq.cli.fit_view import show_fits
    from edgeq.verbs.fit import FitRequest
    from edgeq.verbs.fit import fit as try_all
    from edgeq.verbs.from_settings import budget

    settings = settings_from(flags)
    with output.progress() as progress:
        found = try_all(FitRequest(model, settings.toolchain, budget(settings), flags["signature"]), progress)
    output.result(found.to_dict(), lambda console: show_fits(console, found))


def _as_json(board: Board) -> dict[str, Any]:
    return {**board.model_dump(mode="json"), "has_dsp": board.has_dsp, "simulators": list(board.simulators)}


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


def _details(console: Console, board: Board, port: Port, project: Path | None) -> None:
    from rich.table import Table

    rows = {
        "board": board.id,
        "name": board.name,
        "kind": board.kind,
        "chip": board.chip,
        "core": board.cpu.core + (" with DSP extension" if board.has_dsp else ""),
        "fpu": f"{board.cpu.fpu}, {board.cpu.float_abi} float" if board.cpu.fpu else "none",
        "clock": _clock(board),
        "console": _console(board),
    }
    if board.flash is not None and board.ram is not None:
        rows["flash"] = f"{size(board.flash.size)} at 0x{board.flash.address:08x}"
        rows["ram"] = f"{size(board.ram.size)} at 0x{board.ram.address:08x}"
        rows["stack"] = size(board.stack)
    rows |= {
        "usb": ", ".join(board.usb),
        "flashed by": ", ".join(runner.runner for runner in board.flashing),
        "simulated by": ", ".join(board.simulators),
        "port": f"{board.port}: {port.name}",
        "clocks": ", ".join(f"{hz / 1e6:g} MHz" for hz in port.clocks_hz),
        "uarts": ", ".join(sorted(port.uarts)),
        "manual": port.manual,
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    for key, value in rows.items():
        if value:
            table.add_row(key, value)
    console.print(table)
    if project is not None:
        console.print(f"{project}: a project; its README.md says how it is built and run", soft_wrap=True)


def _clock(board: Board) -> str:
    if board.clock is None:
        return "none of its own"
    source = {
        "internal": "its own oscillator",
        "crystal": "a crystal",
        "external": "a clock signal",
    }[board.clock.source]
    of = f" of {board.clock.source_hz / 1e6:g} MHz" if board.clock.source_hz else ""
    return f"{board.clock.hz / 1e6:g} MHz from {source}{of}"


def _console(board: Board) -> str:
    of = board.console
    pins = f", TX {of.tx}, RX {of.rx}" if of.tx else ""
    return f"{of.baud} baud" + (f" on {of.uart}" if of.uart else "") + pins
