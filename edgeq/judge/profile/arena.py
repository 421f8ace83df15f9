"""The arena over time as rectangles: when a buffer lives from left to right, where it lies from below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgeq.judge.profile.layers import Buffer


class Rectangle(NamedTuple):
    """A buffer in a picture.

    Attributes:
        x, y, width, height: from the picture's upper left corner; none is thinner than can be seen.
        is_scratch: whether it is no tensor's.
        told: what it is, in words.
    """

    x: float
    y: float
    width: float
    height: float
    is_scratch: bool
    told: str


def rectangles(
    buffers: Sequence[Buffer], layers: int, arena: int, width: float, height: float
) -> Iterator[Rectangle]:
    """Of each buffer one, in a picture of that size; inputs and outputs have a column at the ends.

    Args:
        layers: how many there are.
        arena: its bytes.
    """
    step, scale = width / (layers + 2), height / max(arena, 1)
    for buffer in buffers:
        what = "scratch" if buffer.tensor is None else f"tensor {buffer.tensor}"
        where = f"{buffer.size:,} bytes at {buffer.offset:,}, layers {buffer.first} to {buffer.last}"
        yield Rectangle(
            x=(buffer.first + 1) * step,
            y=height - (buffer.offset + buffer.size) * scale,
            width=max(1.0, (buffer.last - buffer.first + 1) * step),
            height=max(1.0, buffer.size * scale),
            is_scratch=buffer.tensor is None,
            told=f"{what}: {where}",
        )
