"""The flash tools: which device each is for, its argument lists, and how to get it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from edgeq.boards.flashing import Bossac, DfuUtil, Drive, JLink, OpenOcd, PyOcd, Runner, Uf2
from edgeq.targets.devices import BOOTSEL, Device

HEX, BIN, UF2 = "firmware.hex", "firmware.bin", "firmware.uf2"
_ELF = "firmware.elf"
_JLINK_KHZ = "4000"
_SEGGER, _ST = "1366", "0483"
_BOOT_ROMS = (*BOOTSEL, "0483:df11")
"""Of Raspberry Pi and ST: no probes."""

_ST_LINK = "37"
"""The beginning of every ST-Link's product number."""


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


Arguments = Callable[[Any, Aim], list[str]]


@dataclass(frozen=True)
class Tool:
    """A flash tool that is a program.

    Attributes:
        program: its name on PATH.
        form: the file that it writes.
        install: the command that installs it, or where to get it.
        write: the arguments that write and verify, without a reset where ``reset`` can do that apart.
        reset: the arguments that reset; None where writing ends in the firmware's start.
        version: the arguments that make it tell its version; none where it has no such thing.
        module: the Python module that is the same program.
    """

    program: str
    form: str
    install: str
    write: Arguments
    reset: Arguments | None = None
    version: tuple[str, ...] = ("--version",)
    module: str | None = None

    def command(self) -> tuple[str, ...] | None:
        """How it is started here; None where it is not installed."""
        path = shutil.which(self.program)
        if path is not None:
            return (path,)
        if self.module is not None and importlib.util.find_spec(self.module) is not None:
            return (sys.executable, "-m", self.module)
        return None


def _serial(aim: Aim, option: str) -> list[str]:
    return [option, aim.device.serial] if aim.device is not None and aim.device.serial else []


def _pyocd(runner: PyOcd, aim: Aim) -> list[str]:
    common = ["--no-wait", "--no-config", "--color", "never", "--target", runner.target]
    return [*common, *_serial(aim, "--uid")]


def _openocd(runner: OpenOcd, aim: Aim) -> list[str]:
    files = [part for name in runner.config for part in ("-f", name)]
    # no ports for debuggers: two of it may run at once, each with a probe of its own
    closed = [part for name in ("gdb_port", "tcl_port", "telnet_port") for part in ("-c", f"{name} disabled")]
    serial = aim.device.serial if aim.device is not None else ""
    return [*files, *closed, *(["-c", f"adapter serial {serial}"] if serial else [])]


def _jlink(runner: JLink, aim: Aim, name: str, lines: Sequence[str]) -> list[str]:
    script = aim.write_file(name, "".join(f"{line}\n" for line in lines).encode())
    number = aim.device.serial.lstrip("0") if aim.device is not None else ""
    return [
        *("-NoGui", "1", "-ExitOnError", "1", "-AutoConnect", "1"),
        *("-Device", runner.device, "-If", "SWD", "-Speed", _JLINK_KHZ),
        *(["-SelectEmuBySN", number] if number else []),
        *("-CommandFile", script),
    ]


def _picotool(runner: Any, aim: Aim) -> list[str]:
    # by its place: the boot ROM of every RP2040 has the same serial number
    device = aim.device
    where = ["--bus", str(device.bus), "--address", str(device.address)] if device and device.address else []
    return ["load", "-v", "-x", _ELF, *where]


def _bossac(runner: Bossac, aim: Aim) -> list[str]:
    port = aim.device.ports[0] if aim.device is not None and aim.device.ports else None
    where = [f"--port={port}"] if port else []
    offset = [f"--offset=0x{runner.offset:x}"] if runner.offset else []
    return [*where, *offset, "--erase", "--write", "--reset", BIN]


def _dfu_util(runner: DfuUtil, aim: Aim) -> list[str]:
    place = f"0x{aim.start:08x}:leave"
    serial = _serial(aim, "--serial")
    return ["--device", runner.usb, *serial, "--alt", str(runner.alt), "--dfuse-address", place, "-D", BIN]


tools: Mapping[str, Tool] = {
    "pyocd": Tool(
        "pyocd",
        HEX,
        "pip install 'edgeq[flash]'",
        write=lambda runner, aim: ["flash", *_pyocd(runner, aim), "--no-reset", HEX],
        reset=lambda runner, aim: ["reset", *_pyocd(runner, aim)],
        module="pyocd",
    ),
    "openocd": Tool(
        "openocd",
        HEX,
        "sudo apt-get install openocd",
        write=lambda runner, aim: [*_openocd(runner, aim), "-c", f"program {HEX} verify exit"],
        reset=lambda runner, aim: [*_openocd(runner, aim), "-c", "init; reset run; shutdown"],
    ),
    "st-flash": Tool(
        "st-flash",
        HEX,
        "sudo apt-get install stlink-tools",
        write=lambda runner, aim: [*_serial(aim, "--serial"), "--format", "ihex", "write", HEX],
        reset=lambda runner, aim: [*_serial(aim, "--serial"), "reset"],
    ),
    "jlink": Tool(
        "JLinkExe",
        HEX,
        "install the J-Link software of https://www.segger.com/downloads/jlink",
        write=lambda runner, aim: _jlink(runner, aim, "write.jlink", ["r", "h", f"loadfile {HEX}", "exit"]),
        reset=lambda runner, aim: _jlink(runner, aim, "reset.jlink", ["r", "g", "exit"]),
        version=(),
    ),
    "picotool": Tool(
        "picotool",
        _ELF,
        "install picotool: apt-get install picotool where the system has it, else "
        "https://github.com/raspberrypi/picotool",
        write=_picotool,
        version=("version",),
    ),
    "bossac": Tool("bossac", BIN, "sudo apt-get install bossa-cli", write=_bossac, version=("--help",)),
    "dfu-util": Tool("dfu-util", BIN, "sudo apt-get install dfu-util", write=_dfu_util),
}
"""By the name that a board file gives a runner; the two that copy to a drive need no program."""


def tool_of(runner: Runner) -> Tool | None:
    """The program that a runner calls; None where edgeq itself copies a file."""
    return tools.get(runner.runner)


def fits(runner: Runner, device: Device | None) -> bool:
    """Whether a runner is for a device of this kind: J-Link's tool is not for an ST-Link."""
    if device is None:
        return True
    vendor, _, product = device.usb.partition(":")
    if isinstance(runner, DfuUtil):
        return device.usb == runner.usb
    if isinstance(runner, Uf2 | Drive):
        return bool(device.drives) or (isinstance(runner, Uf2) and device.usb in BOOTSEL)
    rules = {
        "picotool": device.usb in BOOTSEL,
        "jlink": vendor == _SEGGER,
        "st-flash": vendor == _ST and product.startswith(_ST_LINK),
        "bossac": bool(device.ports),
    }
    return rules.get(runner.runner, device.usb not in _BOOT_ROMS)


def boots_itself(runner: Runner) -> bool:
    """Whether the tool talks to the chip's own bootloader, whose USB device goes when the firmware starts."""
    return runner.runner in ("picotool", "uf2", "bossac", "dfu-util")
