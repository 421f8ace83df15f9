"""The compilers' flags, for edgeq's builder and for CMake; what depends on the board comes from its file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

from edgeq.boards import Board

Compiler = Literal["gcc", "zig"]

_SECTIONS = ("-ffunction-sections", "-fdata-sections")
_CODE = ("-g", "-fomit-frame-pointer", *_SECTIONS)
C_LANGUAGE = ("-std=c99", *_CODE)
CXX_LANGUAGE = (
    "-std=c++17",
    *_CODE,
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-threadsafe-statics",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
)
C_WARNINGS = ("-Wall", "-Wextra", "-Wconversion")
CXX_WARNINGS = C_WARNINGS[:2]
FAST, SMALL = "-O2", "-Os"
SMALLEST: dict[Compiler, tuple[str, ...]] = {"gcc": (), "zig": ("-Xclang", "-Oz")}
"""What makes C smaller still, after ``SMALL``. zig takes ``-Oz`` for ``-Os``, but its clang does not."""
_FREESTANDING = "-ffreestanding"
_ZIG_QUIET = (
    "-fno-sanitize=all",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
)
_BARE_ALONE = ("-nostdlib", "-nostartfiles")

WHOLE, APART = "-flto", "-fno-lto"
_WHOLE_LINK: dict[Compiler, tuple[str, ...]] = {
    "gcc": (WHOLE, "-flto-partition=none", _FREESTANDING, *_SECTIONS),  # what its objects do not say
    "zig": (WHOLE,),
}
_KERNELS, _PORT = "kernels", "port"


def is_fast(source: str) -> bool:
    """Whether a file of a project is made fast, as kernels are; all others are made small."""
    return _KERNELS in PurePosixPath(source).parts


def is_apart(source: str) -> bool:
    """Whether a file is compiled by itself where the others are one program.

    In what touches registers, interrupts and buffers of devices, the order of things is more than C says.
    """
    return _PORT in PurePosixPath(source).parts


def optimization(compiler: Compiler, source: str) -> tuple[str, ...]:
    """How a C file is optimized: for speed or for size."""
    return (FAST,) if is_fast(source) else (SMALL, *SMALLEST[compiler])


def whole(board: Board, source: str) -> tuple[str, ...]:
    """What has C compiled only when it is linked, as one program: what is not for this network falls away.

    A host's program needs not be small, and its linker may not be able to.
    """
    return () if board.is_host else (APART if is_apart(source) else WHOLE,)


def link_whole(board: Board, compiler: Compiler) -> tuple[str, ...]:
    """The same for the linker."""
    return () if board.is_host else _WHOLE_LINK[compiler]


def cpu(board: Board, compiler: Compiler) -> tuple[str, ...]:
    """The processor, its FPU and how floats are passed: the same for compiling C, C++ and for linking."""
    of = board.cpu
    if board.is_host:
        return ("-mcpu=baseline",) if compiler == "zig" else ()
    if compiler == "zig":
        abi = "eabihf" if of.float_abi == "hard" else "eabi"
        return ("-target", f"thumb-freestanding-{abi}", f"-mcpu={board.variant.zig}")
    fpu = (f"-mfpu={of.fpu}",) if of.fpu else ()
    return (f"-mcpu={of.core}", "-mthumb", f"-mfloat-abi={of.float_abi}", *fpu)


def always(board: Board, compiler: Compiler) -> tuple[str, ...]:
    """What every C file is compiled with beside the processor: without C library, and nothing unasked for."""
    if compiler == "zig":
        return _ZIG_QUIET
    return () if board.is_host else (_FREESTANDING,)


def link_alone(board: Board, compiler: Compiler) -> tuple[str, ...]:
    """What keeps a compiler from linking its own start-up code and libraries."""
    return _BARE_ALONE if compiler == "gcc" and not board.is_host else ()


def link(board: Board) -> tuple[str, ...]:
    """What is linked, and where to; the linker script is ``linker.ld`` in the project's folder."""
    if board.is_host:
        return ("-Wl,--gc-sections",)
    return ("-Wl,--gc-sections", "-Wl,--entry=edgeq_reset", "-T", "linker.ld")


def libraries(board: Board, compiler: Compiler, *, c_library: bool = False) -> tuple[str, ...]:
    """What goes after the objects.

    Args:
        c_library: link the C and mathematics libraries, too: newlib's small form on bare metal.
    """
    if c_library:
        bare = ("-Wl,--start-group", "-lm", "-lc_nano", "-lgcc", "-Wl,--end-group")
        return ("-lm",) if board.is_host else bare
    return ("-lgcc",) if compiler == "gcc" and not board.is_host else ()
