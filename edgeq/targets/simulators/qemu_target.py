"""QEMU as a target: the board's machine in a process of its own, its console a socket between the two."""

from __future__ import annotations

import functools
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.base.installed import Installed
from edgeq.base.leashed import Leashed
from edgeq.boards import Board
from edgeq.boards.simulators.qemu import Qemu
from edgeq.builder.image import Image
from edgeq.builder.symbols import Symbols, read_symbols
from edgeq.targets.duplex import Duplex
from edgeq.targets.simulators.qemu_monitor import Monitor
from edgeq.targets.simulators.simulated import SimulatedTarget

QEMU, INSTALL = Qemu.program, Qemu.install
OLDEST = (6, 0)
"""The first version that has every machine of the catalogue."""

_HALTED = 3
"""The exit code of ports that halt by semihosting (``firmware_templates/parts/edgeq_mps.c``)."""
_TOOL_TIMEOUT = 30.0
_WRITE_TIMEOUT = 30.0
_ENDING = 2.0
_WAITING = frozenset({"edgeq_port_idle", "edgeq_port_read", "edgeq_link_receive"})
"""Where firmware is that waits for input."""
_LOOKS, _LOOK_STEP = 5, 0.05
_HINT = "QEMU's own words are in the message; the build's firmware.map shows what the firmware was doing"


class QemuTarget(SimulatedTarget):
    """The board's ELF on its machine in QEMU, booted from its vector table.

    The firmware goes on between ``open`` and ``open``: its state survives a closed stream.

    Raises:
        ToolMissingError: QEMU is not installed, or too old.
    """

    def __init__(self) -> None:
        path = shutil.which(QEMU)
        if path is None:
            raise ToolMissingError(f"{QEMU} is not on PATH", f"install it with: {INSTALL}")
        self._path = path
        self._version = qemu_version(path)
        self._image: Image | None = None
        self._child: Leashed | None = None
        self._console: Duplex | None = None
        self._monitor: Monitor | None = None
        self._symbols = Symbols(())

    @classmethod
    def installed(cls) -> Installed:
        """By the version that it says it is."""
        path = shutil.which(QEMU)
        if path is None:
            return Installed("missing", "not on PATH", INSTALL)
        try:
            return Installed("ok", f"{qemu_version(path)} at {path}")
        except ToolMissingError as error:
            return Installed("too old", error.message, INSTALL)

    def __enter__(self) -> QemuTarget:
        return self

    def flash(self, image: Image) -> None:
        """Start the machine with the ELF in its memory.

        Raises:
            ToolMissingError: this QEMU has no such machine.
            DeviceError: it does not start.
        """
        qemu = _table(image.board)
        if qemu.machine not in _machines(self._path):
            raise ToolMissingError(
                f"QEMU {self._version} has no machine {qemu.machine}, which {image.board.id} is",
                f"install QEMU {'.'.join(map(str, OLDEST))} or later; `{QEMU} -machine help` lists machines",
            )
        self._symbols = read_symbols(image.elf)
        self._image = image
        self.reset()

    def reset(self) -> None:
        """Boot anew, from power-on."""
        if self._image is None:
            raise DeviceError("there is no firmware in QEMU", "flash an image first")
        self.close()
        console, its_console = socket.socketpair()
        monitor, its_monitor = socket.socketpair()
        with its_console, its_monitor:
            command = _command(self._path, self._image, its_console.fileno(), its_monitor.fileno())
            self._child = Leashed(command, (its_console.fileno(), its_monitor.fileno()))
        self._console, self._monitor = Duplex(console, _WRITE_TIMEOUT), Monitor(monitor)

    def open(self) -> QemuStream:
        """The console: a new stream to the same running firmware."""
        if self._console is None:
            raise DeviceError("there is no firmware in QEMU", "flash an image first")
        return QemuStream(self._console, self._gone)

    def _gone(self) -> DeviceError:
        if self._child is not None:
            self._child.code(_ENDING)
        return DeviceError(self.diagnosis() or "QEMU was closed", _HINT)

    def diagnosis(self) -> str | None:
        """How QEMU or the firmware ended, or where the firmware is while it works; None while it waits."""
        child, monitor = self._child, self._monitor
        if child is None or monitor is None:
            return None
        if child.code() == _HALTED:
            return "the firmware halted itself"
        end = child.ending
        if end is not None:
            return f"QEMU {end}" + (f": {child.said}" if child.said else ", and said nothing")
        registers = monitor.registers()
        for _ in range(_LOOKS):
            if registers is None:
                return "QEMU runs, and does not answer its monitor"
            if self._symbols.function_at(registers[15]) in _WAITING:
                return None
            time.sleep(_LOOK_STEP)
            where = f"{self._place(registers[15])}, called from {self._place(registers[14])}"
            registers = monitor.registers()
        return f"the firmware is still busy in {where}"

    def _place(self, address: int) -> str:
        function = self._symbols.function_at(address)
        return f"0x{address:08x}" + (f" ({function})" if function else "")

    def close(self) -> None:
        """End QEMU and wait for that."""
        child, console, monitor = self._child, self._console, self._monitor
        self._child = self._console = self._monitor = None
        if child is not None:
            child.close()
        if console is not None:
            console.close()
        if monitor is not None:
            monitor.close()


