"""Flashing by copying a file to a drive: UF2 bootloaders, and DAPLink's virtual disk."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Sequence
from pathlib import Path

from edgeq.base.errors import DeviceError
from edgeq.boards.flashing import Copying
from edgeq.targets.devices import Device, Drive, mounted_drives

_STEP = 0.1
_GONE_ERRORS = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT})
_GONE = 10.0
"""Seconds in which a UF2 drive goes after the last block, since the chip starts the firmware."""

_MOUNT = "mount the drive (a desktop does that by itself; else sudo mount /dev/sdX1 /mnt -o uid=$USER)"


def find_drive(runner: Copying, device: Device | None) -> Drive:
    """The one drive to copy to.

    Raises:
        DeviceError: none is mounted, or several are.
    """
    drives: Sequence[Drive] = device.drives if device is not None and device.drives else mounted_drives()
    found = [drive for drive in drives if runner.takes(drive)]
    if not found:
        others = ", ".join(f"{drive.label} at {drive.path}" for drive in drives)
        mounted = f"; mounted: {others}" if others else ""
        raise DeviceError(f"there is no drive {runner.which}", f"{runner.enter}{_MOUNT}{mounted}")
    if len(found) > 1:
        places = ", ".join(str(drive.path) for drive in found)
        raise DeviceError(
            f"there are {len(found)} drives {runner.which}: {places}",
            "choose one with --device, or unplug the others",
        )
    return found[0]


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


def wait_until_gone(file: Path, patience: float = _GONE) -> bool:
    """A UF2 drive goes, with this file, when the chip has taken the firmware; whether it did.

    A system that keeps the mount of a drive that is gone cannot tell, so this is no error.
    """
    end = time.monotonic() + patience
    while file.exists():
        if time.monotonic() > end:
            return False
        time.sleep(_STEP)
    return True


def refusal(file: Path) -> str | None:
    """What a probe wrote of a failure; None where it wrote nothing."""
    with contextlib.suppress(OSError):
        return " ".join(file.read_text(encoding="utf-8", errors="replace").split())
    return None
