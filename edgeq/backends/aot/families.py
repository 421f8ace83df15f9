"""Families of cores: kernels of one family use the same instructions, and stand in files of their own.

A kernel's C file is named by its family (``edgeq_conv_dsp_s8.c``). Which family's kernel a step calls is
chosen in Python, for the target's core; no C file holds two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgeq.backends.aot.target import Target


@dataclass(frozen=True)
class Family:
    """A family of cores.

    Attributes:
        name: as it stands in the names of its kernels.
        fits: whether a target's core runs them.
    """

    name: str
    fits: Callable[[Target], bool]


PLAIN = Family("plain", lambda target: True)
"""C for any core."""
DSP = Family("dsp", lambda target: target.core.dsp)
"""The DSP extension: two 16-bit products, or four bytes, at once."""
V7M = Family("v7m", lambda target: target.core.mainline and not target.core.dsp)
"""Armv7-M alone: Thumb-2, long products, and nothing that multiplies halfwords."""
MVE = Family("mve", lambda target: target.core.helium and target.fpu)
"""Helium's vectors."""

V6M = Family("v6m", lambda target: bool(target.core.architectures) and not target.core.long_multiply)
"""Armv6-M, and the baseline of Armv8-M: no product is longer than a word, few instructions take r8 to lr."""

FAMILIES = (MVE, DSP, V7M, V6M, PLAIN)
"""All, the finest first."""


def finest(target: Target, *families: Family) -> Family:
    """Of those for which a kernel is there, the finest that the target's core runs.

    Raises:
        ValueError: it runs none of them.
    """
    for family in FAMILIES:
        if family in families and family.fits(target):
            return family
    raise ValueError(f"no kernel of {', '.join(family.name for family in families)} fits {target.core.name}")