class QemuStream:
    """The console's socket, which outlives the stream."""

    def __init__(self, console: Duplex, gone: Callable[[], DeviceError]) -> None:
        self._console, self._gone = console, gone
        self._closed = False

    def read(self, n: int, timeout: float) -> bytes:
        """What has come; see :class:`edgeq.targets.stream.Stream`."""
        if self._closed:
            raise self._gone()
        try:
            return self._console.read(n, timeout)
        except (EOFError, OSError, ValueError) as error:  # ValueError: closed by the target
            raise self._gone() from error

    def write(self, data: bytes) -> None:
        """Send all of it; the firmware takes it when it is ready."""
        if self._closed:
            raise self._gone()
        try:
            self._console.write(data)
        except TimeoutError as error:
            raise DeviceError(
                f"the firmware in QEMU takes no input for {_WRITE_TIMEOUT:.0f} s", "it may hang"
            ) from error
        except (EOFError, OSError, ValueError) as error:
            raise self._gone() from error

    def close(self) -> None:
        """The firmware runs on."""
        self._closed = True


@functools.cache
def qemu_version(path: str) -> str:
    """The version that a QEMU says it is.

    Raises:
        ToolMissingError: it does not say one, or is too old.
    """
    match = re.search(r"QEMU emulator version (\d+)\.(\d+)\S*", _ask(path, "--version"))
    if match is None:
        raise ToolMissingError(f"{path} does not say its version", f"install QEMU: {INSTALL}")
    if (int(match[1]), int(match[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ToolMissingError(
            f"{path} is QEMU {match[1]}.{match[2]}, and edgeq needs {oldest}",
            f"install QEMU {oldest} or later",
        )
    return match[0].removeprefix("QEMU emulator version ")


@functools.cache
def _machines(path: str) -> frozenset[str]:
    return frozenset(line.split(" ", 1)[0] for line in _ask(path, "-machine", "help").splitlines())


def _ask(path: str, *arguments: str) -> str:
    """What QEMU answers, errors included. Raises ToolMissingError where it does not run."""
    try:
        done = subprocess.run(
            (path, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TOOL_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolMissingError(f"{path} does not run: {error}", f"install it again: {INSTALL}") from error
    return done.stdout.decode("utf-8", "replace")


def _table(board: Board) -> Qemu:
    table = Qemu.of(board)
    assert table is not None  # noqa: S101 - `open_target` takes only boards that have it
    return table


def _command(path: str, image: Image, console: int, monitor: int) -> tuple[str, ...]:
    """Instructions take a fixed time each; a sleep takes as long as on this machine, or else firmware would
    find at once that nothing has come for seconds.

    Semihosting is for the end alone: all else of it goes to a debugger that is not there, and not to this
    machine's files and shell, as it would by default.
    """
    qemu = _table(image.board)
    return (
        path,
        *("-machine", qemu.machine, "-nodefaults", "-display", "none"),
        *("-icount", f"shift={qemu.icount_shift},sleep=on"),
        *("-semihosting-config", "enable=on,target=gdb"),
        *("-chardev", f"socket,id=console,fd={console}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"),
        *("-kernel", str(image.elf)),
    )
