"""Features as a picture: a PNG file, written without a library."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from edgeq.features.form import Array

_SIDE = 256
"""Pixels that the longer side has at least; smaller ones are enlarged by a whole factor."""


def picture(features: Array) -> bytes:
    """A PNG of one sample's features: an image as it is; rows and channels with time to the right and the
    first channel at the bottom, from black for the least to white for the most.

    Args:
        features: ``[height, width, 1 or 3]`` uint8, ``[rows, channels]`` or ``[channels]``.
    """
    if features.ndim == 3 and features.dtype == np.uint8 and features.shape[2] in (1, 3):
        pixels = features
    else:
        table = features.reshape(-1, features.shape[-1]).astype(np.float64).T[::-1]
        spread = max(float(table.max() - table.min()), 1.0)
        pixels = np.rint((table - table.min()) / spread * 255).astype(np.uint8)[..., None]
    factor = max(1, -(-_SIDE // max(pixels.shape[:2])))
    pixels = pixels.repeat(factor, axis=0).repeat(factor, axis=1)
    height, width, channels = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
