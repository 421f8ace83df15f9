"""A program that speaks as Renode does: its command line, its monitor, its log, its socket terminal.

What it says and how was read from Renode's sources, and seen of 1.16.1 (docs/simulator.md). Behind the
terminal runs real firmware: the ELF that it is told to load, on edgeq's own simulated core, with the memory
that the platform description gives. ``STANDIN`` in the environment names what is to go wrong.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NoReturn

VERSION = os.environ.get("STANDIN_VERSION", "1.16.1.7080")
TROUBLE = os.environ.get("STANDIN", "")
KNOWN = {"--disable-xwt", "--console", "--plain", "--hide-log", "--hide-analyzers", "--version", "-v"}
LOG = """\
04:20:11.1234 [INFO] edgeq: Machine started.
04:20:11.1990 [WARNING] sysbus: [cpu: 0x80001A4] ReadDoubleWord from an unimplemented register \
UICR:APPROTECT (0x10001208), returning a value from SVD: 0xFFFFFFFF
04:20:11.1991 [WARNING] uart0: Unhandled write to offset 0x308. Unhandled bits: [3, 5-6] when writing value \
0xFFFFFFFF. (20)
04:20:11.1992 [WARNING] nvic: Unhandled write to offset 0xF50 (ICacheInvalidateAllToPoUaIgnored), \
value 0x0. (20)
04:20:11.2000 [WARNING] sysbus: [cpu: 0x80001AC] ReadDoubleWord from non existing peripheral \
at 0x40021000. (12)
04:20:11.2001 [WARNING] sysbus: [cpu: 0x80001B0] (tag: 'FICR') ReadDoubleWord from non existing peripheral \
at 0x10000100, returning 0x00000000.
04:20:11.2002 [WARNING] uart0: Unhandled write to offset 0x50C, value 0x1. (3)
04:20:11.2003 [ERROR] cpu: CPU abort [PC=0x80001B4]: Trying to execute code outside RAM or ROM at 0x60000000.
04:20:11.2004 [WARNING] sysbus: [cpu: 0x80001B8] WriteDoubleWord of value 0x1 to an unimplemented register \
NVMC:ERASEPAGE (0x4001E508) generated from SVD
04:20:11.2005 [WARNING] sysbus: [cpu: 0x80001B8] WriteDoubleWord of value 0x1 to an unimplemented register \
NVMC:ERASEPAGE (0x4001E508) generated from SVD (10000)
"""
UNSIZED = {
    f"UART.{name}"
    for name in (
        "AppUart",
        "EFM32_UART",
        "EFR32_USART",
        "EFR32xG22_USART",
        "GaislerAPBUART",
        "LEUART",
        "LiteX_UART_64bit",
        "STM32W_UART",
        "STM32_UART",
    )
}
"""Models that do not know how many bytes they take."""
CLOCKED = {
    "UART.STM32F7_USART": "frequency",
    "UART.MiV_CoreUART": "clockFrequency",
    "UART.EFR32xG2_USART_0": "clockFrequency",
}
"""Models with a parameter that has no default."""


def check_uart(model: str, place: str, attributes: dict[str, str]) -> None:
    """Renode's complaints about an entry that lacks something."""
    if model in UNSIZED and not place.startswith("<"):
        raise Refused(
            "Error E21: Could not find any suitable constructor for this registration point.\r\n"
            f"Looking for a suitable ctor for registration point type {model}."
        )
    if model in CLOCKED and CLOCKED[model] not in attributes:
        raise Refused(f"Error E25: Could not find suitable constructor for type '{model}'.")


class Refused(Exception):
    """A command failed; what the monitor prints of it."""


