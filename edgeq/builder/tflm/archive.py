"""What a static library says of itself: the core and float ABI that it is for, and what is in it."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgeq.base.errors import BuildError

_MAGIC = b"!<arch>\n"
_HEADER = 60
_LARGEST = 1 << 28
_AGAIN = "make the library again (make … microlite), or give the right --tflm-dir"
_ASSERTS = (b"__assert_func\0", b"__assert_fail\0")


@dataclass(frozen=True)
class Archive:
    """A static library.

    Attributes:
        path: the file.
        machine: ``"EM_ARM"``, ``"EM_X86_64"``, …
        cpu_arch: the build attribute Tag_CPU_arch of the ARM ABI (13 is Armv7E-M); None elsewhere.
        fp_arch: Tag_FP_arch; 0 without floating-point instructions.
        single_only: whether those are of single precision only (Tag_ABI_HardFP_use).
        hard_float: whether floats are passed in the FPU's registers (Tag_ABI_VFP_args).
        vectors: whether it has Helium instructions (Tag_MVE_arch).
        members: its object files' names.
        asserts: whether assertions were compiled in, that is without NDEBUG.
        logs: whether error messages were compiled in, that is without TF_LITE_STRIP_ERROR_STRINGS.
        log_callback: whether it logs through a callback that the application registers.
    """

    path: Path
    machine: str
    cpu_arch: int | None
    fp_arch: int
    single_only: bool
    hard_float: bool
    vectors: bool
    members: frozenset[str]
    asserts: bool
    logs: bool
    log_callback: bool

    @property
    def has_cmsis_nn(self) -> bool:
        """Whether CMSIS-NN is in it."""
        return "arm_convolve_s8.o" in self.members


def read_archive(path: Path) -> Archive:
    """What a static library says.

    All objects have to be of one machine, float ABI and architecture: a mixed library links into firmware
    that faults.

    Raises:
        BuildError: it cannot be read, is no static library, or is a mixed one.
    """
    try:
        told = path.stat()
        if told.st_size > _LARGEST:
            raise BuildError(f"{path} is too large for a TFLM library", _AGAIN)
        return _read(path, told.st_mtime_ns, told.st_size)
    except OSError as error:
        raise BuildError(f"cannot read {path}: {error.strerror or error}", _AGAIN) from error


@functools.lru_cache(maxsize=32)
def _read(path: Path, _changed: int, _size: int) -> Archive:
    """Reading takes half a second, and one run asks several times."""
    data = path.read_bytes()
    members: list[str] = []
    kinds: dict[_Kind, str] = {}
    for name, content in _members(path, data):
        members.append(name)
        kinds.setdefault(_attributes(path, name, content), name)
    if not kinds:
        raise BuildError(f"{path} holds no object files", _AGAIN)
    if len({(kind[0], kind[1], kind[4]) for kind in kinds}) > 1:
        first, second = list(kinds.values())[:2]
        raise BuildError(
            f"{path} mixes objects for different cores or float ABIs ({first}, {second})",
            "make clean, and make the library again",
        )
    machine, cpu_arch, _, _, hard_float, _ = next(iter(kinds))
    return Archive(
        path=path,
        machine=machine,
        cpu_arch=cpu_arch,
        fp_arch=max(kind[2] for kind in kinds),
        single_only=all(kind[3] for kind in kinds if kind[2]),
        hard_float=hard_float,
        vectors=any(kind[5] for kind in kinds),
        members=frozenset(members),
        asserts=any(name in data for name in _ASSERTS),
        logs=b"_Z11MicroPrintfPKcz\0" in data,
        log_callback=b"RegisterDebugLogCallback\0" in data,
    )


_Kind = tuple[str, int | None, int, bool, bool, bool]


def _members(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the object files, in the System V form that GNU ar and LLVM's write."""
    if not data.startswith(_MAGIC):
        raise BuildError(f"{path} is not a static library", _AGAIN)
    place, names = len(_MAGIC), b""
    while place + _HEADER <= len(data):
        header = data[place : place + _HEADER]
        place += _HEADER
        try:
            name, size = header[:16].decode("ascii").strip(), int(header[48:58])
        except ValueError as error:
            raise BuildError(f"{path} is damaged at byte {place - _HEADER}", _AGAIN) from error
        content = data[place : place + size]
        if size < 0 or len(content) != size:
            raise BuildError(f"{path} is cut off", _AGAIN)
        place += size + size % 2
        if name == "//":
            names = content
        elif name not in ("/", "/SYM64/"):
            if name.startswith("/") and name[1:].isdigit():
                name = names[int(name[1:]) :].partition(b"\n")[0].decode("utf-8", "replace")
            yield name.rstrip("/"), content


def _attributes(path: Path, name: str, content: bytes) -> _Kind:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(io.BytesIO(content))
        machine = str(elf["e_machine"])
        section: Any = elf.get_section_by_name(".ARM.attributes") if machine == "EM_ARM" else None
        if section is None:
            return machine, None, 0, False, False, False
        tags = {
            attribute.tag: attribute.value
            for part in section.iter_subsections()
            for scope in part.iter_subsubsections()
            for attribute in scope.iter_attributes()
        }
    except (ELFError, ValueError, KeyError, IndexError, UnicodeDecodeError) as error:
        raise BuildError(f"{path}: {name} is no object file: {error}", _AGAIN) from error
    return (
        machine,
        tags.get("TAG_CPU_ARCH"),
        int(tags.get("TAG_FP_ARCH", 0)),
        tags.get("TAG_ABI_HARDFP_USE") == 1,
        tags.get("TAG_ABI_VFP_ARGS") == 1,
        bool(tags.get("TAG_MVE_ARCH", 0)),
    )
