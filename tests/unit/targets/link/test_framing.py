from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeq.targets.link.framing import CHUNK, ESCAPE, MAGIC, Damaged, Decoder, Frame, Kind

frames = st.builds(
    Frame,
    kind=st.integers(0, 255),
    index=st.integers(0, 255),
    number=st.integers(0, 65535),
    argument=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=CHUNK),
)


def crc32(data: bytes) -> bytes:
    """CRC-32 from its definition, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "little")


def test_bytes_on_the_wire():
    """The example of docs/link.md. The payload's CRC goes on from the header's: it covers both."""
    header = bytes.fromhex("ec 51 03 01 03 02 03 00 04 00 00 00")
    frame = Frame(Kind.LOAD, index=1, number=0x0203, argument=4, payload=b"abc").encode()
    assert frame == header + crc32(header) + b"abc" + crc32(header + b"abc")
    assert frame.hex(" ") == "ec 51 03 01 03 02 03 00 04 00 00 00 91 d6 d0 63 61 62 63 2b 23 44 98"
    empty = bytes.fromhex("ec 51 01 00 01 00 00 00 00 00 00 00")
    assert Frame(Kind.INFO, number=1).encode() == empty + crc32(empty)


@given(frames, frames, st.integers(1, 50))
def test_frames_come_back_from_any_pieces(first, second, size):
    decoder = Decoder()
    data = first.encode() + second.encode()
    got = []
    for at in range(0, len(data), size):
        decoder.feed(data[at : at + size])
        while (frame := decoder.next()) is not None:
            got.append(frame)
    assert got == [first, second]


@given(frames, st.binary(max_size=200))
def test_garbage_before_a_frame_is_skipped(frame, garbage):
    decoder = Decoder()
    decoder.feed(garbage.replace(MAGIC, b"") + frame.encode())
    assert decoder.next() == frame


def test_every_flipped_bit_is_noticed():
    frame = Frame(Kind.READ | 0x80, 0, 7, 12, bytes(range(20)))
    data = frame.encode()
    for bit in range(8 * len(data)):
        spoilt = bytearray(data)
        spoilt[bit // 8] ^= 1 << bit % 8
        decoder = Decoder()
        decoder.feed(bytes(spoilt))
        try:
            assert decoder.next() is None
        except Damaged:
            assert bit >= 8 * 16


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_never_make_a_frame(seed):
    rng = random.Random(seed)
    decoder = Decoder()
    for _ in range(200):
        decoder.feed(MAGIC + rng.randbytes(rng.randint(0, 100)))
        try:
            while decoder.next() is not None:
                pytest.fail("a frame out of nothing")
        except Damaged:
            decoder.clear()


def test_the_escape_outlasts_any_frame():
    assert len(ESCAPE) > 2 * (CHUNK + 8) + 16
    assert set(ESCAPE) == set(b"%")
