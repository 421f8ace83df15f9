"""A board of hardware: flashed through its probe, its console on the serial port that belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceError
from edgeq.base.progress import SILENT, Progress
from edgeq.builder.image import Image
from edgeq.targets.devices import (
    DeviceLock,
    Entry,
    choose_device,
    console_port,
    entry_for,
    list_devices,
    port_owner,
    read_map,
)
from edgeq.targets.flashing import Flasher
from edgeq.targets.flashing.flasher import TIMEOUT
from edgeq.targets.serial_target import SerialTarget
from edgeq.targets.stream import Closing, Stream

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.targets.devices import Device
    from edgeq.targets.place import Place


class HardwareTarget(Closing):
    """Finds the device, flashes it, opens its console and resets it; one edgeq at a time.

    Args:
        board: what it is.
        place: which device, which port, and whether to flash at all.
        log: the file for what the flash tools say.
        progress: hears which device and which tool it is.
    """

    def __init__(self, board: Board, place: Place, log: Path, progress: Progress = SILENT) -> None:
        self._board, self._place, self._log, self._progress = board, place, log, progress
        self._serial: SerialTarget | None = None
        self._stream: Stream | None = None
        self._flasher: Flasher | None = None
        self._lock: DeviceLock | None = None
        self.device: Device | None = None
        """The one that was chosen; None before, and where the tools find it by themselves."""
        self.port = ""
        """The console's port; empty before."""

    def __enter__(self) -> HardwareTarget:
        return self

    @property
    def runner(self) -> str:
        """The tool that wrote the flash; empty where nothing was written."""
        return self._flasher.used if self._flasher is not None else ""

    def look(self) -> None:
        """Find the device and open its port, as :meth:`flash` begins; nothing is written. Raises as that."""
        self.close()
        entry = self._choose()
        self.port = self._console(self._tools(entry), entry)
        self._hold()
        with SerialTarget(self.port, self._board.console.baud) as serial:
            serial.open()

    def flash(self, image: Image) -> None:
        """Write the firmware, unless it is there already, and start it with the console open.

        The port is opened first: what is wrong with it is known before the flash is touched, and the banner
        is not lost.

        Raises:
            DeviceError: no such device or port is there, several are, it is in use, or a tool failed.
            ToolMissingError: none of the tools that could flash it is installed.
        """
        self.close()
        entry = self._choose()
        flasher = self._flasher = self._tools(entry)
        self.port = self._console(flasher, entry)
        self._hold()
        baud = (entry.baud if entry is not None else None) or self._board.console.baud
        self._serial = SerialTarget(self.port, baud)
        self._stream = self._serial.open()
        if flasher is None:
            return
        flasher.write(image)
        if flasher.leaves_usb:
            self._stream = self._serial.reopen()
        self._drain(self._stream)
        flasher.reset()

    def write_only(self, image: Image) -> None:
        """Write the firmware and start it, without a console. Raises as :meth:`flash`."""
        self.close()
        flasher = self._flasher = self._tools(self._choose())
        assert flasher is not None  # noqa: S101 - who calls this wants to flash
        self._hold()
        flasher.write(image)
        flasher.reset()

    def _choose(self) -> Entry | None:
        place, devices = self._place, list_devices()
        entries = read_map(place.hardware_map) if place.hardware_map is not None else []
        if place.flash or place.port is None:
            self.device = choose_device(self._board, devices, entries, asked=place.device, port=place.port)
        else:
            self.device = port_owner(place.port, devices)
        return entry_for(self._board, self.device, entries)

    def _tools(self, entry: Entry | None) -> Flasher | None:
        if not self._place.flash:
            return None
        return Flasher(
            self._board,
            self.device,
            self._log,
            only=entry.runner if entry is not None else "",
            timeout=(entry.flash_timeout if entry is not None else None) or TIMEOUT,
            progress=self._progress,
        )

    def _console(self, flasher: Flasher | None, entry: Entry | None) -> str:
        given = self._place.port or (entry.serial if entry is not None else None)
        if not given and flasher is not None and flasher.boots_itself:
            console = self._board.console
            pins = f" (TX {console.tx}, RX {console.rx})" if console.tx else ""
            raise DeviceError(
                f"{self.device or self._board.id} is a bootloader, which goes when the firmware starts",
                f"give the port of the adaptor that the console is wired to{pins} with --port",
            )
        return console_port(self._board, self.device, self._place.port, entry)

    def _hold(self) -> None:
        if self.device is None and self.port:
            return  # the port is locked as it is opened
        lock = DeviceLock(self.device.id if self.device is not None else self._board.id)
        lock.acquire()
        self._lock = lock

    def _drain(self, stream: Stream) -> None:
        """Forget what the firmware before this one has said."""
        while stream.read(1 << 12, 0.0):
            pass

    def open(self) -> Stream:
        """The console. Raises DeviceError before ``flash``."""
        if self._stream is None:
            raise DeviceError(f"{self._board.id} has not been flashed", "flash an image first")
        return self._stream

    def reopen(self) -> Stream:
        """The console again, after its port went. Raises DeviceError when it does not come back."""
        if self._serial is None:
            raise DeviceError(f"{self._board.id} has not been flashed", "flash an image first")
        self._stream = self._serial.reopen()
        return self._stream

    def reset(self) -> None:
        """Start the firmware anew, by the tool that flashed it. Raises DeviceError."""
        if self._flasher is None:
            raise DeviceError(f"{self._board.id} cannot be reset from here", "press its reset button")
        self._flasher.reset()

    def diagnosis(self) -> str | None:
        """Hardware tells nothing but what comes over its console."""
        return None

    def close(self) -> None:
        """Close the port, and let others have the device."""
        if self._serial is not None:
            self._serial.close()
        if self._lock is not None:
            self._lock.release()
        self._serial = self._stream = self._lock = None
