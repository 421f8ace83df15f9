"""Frames of the bulk mode, as docs/link.md specifies them and ``edgeq_bulk.c`` speaks them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

MAGIC = b"\xec\x51"
LINK_VERSION = 3
CHUNK = 1024
"""The most payload bytes a frame may have in this version; a device may say less in its profile."""

ESCAPE = b"%" * (2 * CHUNK + 64)
"""Brings a device out of bulk mode from wherever it is in a frame; text mode takes it for empty commands."""

_HEADER = struct.Struct("<2sBBHHI")
HEADER_BYTES = _HEADER.size + 4


class Kind(IntEnum):
    """What a request asks for. An answer has the same value plus ``ANSWER``."""

    INFO = 1
    DESCRIBE = 2
    LOAD = 3
    RUN = 4
    READ = 5
    EXIT = 6
    RESET = 7
    INFER = 8


ANSWER = 0x80
GENERATION = 0x10
"""A kind's upper bits tell how often its frame was sent, modulo ``GENERATIONS``; so do the answer's."""

GENERATIONS = 8
NAK = 0xFF
"""The type of the answer to a frame that came damaged; its number means nothing."""


class Status(IntEnum):
    """How a request went; in an answer's ``index``."""

    OK = 0
    OUT_OF_ORDER = 1
    DAMAGED = 2
    BAD_REQUEST = 3
    NOT_LOADED = 4
    RUN_FAILED = 5


@dataclass(frozen=True)
class Frame:
    """One request or answer.

    Attributes:
        kind: a ``Kind`` and ``GENERATION`` times the generation in requests, the same plus ``ANSWER`` or
            ``NAK`` in answers.
        index: the number of an input or output; a ``Status`` in answers.
        number: counts requests modulo 2^16; an answer has its request's.
        argument: an offset in bytes, or what the kind says; echoed by answers.
        payload: at most ``CHUNK`` bytes.
    """

    kind: int
    index: int = 0
    number: int = 0
    argument: int = 0
    payload: bytes = b""

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return HEADER_BYTES + (len(self.payload) + 4 if self.payload else 0)

    def encode(self) -> bytes:
        """The frame's bytes on the wire."""
        header = _HEADER.pack(MAGIC, self.kind, self.index, self.number, len(self.payload), self.argument)
        crc = zlib.crc32(header)
        frame = header + struct.pack("<I", crc)
        if self.payload:
            frame += self.payload + struct.pack("<I", zlib.crc32(self.payload, crc))
        return frame


class Damaged(Exception):
    """A frame began well and its payload came damaged: it will not come again unless asked for."""


class Decoder:
    """Finds frames among any other bytes. Never gives a frame with a wrong CRC."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Adds received bytes."""
        self._buffer += data

    def clear(self) -> None:
        """Forgets what has been received."""
        self._buffer.clear()

    def next(self) -> Frame | None:
        """The next whole frame, or None until more bytes are fed. Raises Damaged."""
        while self._skip_to_magic():
            if len(self._buffer) < HEADER_BYTES:
                return None
            header = bytes(self._buffer[:HEADER_BYTES])
            _, kind, index, number, length, argument = _HEADER.unpack_from(header)
            (crc,) = struct.unpack_from("<I", header, _HEADER.size)
            if crc != zlib.crc32(header[: _HEADER.size]) or length > CHUNK:
                del self._buffer[:1]
                continue
            end = HEADER_BYTES + (length + 4 if length else 0)
            if len(self._buffer) < end:
                return None
            body = bytes(self._buffer[HEADER_BYTES:end])
            payload, trailer = body[:length], body[length:]
            if length and trailer != struct.pack("<I", zlib.crc32(payload, crc)):
                del self._buffer[:1]
                raise Damaged
            del self._buffer[:end]
            return Frame(kind, index, number, argument, payload)
        return None

    def _skip_to_magic(self) -> bool:
        """Drops what cannot begin a frame; whether a magic is at the front."""
        at = self._buffer.find(MAGIC)
        if at >= 0:
            del self._buffer[:at]
            return True
        keep = 1 if self._buffer.endswith(MAGIC[:1]) else 0
        del self._buffer[: len(self._buffer) - keep]
        return False
