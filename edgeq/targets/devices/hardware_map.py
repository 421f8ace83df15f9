"""The hardware map: which board is behind which probe and port, in the form of Zephyr's twister.

A list of mappings in YAML. What people wrote into it, comments and fields that edgeq does not know stay as
they are; a scan adds entries, and brings ``connected`` and ``serial`` up to date.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from edgeq.base.errors import UsageError
from edgeq.base.hints import document
from edgeq.boards import Board
from edgeq.targets.devices.usb import Device, stable_name, usb_ids

MAP_FILE = "hardware-map.yml"
_UNKNOWN = "unknown"
_LARGEST_FILE = 1 << 20
_LINE = 4096
"""Characters after which a line is broken: never."""

_DOCUMENTED = f"{document('flashing.md')} describes the hardware map"


@dataclass(frozen=True)
class Entry:
    """One device of the map; the fields that edgeq uses.

    Attributes:
        id: the serial number of its probe (``probe_id``, else ``id``); empty where it has none.
        platform: the board: its id here, or its name in Zephyr.
        connected: whether it is there.
        runner: the tool to flash it with; empty for the board's own order.
        serial: its console's port; empty for the one that belongs to the probe.
        baud: of the console; None for the board's.
        flash_timeout: seconds that flashing may take; None for the usual.
    """

    id: str = ""
    platform: str = _UNKNOWN
    connected: bool = True
    runner: str = ""
    serial: str = ""
    baud: int | None = None
    flash_timeout: float | None = None

    @property
    def has_platform(self) -> bool:
        """Whether it says which board it is."""
        return self.platform not in ("", _UNKNOWN)


def bare(number: str) -> str:
    """A serial number without the zeros before it, which YAML takes away from an unquoted one."""
    return number.lstrip("0")


def is_for(entry: Entry, board: Board) -> bool:
    """Whether an entry is such a board."""
    return entry.platform in (board.id, board.zephyr)


def entry_for(board: Board, device: Device | None, entries: Sequence[Entry]) -> Entry | None:
    """What the map says of the device; of a board without a probe on USB, its only entry."""
    if device is not None:
        for entry in entries:
            if entry.id and bare(entry.id) == bare(device.id):
                return entry
    own = [entry for entry in entries if not entry.id and entry.connected and is_for(entry, board)]
    return own[0] if len(own) == 1 else None


def read_map(path: Path) -> list[Entry]:
    """The entries of a map.

    Raises:
        UsageError: it cannot be read, or is no hardware map.
    """
    return [_entry(path, number, raw) for number, raw in enumerate(_load(path), 1)]


def _load(path: Path) -> list[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read the hardware map {path}: {error.strerror}", _DOCUMENTED) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the hardware map {path} is no text", _DOCUMENTED) from error
    if len(raw) > _LARGEST_FILE:
        raise UsageError(f"{path} is too large for a hardware map", _DOCUMENTED)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    try:
        values = yaml.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or first
        raise UsageError(f"the hardware map {path} is not valid YAML{line}: {what}", _DOCUMENTED) from error
    if values is None:
        values = []
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise UsageError(f"the hardware map {path} is not a list of devices", _DOCUMENTED)
    return values


def _entry(path: Path, number: int, raw: dict[str, Any]) -> Entry:
    """One entry, its values as they are meant: YAML takes a serial number of digits alone for a number."""

    def wrong(key: str, wanted: str) -> UsageError:
        return UsageError(
            f"the hardware map {path}: device {number}: {key} is {raw[key]!r}, not {wanted}", _DOCUMENTED
        )

    def text(key: str) -> str:
        value = raw.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise wrong(key, "text")
        return str(value)

    def number_of(key: str) -> float | None:
        value = raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise wrong(key, "a positive number")
        return value

    connected = raw.get("connected", True)
    if not isinstance(connected, bool):
        raise wrong("connected", "true or false")
    baud = number_of("baud")
    return Entry(
        id=text("probe_id") or text("id"),
        platform=text("platform") or _UNKNOWN,
        connected=connected,
        runner=text("runner"),
        serial=text("serial"),
        baud=None if baud is None else int(baud),
        flash_timeout=number_of("flash_timeout"),
    )


def merge_map(path: Path | None, devices: Sequence[Device], boards: Sequence[Board]) -> str:
    """The text of a map with these devices in it.

    Args:
        path: the map so far; None where there is none.
        devices: what is connected.
        boards: the catalogue: a device that can be one board only gets its name.

    Raises:
        UsageError: the map so far is not valid.
    """
    from ruamel.yaml import YAML

    values = _load(path) if path is not None else []
    entries = [_entry(path or Path(), number, raw) for number, raw in enumerate(values, 1)]
    here = {bare(device.id): device for device in devices}
    for raw, entry in zip(values, entries, strict=True):
        if not entry.id:
            continue  # a device without a probe that could be seen: its owner knows
        device = here.pop(bare(entry.id), None)
        if entry.connected != (device is not None) or "connected" not in raw:
            raw["connected"] = device is not None
        if device is not None and device.ports and not _is_port_of(entry.serial, device):
            raw["serial"] = _stable(device)
    for device in here.values():
        values.append(_new(device, boards))
    yaml = YAML(typ="rt")
    yaml.width = _LINE
    out = StringIO()
    if path is not None and not entries:  # comments have nothing that they could belong to
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        out.writelines(line for line in lines if line.lstrip().startswith("#"))
        values = list(values)
    yaml.dump(values, out)
    return out.getvalue()


def _is_port_of(port: str, device: Device) -> bool:
    return bool(port) and (port in device.ports or os.path.realpath(port) in device.ports)


def _stable(device: Device) -> str | None:
    return stable_name(device.ports[0]) if len(device.ports) == 1 else None


def _new(device: Device, boards: Sequence[Board]) -> dict[str, Any]:
    own = [board for board in boards if device.usb in usb_ids(board)]
    entry: dict[str, Any] = {
        "connected": True,
        "id": device.id,
        "platform": (own[0].zephyr or own[0].id) if len(own) == 1 else _UNKNOWN,
        "product": device.product or device.usb,
    }
    if len(own) == 1:
        if own[0].flashing:
            entry["runner"] = own[0].flashing[0].runner
        entry["baud"] = own[0].console.baud
    elif own:
        entry["notes"] = f"one of: {', '.join(board.id for board in own)}"
    if device.ports:
        entry["serial"] = _stable(device)
    return entry
