"""What both transforms share: radix 4, one pass of radix 2 first where the length is no power of 4."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def factors(length: int) -> tuple[int, ...]:
    """Radices from the outermost to the innermost, which is computed first."""
    fours, twos = divmod(length.bit_length() - 1, 2)
    return (4,) * fours + (2,) * twos


def order(length: int) -> npt.NDArray[np.uint16]:
    """From where each element comes before the first pass."""
    found = np.zeros(1, np.int64)
    for radix in reversed(factors(length)):
        found = np.concatenate([radix * found + j for j in range(radix)])
    return found.astype(np.uint16)


def places(length: int) -> npt.NDArray[np.uint16]:
    """To where each element goes."""
    return np.argsort(order(length)).astype(np.uint16)


def passes(length: int) -> list[tuple[int, int, int]]:
    """(radix, length of the transforms that are there already, stride of the twiddles), in their order."""
    made, done = [], 1
    for radix in reversed(factors(length)):
        made.append((radix, done, length // (done * radix)))
        done *= radix
    return made


def power_of_two(size: int) -> int:
    """The smallest one that holds so many."""
    return 1 << (size - 1).bit_length()
