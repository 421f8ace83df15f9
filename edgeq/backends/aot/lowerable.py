"""What goes through the passes: a graph, and which of its tensors are the bytes of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph


@dataclass(frozen=True, eq=False)
class Lowerable:
    """A graph on its way to steps.

    Attributes:
        model: the file that the graph was read from; it stays as it was.
        target: what it is lowered for.
        graph: what is lowered. Operators keep their places: their indices name steps and layers.
        flips: by tensor, the tensor whose bytes it is but for their highest bits: uint8 for int8, or back.
        aliases: by tensor, the tensor whose bytes it is, where nothing has to run to make it.
        states: by variable tensor, which keeps its bytes between inferences, those that it has at first.
    """

    model: bytes
    target: Target
    graph: Graph
    flips: Mapping[int, int] = field(default_factory=dict)
    aliases: Mapping[int, int] = field(default_factory=dict)
    states: Mapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)


Pass = Callable[[Lowerable], Lowerable]
"""One rewrite. It changes no value that the model's outputs can have."""
