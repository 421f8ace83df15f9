"""Flashing by copying a file to a drive: UF2 bootloaders, and DAPLink's virtual disk."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

from edgeq.base.errors import DeviceError
from edgeq.boards.flashing import Drive as DriveRunner
from edgeq.boards.flashing import Uf2
from edgeq.targets.devices import Device, Drive, mounted_drives

_INFO = "INFO_UF2.TXT"
_BOARD_ID = re.compile(r"^Board-ID:\s*(.+?)\s*$", re.MULTILINE)
_FAILED = "FAIL.TXT"
_STEP = 0.1
_GONE_ERRORS = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT})
_GONE = 10.0
"""Seconds in which a UF2 drive goes after the last block, since the chip starts the firmware."""

_MOUNT = "mount the drive (a desktop does that by itself; else sudo mount /dev/sdX1 /mnt -o uid=$USER)"


def find_drive(runner: Uf2 | DriveRunner, device: Device | None) -> Drive:
    """The one drive to copy to.

    Raises:
        DeviceError: none is mounted, or several are.
    """
    drives: Sequence[Drive] = device.drives if device is not None and device.drives else mounted_drives()
    if isinstance(runner, Uf2):
        what = f"with the Board-ID {runner.board_id} in its {_INFO}"
        enter = "enter the bootloader (hold BOOTSEL, or press reset twice), then "
        found = [drive for drive in drives if _board_id(drive.path) == runner.board_id]
    else:
        what, enter = f"called {runner.label}", ""
        found = [drive for drive in drives if runner.label in (drive.label, drive.path.name)]
    if not found:
        others = ", ".join(f"{drive.label} at {drive.path}" for drive in drives)
        mounted = f"; mounted: {others}" if others else ""
        raise DeviceError(f"there is no drive {what}", f"{enter}{_MOUNT}{mounted}")
    if len(found) > 1:
        places = ", ".join(str(drive.path) for drive in found)
        raise DeviceError(
            f"there are {len(found)} drives {what}: {places}",
            "choose one with --device, or unplug the others",
        )
    return found[0]


def _board_id(drive: Path) -> str | None:
    with contextlib.suppress(OSError):
        match = _BOARD_ID.search((drive / _INFO).read_text(encoding="utf-8", errors="replace"))
        return match[1] if match else None
    return None


def copy_to(drive: Path, name: str, data: bytes, *, may_go: bool = False) -> None:
    """Write a file and make sure that it is there, not in a cache.

    Args:
        may_go: the drive may be gone as soon as all has come, before the system has heard that it did.

    Raises:
        DeviceError: it cannot be written.
    """
    try:
        with (drive / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if may_go and error.errno in _GONE_ERRORS:
            return
        raise DeviceError(
            f"cannot write {name} to the drive {drive}: {error.strerror}",
            "check that it is mounted for this user and writable, and was not unplugged",
        ) from error


def wait_until_gone(drive: Path, patience: float = _GONE) -> bool:
    """A UF2 drive goes when the chip has taken the file; whether it did.

    A system that keeps the mount of a drive that is gone cannot tell, so this is no error.
    """
    end = time.monotonic() + patience
    while (drive / _INFO).exists():
        if time.monotonic() > end:
            return False
        time.sleep(_STEP)
    return True


def complaint(drive: Path) -> str | None:
    """What DAPLink wrote of a failure; None where it wrote nothing."""
    with contextlib.suppress(OSError):
        return " ".join((drive / _FAILED).read_text(encoding="utf-8", errors="replace").split())
    return None
