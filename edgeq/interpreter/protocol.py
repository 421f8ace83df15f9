"""What parent and worker say to each other: a JSON head, then raw arrays, each with its length in front."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

MAX_FRAME = 1 << 31
"""No frame is longer: neither side allocates more because the other asks for it."""

Array = npt.NDArray[np.generic]
_LENGTH = struct.Struct("<Q")


class ProtocolError(Exception):
    """The other side ended, or sent something that is not the protocol."""


def send(
    stream: BinaryIO, head: dict[str, Any], arrays: Sequence[Array] = (), blob: bytes | None = None
) -> None:
    """Write one message: the head says which arrays follow, and whether a blob does."""
    described = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({**head, "arrays": described, "blob": blob is not None}).encode()
    for payload in (text, *(() if blob is None else (blob,))):
        stream.write(_LENGTH.pack(len(payload)))
        stream.write(payload)
    for array in arrays:
        stream.write(_LENGTH.pack(array.nbytes))
        # reshape before the view: a 0-d array has no bytes to cast
        stream.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], list[Array], bytes]:
    """Read one message: its head, its arrays (read-only), its blob (empty where there is none).

    Raises:
        ProtocolError: the stream ended or holds something else.
    """
    try:
        head = json.loads(_frame(stream))
        described = [(np.dtype(name), tuple(int(n) for n in shape)) for name, shape in head["arrays"]]
        blob = _frame(stream) if head["blob"] else b""
    except (ValueError, TypeError, KeyError) as error:
        raise ProtocolError(f"not a message: {error}") from error
    return head, [_array(_frame(stream), dtype, shape) for dtype, shape in described], blob


def _array(payload: bytes, dtype: np.dtype[np.generic], shape: tuple[int, ...]) -> Array:
    if dtype.hasobject or min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(payload):
        raise ProtocolError(f"{len(payload)} bytes are not an array {dtype} {shape}")
    return np.frombuffer(payload, dtype).reshape(shape)


def _frame(stream: BinaryIO) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > MAX_FRAME:
        raise ProtocolError(f"a frame of {length} bytes")
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise ProtocolError("the other side ended")
    return data
