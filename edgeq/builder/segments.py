"""What an ELF file puts into flash: for whoever loads or writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgeq.base.errors import DeviceError
from edgeq.boards import Board


@dataclass(frozen=True)
class Segment:
    """Bytes of the ELF and where they lie."""

    address: int
    data: bytes


def read_segments(elf: Path, board: Board) -> tuple[Segment, ...]:
    """By address in flash; initial values of variables lie behind the code.

    Raises:
        DeviceError: the file cannot be read, or has something outside of the board's flash.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    assert board.flash is not None  # noqa: S101 - Board's own rule: only a host has none
    segments = []
    try:
        with elf.open("rb") as file:
            for header in ELFFile(file).iter_segments("PT_LOAD"):
                if header["p_filesz"]:
                    segments.append(Segment(header["p_paddr"], header.data()))
    except (OSError, ELFError) as error:
        raise DeviceError(f"cannot read the firmware {elf}: {error}", "build it again") from error
    for segment in segments:
        if segment.address < board.flash.address or segment.address + len(segment.data) > board.flash.end:
            raise DeviceError(
                f"{elf} has code or data at 0x{segment.address:08x}, outside of the flash of {board.id}",
                "build it again for this board",
            )
    return tuple(sorted(segments, key=lambda segment: segment.address))
