"""How values become C and Markdown text, safely: names come from models that nobody has vetted."""

from __future__ import annotations

import math
import re

import numpy as np
import numpy.typing as npt

_UNSAFE = re.compile(r"[^A-Za-z0-9 _./:,;()\[\]+=@>'-]")
_LONGEST = 96
_LONGEST_IDENTIFIER = 40
_COLUMNS = 110


def safe(text: str) -> str:
    """A name that is plain in a C comment, a C string and a Markdown code span.

    Everything but letters, digits and a few signs becomes ``_``: no quotes, backslashes, line breaks, ``*/``
    or trigraphs; long names are cut.
    """
    plain = _UNSAFE.sub("_", text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."


def identifier(name: str) -> str:
    """A model's name as the beginning of C names: lower case, a letter first, at most 40 characters."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:_LONGEST_IDENTIFIER].rstrip("_")
    return plain if plain[:1].isalpha() else f"model_{plain}".rstrip("_")


def integer(value: int) -> str:
    """An int as a C literal of the smallest type of int, unsigned and long long that holds it."""
    if value in (-(2**31), -(2**63)):
        return "INT32_MIN" if value == -(2**31) else "INT64_MIN"
    if -(2**31) < value < 2**32:
        return f"{value}u" if value > 2**31 - 1 else str(value)
    return f"{value}LL"


def real(value: float) -> str:
    """A float32 as a C literal that reads back as the same value."""
    if not math.isfinite(value):
        sign = "-" if value < 0 else ""
        return '__builtin_nanf("")' if math.isnan(value) else f"{sign}__builtin_inff()"
    digits = f"{np.float32(value):.9g}"
    return digits + ("f" if set(digits) & set(".en") else ".0f")


def literal(value: float | str | None, names: dict[str, str]) -> str:
    """A field's initializer: a whole number, a float32, the array behind a suffix, or NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return names[value]
    return real(value) if isinstance(value, float) else integer(value)


def values(array: npt.NDArray[np.generic]) -> str:
    """The elements of an array initializer, in indented lines of bounded width."""
    lines, line = [], "   "
    for item in array.reshape(-1).tolist():
        text = f" {real(item) if isinstance(item, float) else integer(int(item))},"
        if len(line) + len(text) > _COLUMNS:
            lines.append(line)
            line = "   "
        line += text
    return "\n".join([*lines, line])


def attributes(align: int, name: str) -> str:
    """Where an array goes: into a section of its own, so that the ELF tells a model's constants from code."""
    return f'__attribute__((aligned({align}), section(".rodata.edgeq_weights.{name}")))'
