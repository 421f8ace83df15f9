"""The compilers and their flags. What depends on the board comes from its file alone."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from edgeq.boards import Board
from edgeq.errors import BuildError, ToolMissingError, UsageError

ToolchainName = Literal["auto", "zig", "gcc"]

_INSTALL_ZIG = "install the compiler with: pip install 'edgeq[sim]'"
_VERSION_TIMEOUT = 60.0

# (core, fpu) -> what each compiler calls it.
_ZIG_CPUS: dict[tuple[str, str | None], str] = {
    ("cortex-m0", None): "cortex_m0",
    ("cortex-m0plus", None): "cortex_m0plus",
    ("cortex-m3", None): "cortex_m3",
    ("cortex-m4", None): "cortex_m4",
    ("cortex-m4", "fpv4-sp-d16"): "cortex_m4+vfp4d16sp",
    ("cortex-m7", None): "cortex_m7",
    ("cortex-m7", "fpv5-sp-d16"): "cortex_m7+fp_armv8d16sp",
    ("cortex-m7", "fpv5-d16"): "cortex_m7+fp_armv8d16",
    ("cortex-m33", None): "cortex_m33+dsp",
    ("cortex-m33", "fpv5-sp-d16"): "cortex_m33+dsp+fp_armv8d16sp",
    ("cortex-m55", None): "cortex_m55",
    ("cortex-m55", "fpv5-d16"): "cortex_m55+mve+mve_fp+fp_armv8d16+fullfp16",
}

_WARNINGS = ("-Wall", "-Wextra", "-Wconversion")
_CODE = ("-g", "-fomit-frame-pointer", "-ffunction-sections", "-fdata-sections")
_LANGUAGE = ("-std=c99", *_CODE)
_CXX_LANGUAGE = (
    "-std=c++17",
    *_CODE,
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-threadsafe-statics",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
)
_FREESTANDING = "-ffreestanding"
_FAST, _SMALL = "-O2", "-Os"
_ZIG_QUIET = (
    "-fno-sanitize=all",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
)
_HOST_LINK = ("-Wl,--gc-sections",)
_BARE_LINK = ("-Wl,--gc-sections", "-Wl,--entry=edgeq_reset", "-T", "linker.ld")


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

    name: Literal["zig", "gcc"]
    version: str
    command: tuple[str, ...]
    home: Path | None = None
    cxx: tuple[str, ...] = ()

    def describe(self) -> str:
        """Name and version, as reports show it."""
        return f"{self.name} {self.version}"

    def compile_flags(self, board: Board, *, fast: bool) -> tuple[str, ...]:
        """Flags for one C file, without paths of this machine.

        Args:
            fast: optimize for speed, as kernels need; else for size.
        """
        own = _ZIG_QUIET if self.name == "zig" else ()
        return (*self._cpu(board), *_LANGUAGE, _FAST if fast else _SMALL, *own, *_WARNINGS)

    def cxx_flags(self, board: Board) -> tuple[str, ...]:
        """Flags for one C++ file: hosted, for the C++ library's headers, and small."""
        cpu = (flag for flag in self._cpu(board) if flag != _FREESTANDING)
        return (*cpu, *_CXX_LANGUAGE, _SMALL, *_WARNINGS[:2])

    def link_flags(self, board: Board) -> tuple[str, ...]:
        """Flags for linking; the linker script is ``linker.ld`` in the working folder."""
        if board.is_host:
            return (*self._cpu(board), *_HOST_LINK)
        own = () if self.name == "zig" else ("-nostdlib", "-nostartfiles")
        return (*self._cpu(board), *own, *_BARE_LINK)

    def libraries(self, board: Board, *, c_library: bool = False) -> tuple[str, ...]:
        """What goes after the objects.

        Args:
            c_library: link the C and mathematics libraries, too: newlib's small form on bare metal.
        """
        if c_library:
            return (
                ("-lm",)
                if board.is_host
                else ("-Wl,--start-group", "-lm", "-lc_nano", "-lgcc", "-Wl,--end-group")
            )
        return ("-lgcc",) if self.name == "gcc" and not board.is_host else ()

    def _cpu(self, board: Board) -> tuple[str, ...]:
        cpu = board.cpu
        if board.is_host:
            return ("-mcpu=baseline",) if self.name == "zig" else ()
        if self.name == "zig":
            abi = "eabihf" if cpu.float_abi == "hard" else "eabi"
            return ("-target", f"thumb-freestanding-{abi}", f"-mcpu={_ZIG_CPUS[cpu.core, cpu.fpu]}")
        fpu = (f"-mfpu={cpu.fpu}",) if cpu.fpu else ()
        return (f"-mcpu={cpu.core}", "-mthumb", f"-mfloat-abi={cpu.float_abi}", *fpu, _FREESTANDING)


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
        start: tuple[str, ...] = (sys.executable, "-m", "ziglang")
    else:
        path = shutil.which("zig")
        if path is None:
            return None
        home = Path(path).resolve().parent
        start = (path,)
    return Toolchain("zig", _version((*start, "version")), (*start, "cc"), home)


@functools.cache
def _version(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_VERSION_TIMEOUT, check=True, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise BuildError(f"the compiler {command[0]} does not run: {error}", "reinstall it") from error
    return done.stdout.strip()
