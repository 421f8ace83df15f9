"""Devices on USB: each with its serial number, and the serial ports and drives that belong to it.

Serial ports come from pyserial. Linux tells of the rest in /sys: probes without a port, and whose drive is
whose.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgeq.boards import Board

_SYS_USB = Path("/sys/bus/usb/devices")
_SYS_BLOCK = Path("/sys/class/block")
_MOUNTS = Path("/proc/self/mounts")
_LABELS = Path("/dev/disk/by-label")
_PORT_NAMES = Path("/dev/serial/by-id")
_HUB = "09"
_FAT = frozenset({"vfat", "msdos", "fat"})


@dataclass(frozen=True)
class Drive:
    """A mounted FAT drive.

    Attributes:
        path: where it is mounted.
        label: its name.
        location: of the USB device that it is on, as :class:`Device` has it; empty where that is not known.
    """

    path: Path
    label: str
    location: str = ""


@dataclass(frozen=True)
class Device:
    """One device on USB.

    Attributes:
        usb: vendor and product, ``"0483:374b"``.
        serial: its serial number; empty where it has none.
        product: what it calls itself.
        location: bus and ports on the way to it (``"1-1.4"``); empty where that is not known.
        address: its number on the bus, for tools that choose by it; 0 where that is not known.
        ports: its serial ports.
        drives: its mounted drives.
    """

    usb: str
    serial: str = ""
    product: str = ""
    location: str = ""
    address: int = 0
    ports: tuple[str, ...] = ()
    drives: tuple[Drive, ...] = ()

    @property
    def id(self) -> str:
        """What the user chooses it by: its serial number, or where it is plugged in."""
        return self.serial or self.location or self.usb

    @property
    def bus(self) -> int:
        """The number of its bus; 0 where that is not known."""
        number = self.location.partition("-")[0]
        return int(number) if number.isdigit() else 0

    def __str__(self) -> str:
        ports = f" at {', '.join(self.ports)}" if self.ports else ""
        return f"{self.id} ({self.product or self.usb}{ports})"


def list_devices() -> list[Device]:
    """Every device but hubs, by location; on Linux those without a port or drive, too."""
    found = {device.location: device for device in _from_sys()}
    for port in _serial_ports():
        place = (port.location or "").partition(":")[0]
        usb = f"{port.vid:04x}:{port.pid:04x}"
        key = place or f"{usb} {port.serial_number or port.device}"
        known = found.get(key) or Device(usb, port.serial_number or "", port.product or "", place)
        found[key] = replace(known, ports=tuple(sorted({*known.ports, port.device})))
    for drive in mounted_drives():
        if drive.location in found and drive.location:
            known = found[drive.location]
            found[drive.location] = replace(known, drives=(*known.drives, drive))
    return sorted(found.values(), key=lambda device: (device.location, device.id))


def _serial_ports() -> list[Any]:
    """pyserial's ports that are on USB."""
    from serial.tools import list_ports

    return [port for port in list_ports.comports() if port.vid is not None and port.pid is not None]


def _from_sys() -> Iterator[Device]:
    """What Linux knows; nothing elsewhere."""
    if not _SYS_USB.is_dir():
        return
    for folder in sorted(_SYS_USB.iterdir()):
        if ":" in folder.name or _word(folder / "bDeviceClass") in (_HUB, ""):
            continue
        usb = f"{_word(folder / 'idVendor')}:{_word(folder / 'idProduct')}"
        address = _word(folder / "devnum")
        yield Device(
            usb,
            _word(folder / "serial"),
            _word(folder / "product"),
            folder.name,
            int(address) if address.isdigit() else 0,
        )


def _word(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def mounted_drives() -> list[Drive]:
    """The mounted FAT drives."""
    drives = []
    labels = _labels()
    for line in _word(_MOUNTS).splitlines():
        source, place, kind, *_ = [*line.split(), "", "", ""]
        if kind in _FAT:
            path = Path(_unescaped(place))
            drives.append(Drive(path, labels.get(source, path.name), _usb_of(source)))
    return drives


def _labels() -> dict[str, str]:
    """The name of the file system on each block device, where udev keeps a list."""
    if not _LABELS.is_dir():
        return {}
    return {str(link.resolve()): re.sub(r"\\x20", " ", link.name) for link in _LABELS.iterdir()}


def _unescaped(text: str) -> str:
    """A path of the mount table, in which a space is ``\\040``."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _usb_of(source: str) -> str:
    """The location of the USB device that a block device is on; empty where it is on none."""
    with contextlib.suppress(OSError):
        place = (_SYS_BLOCK / Path(source).name).resolve(strict=True)
        for folder in place.parents:
            if (folder / "idVendor").is_file():
                return folder.name
    return ""


def usb_ids(board: Board) -> tuple[str, ...]:
    """The ids under which a board may be found: its probe's, and those of the bootloaders that flash it."""
    ids = (name for runner in board.flashing for name in runner.usb_ids)
    return tuple(dict.fromkeys((*board.usb, *ids)))


def stable_name(port: str) -> str:
    """The name of a port that stays when devices come and go, where udev gives one."""
    if _PORT_NAMES.is_dir():
        for link in sorted(_PORT_NAMES.iterdir()):
            if str(link.resolve()) == port:
                return str(link)
    return port
