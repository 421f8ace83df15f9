"""The firmware in the forms that flash tools take: Intel hex, plain bytes, UF2."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from edgeq.boards.flashing.runner import BIN, HEX
from edgeq.builder.segments import Segment

_HEX_BYTES = 16
_DATA, _END, _HIGH = 0, 1, 4

_UF2_PAGE = 256
_UF2_ROOM = 476
_UF2_FIRST, _UF2_SECOND, _UF2_LAST = 0x0A32_4655, 0x9E5D_5157, 0x0AB1_6F30
_UF2_HAS_FAMILY = 0x2000
_ERASED = 0xFF


def in_form(form: str, elf: Path, segments: Sequence[Segment]) -> bytes:
    """The firmware as a tool takes it: by the name of the file that it is to be."""
    if form == HEX:
        return intel_hex(segments)
    return plain(segments) if form == BIN else elf.read_bytes()


def intel_hex(segments: Sequence[Segment]) -> bytes:
    """Intel hex with 32-bit addresses; no start address, since the core boots from its vector table."""
    lines: list[str] = []
    high = 0
    for segment in segments:
        end = segment.address + len(segment.data)
        at = segment.address
        while at < end:
            if at >> 16 != high:
                high = at >> 16
                lines.append(_record(_HIGH, 0, high.to_bytes(2, "big")))
            stop = min(end, (at // _HEX_BYTES + 1) * _HEX_BYTES)  # a record never crosses 64 KB
            data = segment.data[at - segment.address : stop - segment.address]
            lines.append(_record(_DATA, at & 0xFFFF, data))
            at = stop
    lines.append(_record(_END, 0, b""))
    return "".join(f"{line}\n" for line in lines).encode()


def _record(kind: int, address: int, data: bytes) -> str:
    body = bytes([len(data), address >> 8, address & 0xFF, kind]) + data
    return f":{(body + bytes([-sum(body) & 0xFF])).hex().upper()}"


def plain(segments: Sequence[Segment]) -> bytes:
    """The bytes from the first address on; what lies between segments is as after erasing."""
    start = segments[0].address
    end = max(segment.address + len(segment.data) for segment in segments)
    data = bytearray([_ERASED]) * (end - start)
    for segment in segments:
        at = segment.address - start
        data[at : at + len(segment.data)] = segment.data
    return bytes(data)


def uf2(segments: Sequence[Segment], family: int) -> bytes:
    """UF2 with whole pages of 256 bytes.

    Args:
        family: of the chip, as https://github.com/microsoft/uf2 lists them.
    """
    pages: dict[int, bytearray] = {}
    for segment in segments:
        for at, byte in enumerate(segment.data, segment.address):
            page = pages.setdefault(at - at % _UF2_PAGE, bytearray([_ERASED]) * _UF2_PAGE)
            page[at % _UF2_PAGE] = byte
    blocks = []
    for number, (address, page) in enumerate(sorted(pages.items())):
        words = (_UF2_FIRST, _UF2_SECOND, _UF2_HAS_FAMILY, address, _UF2_PAGE, number, len(pages), family)
        head = struct.pack("<8I", *words)
        blocks.append(head + bytes(page).ljust(_UF2_ROOM, b"\0") + struct.pack("<I", _UF2_LAST))
    return b"".join(blocks)
