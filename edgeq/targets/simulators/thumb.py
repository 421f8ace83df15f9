"""Counting Thumb instructions."""

from __future__ import annotations


def count_instructions(code: bytes | bytearray) -> int:
    """How many instructions straight-line Thumb code holds.

    A first halfword with its upper five bits 0b11101, 0b11110 or 0b11111 begins an instruction of 32 bits;
    any other is one of 16.
    """
    count = at = 0
    while at < len(code):
        at += 4 if code[at + 1] >> 3 >= 0b11101 else 2
        count += 1
    return count
