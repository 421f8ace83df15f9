"""The compilers on this machine."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from edgeq.base.errors import BuildError, ToolMissingError, UsageError
from edgeq.boards import Board
from edgeq.builder import flags

ToolchainName = Literal["auto", "zig", "gcc"]

_INSTALL_ZIG = "install the compiler with: pip install 'edgeq[sim]'"
_VERSION_TIMEOUT = 60.0


@dataclass(frozen=True)
class Toolchain:
    """A compiler on this machine.

    Attributes:
        name: ``"zig"`` or ``"gcc"``.
        version: its own version text.
        command: how it is started, without flags.
        home: the folder of its headers, hidden from debug information; None where it is the system's.
        cxx: how its C++ compiler is started; empty where it has none for the board.
    """

    name: flags.Compiler
    version: str
    command: tuple[str, ...]
    home: Path | None = None
    cxx: tuple[str, ...] = ()

    def describe(self) -> str:
        """Name and version, as reports show it."""
        return f"{self.name} {self.version}"

    def identity(self) -> tuple[str, ...]:
        """What tells this compiler from another, an exchanged one of the same version included."""
        program = Path(self.command[0]).stat()
        return (self.describe(), str(program.st_size), str(program.st_mtime_ns))

    @property
    def is_whole(self) -> bool:
        """Whether C is compiled as one program when it is linked: not beside a library, which is finished."""
        return not self.cxx

    def compile_flags(self, board: Board, source: str) -> tuple[str, ...]:
        """Flags for one C file, without paths of this machine.

        Args:
            source: its place in the project, by which it is made fast or small.
        """
        core = (*flags.cpu(board, self.name), *flags.always(board, self.name))
        own = (*flags.optimization(self.name, source), *(flags.whole(board, source) if self.is_whole else ()))
        return (*core, *flags.C_LANGUAGE, *own, *flags.C_WARNINGS)

    def cxx_flags(self, board: Board) -> tuple[str, ...]:
        """Flags for one C++ file: hosted, for the C++ library's headers, and small."""
        return (*flags.cpu(board, self.name), *flags.CXX_LANGUAGE, flags.SMALL, *flags.CXX_WARNINGS)

    def link_flags(self, board: Board) -> tuple[str, ...]:
        """Flags for linking; the linker script is ``linker.ld`` in the working folder."""
        whole = flags.link_whole(board, self.name) if self.is_whole else ()
        return (*flags.cpu(board, self.name), *flags.link_alone(board, self.name), *whole, *flags.link(board))

    def libraries(self, board: Board, *, c_library: bool = False) -> tuple[str, ...]:
        """What goes after the objects. Args as :func:`edgeq.builder.flags.libraries`."""
        return flags.libraries(board, self.name, c_library=c_library)


def find_toolchain(name: ToolchainName, board: Board) -> Toolchain:
    """The compiler to use for a board: ``"auto"`` takes zig where it is installed, else gcc.

    Raises:
        ToolMissingError: it is not installed.
        BuildError: it is, but does not run.
    """
    if name in ("auto", "zig"):
        found = _zig()
        if found is not None:
            return found
        if name == "zig":
            raise ToolMissingError("zig is not installed", _INSTALL_ZIG)
    commands = ("gcc", "cc") if board.is_host else ("arm-none-eabi-gcc",)
    for command in commands:
        path = shutil.which(command)
        if path is not None:
            return Toolchain("gcc", _version((path, "-dumpfullversion")), (path,))
    package = "gcc" if board.is_host else "gcc-arm-none-eabi"
    hint = f"{_INSTALL_ZIG}, or {commands[0]} (Debian: apt install {package})"
    raise ToolMissingError(f"there is no compiler for {board.id}: neither zig nor {commands[0]}", hint)


def find_cxx_toolchain(name: ToolchainName, board: Board) -> Toolchain:
    """The compiler of C++ for a board: GNU's, since zig brings no C++ and C library for bare metal.

    Raises:
        UsageError: zig is asked for.
        ToolMissingError: it is not installed.
        BuildError: it is, but does not run.
    """
    if name == "zig":
        raise UsageError(
            "zig has no C++ and C library for bare metal, which TensorFlow Lite Micro needs",
            "use --toolchain gcc for this project",
        )
    command = "g++" if board.is_host else "arm-none-eabi-g++"
    path = shutil.which(command)
    if path is None:
        package = "g++" if board.is_host else "gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib"
        raise ToolMissingError(
            f"{command} is not installed, which TensorFlow Lite Micro for {board.id} needs",
            f"Debian: apt install {package}",
        )
    found = find_toolchain("gcc", board)
    return replace(found, cxx=(path,))


def _zig() -> Toolchain | None:
    spec = importlib.util.find_spec("ziglang")
    if spec is not None and spec.submodule_search_locations:
        home = Path(spec.submodule_search_locations[0])
        path = str(home / "zig")
    else:
        found = shutil.which("zig")
        if found is None:
            return None
        home, path = Path(found).resolve().parent, found
    return Toolchain("zig", _version((path, "version")), (path, "cc"), home)


@functools.cache
def _version(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_VERSION_TIMEOUT, check=True, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise BuildError(f"the compiler {command[0]} does not run: {error}", "reinstall it") from error
    return done.stdout.strip()
