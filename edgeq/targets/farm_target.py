"""A board in a farm: its place acquired from labgrid, its console a stream like another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceError
from edgeq.base.progress import SILENT, Progress
from edgeq.builder.image import Image
from edgeq.targets.devices import DeviceLock
from edgeq.targets.farm import Farm, FarmSession, Held
from edgeq.targets.hardware_target import HardwareTarget
from edgeq.targets.serial_target import SerialTarget
from edgeq.targets.stream import Closing, Stream

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.targets.devices import Device
    from edgeq.targets.place import Place

DEVICE_TAG = "device"
"""The tag of a place that says its probe's serial number, where the probe is on this machine."""


class FarmTarget(Closing):
    """The place is had from ``flash`` to ``close``.

    Firmware is written by the driver that labgrid's environment file names, else by edgeq's flash tools where
    the place's probe is on this machine; a board that no tool flashes runs its firmware already. A place that
    can be reset, or switched, is: each run begins at boot.

    Args:
        board: what it is.
        place: which place, and whether to flash at all.
        log: the file for what flash tools say.
        progress: hears which place it is.
    """

    def __init__(self, board: Board, place: Place, log: Path, progress: Progress = SILENT) -> None:
        assert place.farm is not None  # noqa: S101 - it is what this target is for
        self._board, self._place, self._log, self._progress = board, place, log, progress
        self._farm: Farm = place.farm
        self._session: FarmSession | None = None
        self._held: Held | None = None
        self._lock: DeviceLock | None = None
        self._inner: SerialTarget | HardwareTarget | None = None
        self._stream: Stream | None = None
        self.device: Device | None = None
        """The probe that flashed it; None where none did."""
        self.port = ""
        """The console's URL; empty before."""

    def __enter__(self) -> FarmTarget:
        return self

    def look(self) -> None:
        """Whether there is such a place, and this user may have it. Raises as :meth:`flash`."""
        session = FarmSession(self._farm)
        try:
            session.look(self._board.id)
        finally:
            session.close()

    def flash(self, image: Image) -> None:
        """Acquire the place, write the firmware where that is asked for, and start it with the console open.

        Raises:
            ToolMissingError: there is no labgrid, or none of the tools that could flash the board.
            DeviceBusy: the place is acquired by another.
            DeviceError: there is no such place, or labgrid or a tool failed.
        """
        self.close()
        self._session = FarmSession(self._farm)
        held = self._held = self._session.acquire(self._board.id)
        self._progress.note(f"labgrid's place {held.name}, console at {held.url}")
        if held.by_hand:  # the coordinator does not tell this user's runs apart
            lock = DeviceLock(f"{self._farm.coordinator}/{held.name}")
            lock.acquire()
            self._lock = lock
        self.port = held.url
        flashed = bool(self._board.flashing) and self._place.flash
        if flashed and not held.loads:
            self._by_tools(held, image)
            return
        self._inner = SerialTarget(held.url, self._board.console.baud)
        self._stream = self._inner.open()
        if flashed:
            self._progress.stage("flash", f"{held.name} by labgrid")
            self._session.load(image.elf)
        if held.resets:
            self._session.reset()

    def _by_tools(self, held: Held, image: Image) -> None:
        device = self._place.device or held.tags.get(DEVICE_TAG)
        if device is None:
            raise DeviceError(
                f"nothing says how {self._board.id} in the place {held.name} is flashed",
                f"where its probe is on this machine: the place's tag {DEVICE_TAG}=SERIAL, or --device; else "
                "an environment file with a driver for it (`config` in the table [labgrid] of edgeq.toml), "
                "or --no-flash",
            )
        here = replace(self._place, farm=None, port=held.url, device=device)
        self._inner = HardwareTarget(self._board, here, self._log, self._progress)
        self._inner.flash(image)
        self._stream, self.device = self._inner.open(), self._inner.device

    def open(self) -> Stream:
        """The console. Raises DeviceError before ``flash``."""
        if self._stream is None:
            raise DeviceError(f"{self._farm} has not been acquired", "flash an image first")
        return self._stream

    def reopen(self) -> Stream:
        """The console again, once it is back. Raises DeviceError."""
        if self._inner is None:
            return self.open()
        self._stream = self._inner.reopen()
        return self._stream

    def reset(self) -> None:
        """Start the firmware anew, by labgrid, else by the tool that flashed it. Raises DeviceError."""
        if self._session is not None and self._held is not None and self._held.resets:
            self._session.reset()
        elif self._inner is not None:
            self._inner.reset()

    def diagnosis(self) -> str | None:
        """labgrid knows nothing of the firmware."""
        return None

    def close(self) -> None:
        """Close the console, and release the place unless the user had acquired it before."""
        if self._inner is not None:
            self._inner.close()
        if self._lock is not None:
            self._lock.release()
        if self._session is not None:
            self._session.close()
        self._inner = self._stream = self._lock = self._session = self._held = None