class Board:
    """What the machine is made of, as edgeq's simulated core wants to know it."""

    def __init__(self, description: Path) -> None:
        self.cpu_name, self.uart_name, self.frequency, self.mips = "", "", 0, 100
        self.regions: dict[str, tuple[int, int]] = {}
        self.core = ""
        self.machine: type | None = None
        entry = uart = place = ""
        attributes: dict[str, str] = {}
        for line in description.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("//"):
                continue
            if found := re.fullmatch(r'using "(.+)"', line):
                self.use(found[1])
            elif found := re.fullmatch(
                r"(\w+): ([\w.]+) @ sysbus (<0x[0-9A-Fa-f]+, \+0x[0-9A-Fa-f]+>|0x[0-9A-Fa-f]+)?", line
            ):
                entry = found[1]
                if found[2] == "CPU.CortexM":
                    self.cpu_name = entry
                elif found[2] == "Memory.MappedMemory":
                    self.regions[entry] = (int(found[3], 16), 0)
                elif found[2].startswith("UART."):
                    self.uart_name, uart, place = entry, found[2], found[3]
                elif found[2] != "IRQControllers.NVIC":
                    raise Refused(f"Error E04: Could not resolve type: '{found[2]}'.")
            elif re.fullmatch(r"CPU\.CortexM.*", line):
                raise Refused("Error E00: Syntax error")
            elif found := re.fullmatch(r"(\w+):", line):
                entry = found[1]
            elif found := re.fullmatch(r"(\w+): CPU\.CortexM @ sysbus", line):
                entry = self.cpu_name = found[1]
            elif found := re.fullmatch(r'    cpuType: "(.+)"', line):
                self.core = found[1]
            elif found := re.fullmatch(r"    size: (0x[0-9a-f]+)", line):
                self.regions[entry] = (self.regions[entry][0], int(found[1], 16))
            elif found := re.fullmatch(r"    systickFrequency: (\d+)", line):
                self.frequency = int(found[1])
            elif found := re.fullmatch(r"    PerformanceInMips: (\d+)", line):
                self.mips = int(found[1])
            elif found := re.fullmatch(r"    (\w+): (\w+)", line):
                if entry == self.uart_name:
                    attributes[found[1]] = found[2]
            elif not re.fullmatch(r"    (\w+ )?-> \w+@\d+", line):
                raise Refused(f"Error E00: Syntax error, unexpected '{line.strip()}'")
        check_uart(uart, place, attributes)

    def use(self, platform: str) -> None:
        import standin_nrf52840 as nrf

        if platform not in nrf.PLATFORMS:
            raise Refused(f"Error E10: There was an error when loading '{platform}': it is not here.")
        self.regions = {"flash": nrf.FLASH, "ram": nrf.RAM}
        self.cpu_name, self.core, self.uart_name = "cpu", nrf.CORE, nrf.UART
        self.machine = nrf.Nrf52840

    def edgeqs(self, vectors: int) -> object:
        """Booting from the vector table: what lies before it in flash is a bootloader's."""
        from edgeq.boards import load_board

        def region(name: str) -> dict[str, int]:
            return {"address": self.regions[name][0], "size": self.regions[name][1]}

        values = load_board("sim-m4").model_dump(exclude_none=True)
        flash, ram = region("flash"), region("ram")
        before = vectors - flash["address"]
        flash = {"address": vectors, "size": flash["size"] - before}
        values |= {"flash": flash, "ram": ram}
        values["cpu"] = {**values["cpu"], "core": self.core}
        return type(load_board("sim-m4")).model_validate(values)


