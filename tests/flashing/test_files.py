"""The firmware as Intel hex, as plain bytes and as UF2, read back by others."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from edgeq.base.errors import DeviceError
from edgeq.builder.segments import Segment, read_segments
from edgeq.targets.flashing import files

from .conftest import board_with, tiny_elf

# Odd beginnings and lengths, a gap, and a crossing of 64 KB.
SEGMENTS = (
    Segment(0x0800_0003, bytes(range(1, 50))),
    Segment(0x0800_FFF0, bytes(range(200)) * 2),
    Segment(0x0803_0000, b"\xff\x00end"),
)


def objcopy() -> str:
    for name in ("arm-none-eabi-objcopy", "objcopy"):
        if shutil.which(name):
            return name
    pytest.skip("no objcopy here (Debian: apt install binutils)")


@pytest.mark.parametrize("segments", [SEGMENTS, SEGMENTS[:1], (Segment(0x1000_0000, bytes(70_000)),)])
def test_objcopy_reads_our_hex_as_the_same_bytes(segments: tuple[Segment, ...], tmp_path: Path) -> None:
    (tmp_path / "ours.hex").write_bytes(files.intel_hex(segments))
    options = ["-I", "ihex", "-O", "binary", "--gap-fill", "0xff"]
    subprocess.run([objcopy(), *options, "ours.hex", "theirs.bin"], cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "theirs.bin").read_bytes() == files.plain(segments)


def test_plain_bytes() -> None:
    data = files.plain(SEGMENTS)
    start = SEGMENTS[0].address
    assert len(data) == SEGMENTS[-1].address + 5 - start
    for segment in SEGMENTS:
        at = segment.address - start
        assert data[at : at + len(segment.data)] == segment.data
    assert data[49] == 0xFF


def test_uf2_blocks() -> None:
    """Against the layout at https://github.com/microsoft/uf2."""
    data = files.uf2(SEGMENTS, 0xE48B_FF56)
    assert len(data) % 512 == 0
    blocks = [data[at : at + 512] for at in range(0, len(data), 512)]
    memory: dict[int, int] = {}
    for number, block in enumerate(blocks):
        first, second, flags, address, size, index, count, family = struct.unpack("<8I", block[:32])
        assert (first, second, block[508:]) == (0x0A324655, 0x9E5D5157, struct.pack("<I", 0x0AB16F30))
        assert (flags, size, index, count, family) == (0x2000, 256, number, len(blocks), 0xE48B_FF56)
        assert address % 256 == 0
        memory |= dict(enumerate(block[32 : 32 + 256], address))
    for segment in SEGMENTS:
        assert bytes(memory[segment.address + i] for i in range(len(segment.data))) == segment.data
    assert memory[0x0800_0000] == 0xFF


def test_what_lies_outside_of_the_flash_is_refused(tmp_path: Path) -> None:
    elf = tmp_path / "firmware.elf"
    elf.write_bytes(tiny_elf([(0x0800_0000, b"code"), (0x2000_0000, b"data")]))
    with pytest.raises(DeviceError, match="0x20000000, outside of the flash of desk_l4"):
        read_segments(elf, board_with("pyocd"))
    elf.write_bytes(tiny_elf([(0x0801_0000, b"later"), (0x0800_0000, b"first")]))
    assert [segment.data for segment in read_segments(elf, board_with("pyocd"))] == [b"first", b"later"]
