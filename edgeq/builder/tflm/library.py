"""The one library of a tree that fits a board and a network, or the command of TFLM's that makes it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgeq.base.errors import BuildError, UsageError
from edgeq.boards import Board
from edgeq.boards.cores import ARCHITECTURES
from edgeq.builder.tflm.archive import Archive, read_archive
from edgeq.builder.tflm.tree import MADE_FOR, Kernels, Tree, open_tree

_HOST_MACHINES = {"x86_64": "EM_X86_64", "aarch64": "EM_AARCH64", "arm64": "EM_AARCH64"}
_MAKEFILE = "tensorflow/lite/micro/tools/make/Makefile"


@dataclass(frozen=True)
class Needs:
    """What a network needs of TFLM.

    Attributes:
        adds: methods of MicroMutableOpResolver.
        registrations: the int8 registrations that they are called with.
        kernels: which kernels; None for the fastest that there is a library of.
    """

    adds: tuple[str, ...]
    registrations: tuple[str, ...]
    kernels: Kernels | None = None


@dataclass(frozen=True)
class Library:
    """A verified library and how to compile against it.

    Attributes:
        archive: the static library.
        includes: folders of headers.
        kernels: which kernels are in it.
        defines: macros with which the library was made and applications must be, too.
        commit: of the tree; None where it is not known.
        sha256: of the library's file.
    """

    archive: Path
    includes: tuple[Path, ...]
    kernels: Kernels
    defines: tuple[str, ...]
    commit: str | None
    sha256: str

    @property
    def remark(self) -> str:
        """What a user should know of it; empty where there is nothing."""
        if self.commit in (None, MADE_FOR):
            return ""
        return (
            f"this TFLM is commit {str(self.commit)[:12]}; edgeq's scaffold was made for and run with "
            f"{MADE_FOR[:12]}"
        )


def make_command(board: Board, kernels: Kernels | None) -> str:
    """TFLM's documented command that makes the library for a board, in the root of its tree."""
    target = () if board.is_host else ("TARGET=cortex_m_generic", *board.variant.tflm)
    optimized = ("OPTIMIZED_KERNEL_DIR=cmsis_nn",) if kernels != "reference" and not board.is_host else ()
    return " ".join(("make -f", _MAKEFILE, *target, *optimized, "BUILD_TYPE=release microlite"))


def require_folder(given: Path | None, board: Board, kernels: Kernels | None) -> Path:
    """Where TensorFlow Lite Micro is.

    Raises:
        UsageError: nobody said.
    """
    if given is None:
        raise UsageError(
            "this project needs TensorFlow Lite Micro, and nothing says where it is",
            "give --tflm-dir, or set TFLM_DIR or `tflm_dir` in edgeq.toml: a checkout of "
            "github.com/tensorflow/tflite-micro in which you have run: " + make_command(board, kernels),
        )
    return given


def find_library(root: Path, board: Board, needs: Needs) -> Library:
    """The library of a tree that fits.

    Raises:
        UsageError: there is no TFLM in ``root``.
        BuildError: it lacks what the network needs, or no library fits the board: the message says why each
            does not, and the hint is the command that makes a fitting one.
    """
    tree = open_tree(root)
    _check_operators(tree, needs)
    command = f"in {tree.root} run: {make_command(board, needs.kernels)}"
    if not tree.libraries:
        raise BuildError(f"there is no TFLM library in {tree.root} yet", command)
    archives = [read_archive(path) for path in tree.libraries]
    reasons = {archive.path: misfit(archive, board, needs.kernels) for archive in archives}
    fitting = [archive for archive in archives if not reasons[archive.path]]
    if not fitting:
        told = "; ".join(f"{_short(path, tree)} {reason}" for path, reason in reasons.items())
        raise BuildError(f"no TFLM library fits {board.id}: {told}", command)
    # CMSIS-NN where both are there, and the smaller of what is left: without error strings.
    best = min(fitting, key=lambda archive: (not archive.has_cmsis_nn, archive.logs, archive.path))
    return _library(tree, best)


def misfit(archive: Archive, board: Board, kernels: Kernels | None) -> str:
    """Why a library is not for a board; empty where it is."""
    reasons = _host_misfit(archive) if board.is_host else _core_misfit(archive, board)
    first = next(reasons, "")
    if first:
        return first
    if archive.asserts:
        return "has assertions, which cost five to eight times the time (BUILD_TYPE=release has none)"
    if kernels is not None and archive.has_cmsis_nn != (kernels == "cmsis_nn"):
        return "has CMSIS-NN" if archive.has_cmsis_nn else "does not have CMSIS-NN"
    return ""


def _host_misfit(archive: Archive) -> Iterator[str]:
    if archive.machine != _HOST_MACHINES.get(platform.machine()):
        yield f"is for {archive.machine}, not for this machine"


def _core_misfit(archive: Archive, board: Board) -> Iterator[str]:
    """Each reason why the library is not for this processor, the plainest first."""
    fpu = board.variant.fpu
    if archive.machine != "EM_ARM":
        yield f"is for {archive.machine}"
    if archive.cpu_arch not in [architecture.tag for architecture in board.core.architectures]:
        known = ARCHITECTURES.get(archive.cpu_arch or 0)
        name = known.name if known is not None else f"architecture {archive.cpu_arch}"
        yield f"is for {name}, not for {board.core.name}"
    if archive.hard_float != (board.cpu.float_abi == "hard"):
        has, wants = ("hard", "soft") if archive.hard_float else ("soft", "hard")
        yield f"has the {has} float ABI, and the board's is {wants}"
    if archive.fp_arch > (0 if fpu is None else fpu.tag):
        yield "uses an FPU that the board does not have"
    if fpu is not None and not fpu.double and archive.fp_arch and not archive.single_only:
        yield "uses double-precision instructions, and the FPU has single precision only"
    if archive.vectors and not board.core.helium:
        yield "uses Helium instructions"


def _check_operators(tree: Tree, needs: Needs) -> None:
    def report(what: str, missing: Sequence[str]) -> None:
        if missing:
            raise BuildError(
                f"the TFLM in {tree.root} has no {what} {', '.join(missing)}",
                f"check out a newer TFLM; edgeq was made for commit {MADE_FOR}",
            )

    report("operator", [name for name in needs.adds if name not in tree.adds])
    report("registration", [name for name in needs.registrations if name not in tree.registrations])


def _library(tree: Tree, archive: Archive) -> Library:
    defines = ["TF_LITE_STATIC_MEMORY"]
    if not archive.asserts:
        defines.append("NDEBUG")
    if not archive.logs:
        defines.append("TF_LITE_STRIP_ERROR_STRINGS")
    if archive.has_cmsis_nn:
        defines.append("CMSIS_NN")
    if archive.log_callback:
        defines.append("EDGEQ_TFLM_LOG_CALLBACK")
    return Library(
        archive=archive.path,
        includes=tree.includes,
        kernels="cmsis_nn" if archive.has_cmsis_nn else "reference",
        defines=tuple(defines),
        commit=tree.commit,
        sha256=hashlib.sha256(archive.path.read_bytes()).hexdigest(),
    )


def _short(path: Path, tree: Tree) -> str:
    return path.relative_to(tree.root).as_posix() if path.is_relative_to(tree.root) else str(path)