class Renode:
    """The monitor's state."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.macros: dict[str, list[str]] = {}
        self.machine = ""
        self.board: Board | None = None
        self.elf = ""
        self.vectors: int | None = None
        self.log: Path | None = None
        self.terminals: dict[str, socket.socket] = {}
        self.connected = ""
        self.core: object = None
        self.received: object = None
        self.sent: object = None
        release = VERSION.rpartition(".")[0]
        self.write(f"\r\n\r\nRenode, version {release} (d66b0c2a-202611290356)\r\n\r\n\r")
        self.prompt()

    # The terminal.

    def write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def prompt(self) -> None:
        self.write(f"({self.machine or 'monitor'}) ")

    def serve(self) -> NoReturn:
        line = ""
        while True:
            char = os.read(0, 1).decode("latin-1")
            if not char:
                if TROUBLE == "stays":
                    time.sleep(600)
                os._exit(0)
            if char != "\n":
                line += char
                self.write(char + "\x1b[J")  # a line editor's echo, cursor sequences and all
                continue
            self.write("\n\r")
            self.parse(line)
            line = ""
            self.prompt()

    def parse(self, line: str) -> bool:
        if line.lstrip().startswith(":"):  # a comment takes the whole line, semicolons and all
            return True
        for command in filter(
            None, (part.strip() for part in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", line))
        ):
            try:
                self.run(command)
            except Refused as refused:
                text = str(refused)
                if not text.startswith(("No such", "Could not", "Bad parameters")):
                    text = f"There was an error executing command '{command}'\r\n{text}"
                self.write(text + "\r\n")
                return False
        return True

    # Commands.

    def path(self, text: str) -> Path:
        if text.startswith("$ORIGIN"):
            text = self.variables["ORIGIN"] + text.removeprefix("$ORIGIN")
        elif text.startswith("$"):
            text = self.variables.get(text[1:], "")
        if not re.fullmatch(r"@(?:(?!;)(?:\\ |[!-~]))+", text):  # Mono's knows ASCII only
            raise Refused(f"Could not tokenize here:\r\n{text}")
        return Path(text[1:].replace("\\ ", " "))

    def run(self, command: str) -> None:
        if TROUBLE == "dies" and command == "start":
            sys.stderr.write("Fatal error:\nSystem.OutOfMemoryException: Out of memory.\n")
            os._exit(134)
        if TROUBLE == "stuck" and command.startswith("include"):
            time.sleep(600)
        if found := re.fullmatch(r"\$(\w+)\s*(\?)?=\s*(\S.*)", command):
            if not (found[2] and found[1] in self.variables):
                value = found[3]
                if value.startswith("$ORIGIN"):
                    value = self.variables["ORIGIN"] + value.removeprefix("$ORIGIN")
                self.variables[found[1]] = value
        elif found := re.fullmatch(r"logFile (\S.*) true", command):
            self.log = self.path(found[1])
            self.log.write_text("")
        elif command.startswith("logFile"):
            raise Refused(
                "Bad parameters for command logFile \r\nlogFile [ logF ]\r\nsets the output file for logger."
            )
        elif found := re.fullmatch(r"include (\S.*)", command):
            self.include(self.path(found[1]))
        elif found := re.fullmatch(r'mach create "(.+)"', command):
            self.machine = found[1]
        elif found := re.fullmatch(r"machine LoadPlatformDescription (\S.*)", command):
            self.board = Board(self.path(found[1]))
        elif found := re.fullmatch(r"runMacro \$(\w+)", command):
            for line in self.macros[found[1]]:
                if not self.parse(line.strip()):
                    raise Refused("the macro failed")
        elif found := re.fullmatch(r"sysbus LoadELF (\S.*)", command):
            path = self.path(found[1])
            if not path.is_file():
                raise Refused(f"Could not find file '{path}'")
            self.elf = str(path)
        elif self.board and (
            found := re.fullmatch(rf"sysbus\.{self.board.cpu_name} VectorTableOffset (0x[0-9a-f]+)", command)
        ):
            self.vectors = int(found[1], 16)
        elif found := re.fullmatch(r'emulation CreateServerSocketTerminal (\d+) "(\w+)" false', command):
            self.terminal(int(found[1]), found[2])
        elif found := re.fullmatch(r"connector Connect sysbus\.(\w+) (\w+)", command):
            if self.board is None or found[1] != self.board.uart_name or found[2] not in self.terminals:
                raise Refused(f"Could not find device: {found[1]}")
            self.connected = found[2]
        elif command == "start":
            self.write("Starting emulation...\r\n")
            self.start()
        elif self.board and command == f"sysbus.{self.board.cpu_name} PC":
            sampled = self.core.sample() if self.core else None  # type: ignore[attr-defined]
            self.write(f"0x{sampled[0] if sampled else 0:x}\r\n")
        elif self.board and command == f"sysbus.{self.board.cpu_name} ExecutedInstructions":
            self.write("0x00000000000F4240\r\n")
        elif self.board and (found := re.fullmatch(rf"(sysbus\.{self.board.cpu_name}) (\w+)", command)):
            raise Refused(f"{found[1]} does not provide a field, method or property {found[2]}.")
        elif found := re.fullmatch(r"python \"print\('([\w-]*)' \+ '(\w*)'\)\"", command):
            self.write(found[1] + found[2] + "\n")
        else:
            raise Refused(f"No such command or device: {command.split(maxsplit=1)[0]}")

    def include(self, path: Path) -> None:
        if not path.is_file():
            raise Refused(f"File does not exist: {path}")
        self.variables["ORIGIN"] = "@" + str(path.parent).replace(" ", "\\ ")
        lines = path.read_text(encoding="utf-8").splitlines()
        while lines:
            line = lines.pop(0)
            if found := re.fullmatch(r"macro (\w+)", line):
                assert lines.pop(0) == '"""'
                end = lines.index('"""')
                self.macros[found[1]], lines = lines[:end], lines[end + 1 :]
            elif not self.parse(line):
                raise Refused("the script was left")

    def terminal(self, port: int, name: str) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken = self.variables.setdefault("attempts", "0")
        self.variables["attempts"] = str(int(taken) + 1)
        try:
            if TROUBLE == "ports" or (TROUBLE == "port" and taken == "0"):
                raise OSError
            listener.bind(("0.0.0.0", port))  # as Renode does
        except OSError:
            raise Refused(
                f"Unable to create '0.0.0.0:{port}' socket:[AddressAlreadyInUse] Address already in use"
            ) from None
        listener.listen(1)
        self.terminals[name] = listener

    # The emulation.

    def start(self) -> None:
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from edgeq.builder.segments import read_segments
        from edgeq.targets.simulators.unicorn_machine import Machine
        from edgeq.targets.stream import ByteQueue

        assert self.board is not None
        if TROUBLE == "unmodelled":
            assert self.log is not None
            with self.log.open("a") as log:
                log.write(LOG)
            return
        assert self.vectors is not None, "VectorTableOffset was not set"
        board = self.board.edgeqs(self.vectors)
        received, sent = ByteQueue(), ByteQueue()
        image = read_segments(Path(self.elf), board)  # type: ignore[arg-type]
        first = next(part for part in image if part.address == self.vectors)
        assert struct.unpack_from("<I", first.data, 4)[0] & 1, "no vector table at VectorTableOffset"
        machine = (self.board.machine or Machine)(board, image, received, sent)  # type: ignore[arg-type]
        self.core, self.received, self.sent = machine, received, sent
        threading.Thread(target=machine.run, daemon=True).start()
        if self.connected:
            threading.Thread(target=self.console, args=(received, sent), daemon=True).start()

    def console(self, received: object, sent: object) -> None:
        listener = self.terminals[self.connected]
        while True:
            client, _ = listener.accept()
            gone = threading.Event()

            def talk(client: socket.socket = client, gone: threading.Event = gone) -> None:
                while not gone.is_set():
                    if sent.wait(0.1):  # type: ignore[attr-defined]
                        client.sendall(sent.take(1 << 16))  # type: ignore[attr-defined]
                        if TROUBLE == "crashes":
                            sys.stderr.write("Unhandled exception. System.NullReferenceException\n")
                            sys.stderr.flush()
                            os._exit(134)

            threading.Thread(target=talk, daemon=True).start()
            while data := client.recv(1 << 16):
                received.put(data)  # type: ignore[attr-defined]
            gone.set()


def main() -> None:
    arguments = sys.argv[1:]
    unknown = [argument for argument in arguments if argument not in KNOWN]
    if unknown:
        sys.stdout.write(f"Unrecognized option: {unknown[0]}\n")
        sys.exit(1)
    if TROUBLE == "mute":
        time.sleep(600)
    if {"--version", "-v"} & set(arguments):
        # As LongVersionString in Renode's Program.cs.
        sys.stdout.write(
            f"Renode v{VERSION}\n  build: 0add012a\n  build type: Release\n  runtime: .NET 8.0.7\n"
        )
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    if TROUBLE == "silent":
        time.sleep(600)
    if TROUBLE == "broken":
        sys.stderr.write("You must install .NET to run this application.\n")
        sys.exit(150)
    # It removes this when it quits, and not when it is ended.
    (Path(tempfile.gettempdir()) / f"renode-{os.getpid()}").mkdir()
    Renode().serve()


if __name__ == "__main__":
    main()
