"""Operators that move no byte: their outputs are their inputs, seen otherwise."""

from __future__ import annotations

from dataclasses import replace

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import aliases


def alias(lowerable: Lowerable) -> Lowerable:
    """Makes the output of each such operator an alias of its input; which are, the operators' files know."""
    return replace(lowerable, aliases={**lowerable.aliases, **aliases(lowerable.graph)})
