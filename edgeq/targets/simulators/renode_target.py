"""Renode as a target: the project's own script, its monitor on pipes, the console on a socket terminal."""

from __future__ import annotations

import os
import re
import shutil
import socket
from pathlib import Path

from edgeq.base.errors import DeviceError, ToolMissingError, UsageError
from edgeq.base.hints import document
from edgeq.base.installed import Installed
from edgeq.base.leashed import Leashed
from edgeq.boards import Board
from edgeq.boards.simulators.renode import Renode
from edgeq.builder.image import Image
from edgeq.builder.symbols import Symbols, read_symbols
from edgeq.targets.serial_target import SocketStream
from edgeq.targets.simulators.renode_log import troubles
from edgeq.targets.simulators.renode_monitor import RenodeError, RenodeMonitor
from edgeq.targets.simulators.simulated import SimulatedTarget

SCRIPT = "renode/board.resc"
LOG = "renode.log"
SCRATCH = "renode.tmp"
"""Renode's temporary folder, beside the ELF: it leaves files there when it is ended."""

OLDEST = (1, 15, 0)
"""Of the releases whose sources were read (1.15.0 to 1.16.1) the first."""

INSTALL = Renode.install
_VERSION = re.compile(r"\bRenode\b\D{1,12}(\d+)\.(\d+)\.(\d+)")
_STARTING = 60.0
_LOADING = 180.0
"""Seconds for the script: some platforms fetch a description of their registers the first time."""
_PATIENCE = 15.0
_ASKING = 5.0
_CONNECTING = 10.0
_ENDING = 2.0
_PORTS = 5
_TERMINAL = "edgeq_console"


def find_renode() -> str:
    """The command: in the folder that RENODE_DIR names, else on PATH. Raises ToolMissingError."""
    folder = os.environ.get("RENODE_DIR")
    found = shutil.which("renode", path=folder) if folder else shutil.which("renode")
    if found is None:
        where = f"in RENODE_DIR ({folder})" if folder else "on PATH"
        raise ToolMissingError(f"there is no `renode` {where}", INSTALL)
    return found


def version_of(command: str) -> tuple[int, int, int]:
    """Which Renode a command is. Raises ToolMissingError when it does not tell."""
    child = Leashed((command, "--version"))  # a script that starts the program: both are ended
    try:
        code = child.code(_STARTING)
        said = child.said
    finally:
        child.close()
    if code is None:
        raise ToolMissingError(f"{command} --version does not end within {_STARTING:g} s", INSTALL)
    found = _VERSION.search(said)
    if found is None:
        last = " / ".join(line.strip() for line in said.splitlines()[-3:] if line.strip())
        raise ToolMissingError(f"{command} does not tell its version: {last or 'it says nothing'}", INSTALL)
    return int(found[1]), int(found[2]), int(found[3])


def check_version(version: tuple[int, int, int], board: Board) -> None:
    """Raise ToolMissingError for a Renode that is too old for a board."""
    needed = board.core.renode_since or OLDEST
    if version < needed:
        have, need = (".".join(str(part) for part in which) for which in (version, needed))
        why = f" for a {board.core.name}" if needed > OLDEST else ""
        raise ToolMissingError(f"this is Renode {have}; edgeq needs {need} or later{why}", INSTALL)


