"""Text that is safe and pleasant to print: no control characters, colour only where wanted, short sizes."""

from __future__ import annotations

import os
import re
from typing import TextIO

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def clean(text: str) -> str:
    """The text without control characters: names in a model file are a stranger's, escapes included."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str, width: int = 200) -> str:
    """The text cleaned, on one line, and cut where it is longer than ``width``."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour what is written there: a terminal, unless NO_COLOR or TERM=dumb says otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(text: str, colour: str, stream: TextIO) -> str:
    """The text in a colour (``red green yellow dim bold``) where the stream wants colour."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if wants_colour(stream) else text


def size(count: int) -> str:
    """Bytes for people: ``912 B``, ``58.2 KB``, ``1.00 MB`` (1 KB = 1024 bytes, as data sheets count)."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.1f} KB"
    return f"{count / (1024 * 1024):.2f} MB"


def percent(fraction: float) -> str:
    """A share for people: ``90.4 %``; never rounded up to 100 or down to 0 where it is not."""
    value = fraction * 100
    if value in (0, 100):
        return f"{value:.0f} %"
    if 0 < value < 0.1:
        return "<0.1 %"
    if 99.95 <= value < 100:
        return ">99.9 %"
    return f"{value:.1f} %"
