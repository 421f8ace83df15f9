"""Which of the connected devices is meant, and which serial port is its console. Never a guess."""

from __future__ import annotations

import os
from collections.abc import Sequence

from edgeq.base.errors import DeviceError, UsageError
from edgeq.boards import Board
from edgeq.targets.devices.hardware_map import Entry, bare, is_for
from edgeq.targets.devices.usb import Device, usb_ids

_LIST = "edgeq devices list shows what is connected"


def choose_device(
    board: Board,
    devices: Sequence[Device],
    entries: Sequence[Entry] = (),
    *,
    asked: str | None = None,
    port: str | None = None,
) -> Device | None:
    """The one device that can be meant.

    Args:
        devices: what is connected.
        entries: of the hardware map, which says what is behind a probe that several boards have.
        asked: a serial number or a part of it.
        port: the serial port that the user named: where a fitting device owns it, that one is meant.

    Returns:
        None where the board names no USB ids, and none was asked for: then the tools find it by themselves.

    Raises:
        DeviceError: none is connected, or several are.
        UsageError: the port belongs to another device than the one asked for.
    """
    ids = usb_ids(board)
    if asked is None and not ids and not any(is_for(entry, board) for entry in entries):
        return None
    candidates = _asked(devices, asked) if asked is not None else _fitting(board, ids, devices, entries)
    owner = port_owner(port, devices)
    if owner is not None and owner in candidates:
        return owner
    if len(candidates) > 1:
        listed = "; ".join(str(device) for device in candidates)
        what = f"{board.id} may be any of them" if asked is None else f"{asked!r} is part of each one's id"
        raise DeviceError(
            f"{len(candidates)} devices are connected, and {what}: {listed}",
            "choose one with --device and its serial number, or a part of it that no other has; "
            "a hardware map (edgeq devices scan --write) remembers which is which",
        )
    if not candidates:
        raise _nothing(board, ids, devices, asked)
    if asked is not None and owner is not None and (board.usb and owner.usb in board.usb):
        raise UsageError(
            f"the port {port} belongs to {owner.id}, and --device asks for {candidates[0].id}",
            "leave --port out: the device's own port is found by its serial number",
        )
    return candidates[0]


def _asked(devices: Sequence[Device], asked: str) -> list[Device]:
    word = asked.lower()
    exact = [device for device in devices if word == device.id.lower()]
    return exact or [device for device in devices if word in device.id.lower()]


def _fitting(
    board: Board, ids: Sequence[str], devices: Sequence[Device], entries: Sequence[Entry]
) -> list[Device]:
    """By the hardware map where it knows the board, else by USB ids without what the map gives to others."""
    here = {bare(entry.id) for entry in entries if entry.id and entry.connected and is_for(entry, board)}
    mapped = [device for device in devices if bare(device.id) in here]
    if mapped:
        return mapped
    others = {
        bare(entry.id) for entry in entries if entry.id and entry.has_platform and not is_for(entry, board)
    }
    return [device for device in devices if device.usb in ids and bare(device.id) not in others]


def _nothing(board: Board, ids: Sequence[str], devices: Sequence[Device], asked: str | None) -> DeviceError:
    known = [device for device in devices if device.ports or device.usb in ids]
    here = (
        f"connected: {'; '.join(str(device) for device in known)}"
        if known
        else "nothing like it is connected"
    )
    if asked is not None:
        return DeviceError(f"no device {asked!r} is connected", f"{here}; {_LIST}")
    simulate = f", or simulate it with --sim {board.simulators[0]}" if board.simulators else ""
    return DeviceError(
        f"no {board.id} is connected: there is no device with the USB id {' or '.join(ids)}",
        f"plug it in at its probe's connector, with a cable that carries data{simulate}; {here}; {_LIST}",
    )


def port_owner(port: str | None, devices: Sequence[Device]) -> Device | None:
    """The device that a serial port belongs to; None where it is not on USB, or no local port at all."""
    if port is None or "://" in port:
        return None
    real = os.path.realpath(port)
    return next((device for device in devices if port in device.ports or real in device.ports), None)


def console_port(board: Board, device: Device | None, port: str | None, entry: Entry | None) -> str:
    """The serial port of the firmware's console: the user's, else the map's, else the device's only one.

    Raises:
        DeviceError: there is none, or there are several.
    """
    if port is not None:
        return port
    if entry is not None and entry.serial:
        return entry.serial
    if device is None:
        raise DeviceError(
            f"{board.id} names no USB ids, so its serial port cannot be found", "give it with --port"
        )
    if not device.ports:
        adaptor = "give the port of the adaptor that its console is wired to with --port"
        pins = f" (TX {board.console.tx}, RX {board.console.rx})" if board.console.tx else ""
        raise DeviceError(f"the device {device} has no serial port", adaptor + pins)
    if len(device.ports) > 1:
        raise DeviceError(
            f"the device {device.id} has {len(device.ports)} serial ports: {', '.join(device.ports)}",
            "choose the console with --port, or with `serial` in the hardware map",
        )
    return device.ports[0]
