"""A profile: what one inference costs, by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Buffer:
    """Bytes of the arena that are in use from layer ``first`` to layer ``last``, both included.

    Attributes:
        first: -1 for what is there before the first layer: an input.
        last: the number of layers for what is read after the last one: an output.
        tensor: whose they are; None for scratch.
    """

    offset: int
    size: int
    first: int
    last: int
    tensor: int | None


@dataclass(frozen=True)
class Layer:
    """One call of a kernel.

    Attributes:
        name: in the generated C.
        operator: its index in the model.
        title: operator and shapes.
        layer: the name of the tensor that it writes.
        kernel: the C function.
        macs: multiply-accumulates.
        weights, tables: bytes of flash of its constants.
        scratch, live: bytes of the arena: its own scratch; all that is in use while it runs.
        instructions: executed by it; None on hardware.
        cycles: counted on hardware; None in a simulator.
        cycles_estimated: None where the core has no timings, or nothing tells what was executed.
        share: of the inference's cycles, estimated ones in a simulator, or of its instructions; 0 to 1.
    """

    name: str
    operator: int
    title: str
    layer: str
    kernel: str
    macs: int
    weights: int
    tables: int
    scratch: int
    live: int
    instructions: int | None
    cycles: int | None
    cycles_estimated: int | None
    share: float

    @property
    def cost(self) -> int:
        """What its share is of."""
        told = (self.cycles, self.cycles_estimated, self.instructions)
        return next(one for one in told if one is not None)


@dataclass(frozen=True)
class Profile:
    """One inference of a model on a board.

    Attributes:
        model, board, runtime, toolchain: of what.
        timings: the manual that cycles are estimated by; None where the core has none.
        instructions, cycles, cycles_estimated: of the whole inference, with what lies between the layers.
        arena: bytes.
        layers: in the order in which they run.
        buffers: of the arena.
    """

    model: str
    board: str
    runtime: str
    toolchain: str
    timings: str | None
    instructions: int | None
    cycles: int | None
    cycles_estimated: int | None
    arena: int
    layers: Sequence[Layer]
    buffers: Sequence[Buffer]

    @property
    def macs(self) -> int:
        """Of the whole inference."""
        return sum(layer.macs for layer in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {"schema_version": 1, **asdict(self), "macs": self.macs}
