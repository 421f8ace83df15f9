"""``edgeq devices list`` and ``edgeq devices scan``: what is connected, and the hardware map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.boards import Board
    from edgeq.targets.devices import Device


@click.group
def devices() -> None:
    """Show the boards and probes that are connected."""


@verb("devices list", devices)
def list_(output: Output) -> None:
    """List probes, boards and serial ports on USB, and the tools here that can flash them."""
    from edgeq.boards import list_boards

    known = list_boards()
    found = [_row(device, known) for device in _connected(known)]
    output.result({"devices": found}, lambda console: _table(console, found))


@verb("devices scan", devices)
def scan(output: Output, target: str | None) -> None:
    """Make a hardware map of what is connected, in the form of Zephyr's twister.

    Without --write it is printed. An existing map keeps its entries, comments and unknown fields; new devices
    are added to it, and `connected` and `serial` are brought up to date.
    """
    from edgeq.base.files import write_atomic
    from edgeq.boards import list_boards
    from edgeq.targets.devices import MAP_FILE, merge_map
    from edgeq.verbs.settings import load_settings

    known = list_boards()
    usual = load_settings().hardware_map or Path(MAP_FILE)
    path = Path(target) if target else usual
    found = _connected(known)
    text = merge_map(path if path.is_file() else None, found, known)
    if target is not None:
        write_atomic(path, text.encode(), force=True)
    data = {
        "devices": [_row(device, known) for device in found],
        "hardware_map": str(path) if target is not None else None,
        "text": text,
    }
    told = f"{path}: {len(found)} connected" if target is not None else text.rstrip()
    output.result(data, lambda console: console.print(told, soft_wrap=True))


def _connected(known: Sequence[Board]) -> list[Device]:
    """Devices that could be of use: they have a serial port or a drive, or a board's id."""
    from edgeq.targets.devices import list_devices, usb_ids

    ids = {name for board in known for name in usb_ids(board)}
    return [device for device in list_devices() if device.ports or device.drives or device.usb in ids]


def _row(device: Device, known: Sequence[Board]) -> dict[str, Any]:
    from edgeq.boards.flashing import Program
    from edgeq.targets.devices import usb_ids

    own = [board for board in known if device.usb in usb_ids(board)]
    runners = {
        runner.runner: not isinstance(runner, Program) or runner.command() is not None
        for board in own
        for runner in board.flashing
        if runner.fits(device)
    }
    return {
        "id": device.id,
        "usb": device.usb,
        "serial": device.serial or None,
        "product": device.product or None,
        "location": device.location or None,
        "boards": [board.id for board in own],
        "ports": list(device.ports),
        "drives": [str(drive.path) for drive in device.drives],
        "runners": [name for name, there in runners.items() if there],
        "runners_missing": [name for name, there in runners.items() if not there],
    }


def _table(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    if not found:
        console.print("no boards, probes or serial ports on USB are connected")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    ids = [one_line(row["id"], 60) for row in found]
    table.add_column("device", no_wrap=True, min_width=max(map(len, ids)))
    for column in ("what", "board", "port", "runners"):
        table.add_column(column, overflow="fold")
    for name, row in zip(ids, found, strict=True):
        missing = [f"({runner})" for runner in row["runners_missing"]]
        table.add_row(
            name,
            one_line(row["product"] or row["usb"], 60),
            ", ".join(row["boards"]) or "-",
            ", ".join([*row["ports"], *row["drives"]]) or "-",
            ", ".join([*row["runners"], *missing]) or "-",
        )
    console.print(table)
    if any(row["runners_missing"] for row in found):
        console.print("runners in parentheses are not installed: edgeq doctor has the commands")
