"""What every flash runner is: a table ``[[flashing]]`` of a board file, and all that edgeq knows of its tool.

A runner says what is to be called and with which arguments; ``edgeq.targets.flashing`` calls it.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from edgeq.boards.debugger import Debugger
from edgeq.boards.flashing.complaints import COMMON, Complaint, Words
from edgeq.boards.strict import Strict

ELF, HEX, BIN, UF2 = "firmware.elf", "firmware.hex", "firmware.bin", "firmware.uf2"
"""The forms of the firmware that tools take, by the name of the file."""

BUILT = "build/"
"""Where a CMake build has put them, for commands by hand."""

BOOTSEL = ("2e8a:0003", "2e8a:000f")
"""The boot ROMs of RP2040 and RP2350 (their data sheets, "USB device descriptor")."""

BOOT_ROMS = (*BOOTSEL, "0483:df11")
"""Of Raspberry Pi and ST: no probes."""


class Drive(Protocol):
    """A mounted drive."""

    @property
    def path(self) -> Path:
        """Where it is mounted."""

    @property
    def label(self) -> str:
        """Its name."""


class Device(Protocol):
    """A device on USB, as far as runners look at it; ``edgeq.targets.devices`` finds them."""

    @property
    def usb(self) -> str:
        """Vendor and product, ``"0483:374b"``."""

    @property
    def serial(self) -> str:
        """Its serial number; empty where it has none."""

    @property
    def bus(self) -> int:
        """The number of its bus; 0 where that is not known."""

    @property
    def address(self) -> int:
        """Its number on the bus; 0 where that is not known."""

    @property
    def ports(self) -> Sequence[str]:
        """Its serial ports."""

    @property
    def drives(self) -> Sequence[Drive]:
        """Its mounted drives."""


class Aim(Protocol):
    """What an argument list is made from."""

    @property
    def device(self) -> Device | None:
        """The device; None where the tool is to find the only one."""

    @property
    def start(self) -> int:
        """The first address of the firmware."""

    def write_file(self, name: str, data: bytes) -> str:
        """Put a file beside the firmware's; its name, as the tool is to be told."""


class Runner(Strict):
    """A flash runner, as Zephyr calls it: a way to write a board's flash. A board file names it ``runner``.

    Attributes:
        order: its place in lists, which is that of docs/flashing.md.
        form: the file that it writes.
        boots_itself: whether it talks to the chip's own bootloader, whose USB device goes when the firmware
            starts.
        leaves_usb: whether the probe itself may go and come again, its serial port with it.
        words: what this tool alone says when it fails, before what all may say.
    """

    order: ClassVar[int]
    form: ClassVar[str]
    boots_itself: ClassVar[bool] = False
    leaves_usb: ClassVar[bool] = False
    words: ClassVar[Words] = ()

    runner: str

    @property
    def usb_ids(self) -> tuple[str, ...]:
        """The ids of the bootloaders that it talks to."""
        return ()

    def fits(self, device: Device | None) -> bool:
        """Whether it is for a device of this kind: J-Link's tool is not for an ST-Link. None may be any."""
        return device is None or self.is_for(device)

    def is_for(self, device: Device) -> bool:
        """As :meth:`fits`, for a device that is known: every probe, unless a runner knows better."""
        return device.usb not in BOOT_ROMS

    def by_hand(self, origin: int) -> str:
        """Its own command, with what a CMake build has made; empty where only edgeq makes the file.

        Args:
            origin: the first address of the board's flash.
        """
        raise NotImplementedError

    def debugger(self) -> Debugger | None:
        """The debug server that goes with it; None where there is none."""
        return None

    def remedy(self, complaint: Complaint) -> str:
        """What helps where this tool lacks something that another may have."""
        return complaint.remedy

    @classmethod
    def all_words(cls) -> Words:
        """What it says when it fails; the first that matches tells."""
        return (*cls.words, *COMMON)


class Program(Runner):
    """A runner that is a program.

    Attributes:
        program: its name on PATH.
        install: the command that installs it, or where to get it.
        version: the arguments that make it tell its version; none where it has no such thing.
        module: the Python module that is the same program.
    """

    program: ClassVar[str]
    install: ClassVar[str]
    version: ClassVar[tuple[str, ...]] = ("--version",)
    module: ClassVar[str | None] = None

    @classmethod
    def command(cls) -> tuple[str, ...] | None:
        """How it is started here; None where it is not installed."""
        path = shutil.which(cls.program)
        if path is not None:
            return (path,)
        if cls.module is not None and importlib.util.find_spec(cls.module) is not None:
            return (sys.executable, "-m", cls.module)
        return None

    def write(self, aim: Aim) -> list[str]:
        """The arguments that write and verify, without a reset where :meth:`reset` can do that apart."""
        raise NotImplementedError

    def reset(self, aim: Aim) -> list[str] | None:
        """The arguments that reset; None where writing ends in the firmware's start."""
        return None


class Copying(Runner):
    """A runner that needs no program: edgeq copies a file to a drive.

    Attributes:
        enter: what brings the drive up, before it is mounted.
        goes_with: the file that is gone when the drive has taken the firmware and went; empty where it stays.
        refusal: the file in which the drive tells why it refused the firmware; empty where it tells nothing.
    """

    enter: ClassVar[str] = ""
    goes_with: ClassVar[str] = ""
    refusal: ClassVar[str] = ""

    @property
    def uf2_family(self) -> int | None:
        """The chip's family in UF2 files; None where the drive takes another form."""
        return None

    @property
    def which(self) -> str:
        """The end of the sentence "there is no drive …"."""
        raise NotImplementedError

    def takes(self, drive: Drive) -> bool:
        """Whether a mounted drive is the one."""
        raise NotImplementedError

    def is_for(self, device: Device) -> bool:
        """Whatever has a drive."""
        return bool(device.drives)


def serial_option(aim: Aim, option: str) -> list[str]:
    """The option that chooses a probe by its serial number, where there is one to choose."""
    return [option, aim.device.serial] if aim.device is not None and aim.device.serial else []