class RenodeTarget(SimulatedTarget):
    """The project's firmware in Renode, headless.

    Raises:
        ToolMissingError: Renode is not installed.
    """

    def __init__(self) -> None:
        self._command = find_renode()
        self._image: Image | None = None
        self._child: Leashed | None = None
        self._monitor: RenodeMonitor | None = None
        self._stream: SocketStream | None = None
        self._symbols = Symbols(())
        self._port = 0

    @classmethod
    def installed(cls) -> Installed:
        """By the version that it says it is."""
        try:
            path = find_renode()
            version = version_of(path)
        except ToolMissingError as error:
            return Installed("missing", error.message, INSTALL)
        told = f"{'.'.join(map(str, version))} at {path}"
        return Installed("ok", told) if version >= OLDEST else Installed("too old", told, INSTALL)

    def __enter__(self) -> RenodeTarget:
        return self

    def refuse_folder(self, folder: Path) -> None:
        """Its monitor reads some paths only."""
        _path(folder)

    def flash(self, image: Image) -> None:
        """Start Renode with the firmware.

        Raises:
            UsageError: the project's path is none that it takes.
            ToolMissingError: it is too old.
            DeviceError: it does not start, or refuses the project's script.
        """
        for path in (image.project, image.elf):
            _path(path)
        check_version(version_of(self._command), image.board)
        if not (image.project / SCRIPT).is_file():
            raise DeviceError(f"{image.project} has no {SCRIPT}", "generate the project again")
        self._symbols = read_symbols(image.elf)
        self._image = image
        self.reset()

    def reset(self) -> None:
        """Start anew, from power-on: a new Renode."""
        image = self._image
        if image is None:
            raise DeviceError("there is no firmware in Renode", "flash an image first")
        self.close()
        (image.project / LOG).unlink(missing_ok=True)
        # Without TERM it takes its output for what it is, and breaks no lines.
        environment = {name: value for name, value in os.environ.items() if name != "TERM"}
        scratch = _scratch(image)
        scratch.mkdir(parents=True, exist_ok=True)
        environment["TMPDIR"] = str(scratch)
        its_input, commands = os.pipe()
        output, its_output = os.pipe()
        try:
            self._child = Leashed(
                (self._command, "--disable-xwt", "--console", "--plain", "--hide-log"),
                stdio=(its_input, its_output),
                environment=environment,
            )
        finally:
            os.close(its_input)
            os.close(its_output)
        try:
            self._monitor = RenodeMonitor(self._child, commands, output, _STARTING)
            self._boot(self._monitor, image)
        except BaseException:
            self.close()
            raise

    def _boot(self, monitor: RenodeMonitor, image: Image) -> None:
        renode = _table(image.board)
        try:
            monitor.tell(f"logFile {_path(image.project / LOG)} true", _PATIENCE)
            monitor.tell(f"$elf={_path(image.elf)}", _PATIENCE)
            monitor.tell(f"include {_path(image.project / SCRIPT)}", _LOADING)
            self._port = _terminal(monitor)
            monitor.tell(f"connector Connect sysbus.{renode.uart} {_TERMINAL}", _PATIENCE)
            monitor.tell("start", _PATIENCE)
        except RenodeError as error:
            error.hint = _hint(error.message, image)
            raise

    def open(self) -> SocketStream:
        """The console: a new connection to the same running firmware."""
        if self._child is None:
            raise DeviceError("there is no firmware in Renode", "flash an image first")
        if self._stream is not None:
            self._stream.close()
        try:
            connection = socket.create_connection(("127.0.0.1", self._port), _CONNECTING)
        except OSError as error:
            raise DeviceError(
                f"cannot reach the console of Renode: {self.diagnosis() or error}", f"its log is {LOG}"
            ) from error
        self._stream = SocketStream(connection, "Renode's terminal", self._why_gone)
        return self._stream

    def _why_gone(self) -> str | None:
        if self._child is not None:
            self._child.code(_ENDING)
        return self.diagnosis()

    def diagnosis(self) -> str | None:
        """How Renode ended; or where the firmware is, and what it used that Renode does not model."""
        child, monitor, image = self._child, self._monitor, self._image
        if child is None or image is None:
            return None
        told = []
        if child.ending:
            told.append(f"Renode {child.ending}{f': {child.said}' if child.said else ''}")
        elif monitor is not None:
            cpu = f"sysbus.{_table(image.board).cpu}"
            place = monitor.number(f"{cpu} PC", _ASKING)
            count = monitor.number(f"{cpu} ExecutedInstructions", _ASKING)
            if place is not None:
                after = "" if count is None else f" after {count:,} instructions"
                told.append(f"in Renode the firmware is at {self._name(place)}{after}")
        return "; ".join(told + troubles(image.project / LOG, self._name)) or None

    def _name(self, address: int) -> str:
        function = self._symbols.function_at(address)
        return f"0x{address:08x}" + (f" ({function})" if function else "")

    def close(self) -> None:
        """End Renode, and what it started."""
        stream, child, monitor = self._stream, self._child, self._monitor
        self._stream = self._child = self._monitor = None
        if stream is not None:
            stream.close()
        if child is not None:
            child.close()
        if monitor is not None:
            monitor.close()
        if self._image is not None:
            shutil.rmtree(_scratch(self._image), ignore_errors=True)


def _table(board: Board) -> Renode:
    table = Renode.of(board)
    if table is None:
        raise DeviceError(
            f"{board.id} has no Renode platform", f"{document('boards.md')}: the table [renode]"
        )
    return table


def _path(path: Path) -> str:
    """A path as the monitor reads it."""
    text = str(path.absolute())
    if ";" in text or not text.isascii() or not text.isprintable():
        raise UsageError(
            f"Renode cannot be given the path {text!r}",
            "use a folder whose path has ASCII letters only, and no ; or tab",
        )
    return "@" + text.replace(" ", "\\ ")


def _hint(said: str, image: Image) -> str:
    if "ownload" in said or "http" in said:
        return "this platform of Renode's fetches a file the first time: try again with a network"
    if _table(image.board).uart_model is not None and ("Error E21" in said or "Error E25" in said):
        return "the UART's model wants more than an address: uart_size, uart_hz or attributes of the board"
    return f"it was told so by {SCRIPT} and board.repl in {image.project}; its log is {LOG} there"


def _scratch(image: Image) -> Path:
    return image.elf.absolute().parent / SCRATCH


def _terminal(monitor: RenodeMonitor) -> int:
    """Make the console's terminal on a free port; another program may take a port before Renode does."""
    for last in reversed(range(_PORTS)):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        try:
            # false: bytes as they are, without telnet's escapes.
            monitor.tell(f'emulation CreateServerSocketTerminal {port} "{_TERMINAL}" false', _PATIENCE)
        except RenodeError:
            if not last:
                raise
        else:
            return port
    raise AssertionError  # the last attempt raises
