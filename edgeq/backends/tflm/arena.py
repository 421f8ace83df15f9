"""How large the arena is. TFLM plans it when it starts: it is measured by inferences that work or do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgeq.graph import ABSENT, Graph

STEP = 16
"""TFLM aligns what it allocates to this many bytes."""
MARGIN = 16
"""Bytes added to the smallest arena that worked on the core itself."""

_KEPT, _KEPT_EACH = 4096, 512
"""Bytes that TFLM keeps for itself, and for each operator: well above what was seen."""


@dataclass(frozen=True)
class Arena:
    """The arena's size, and where that comes from.

    Attributes:
        bytes: what the firmware reserves.
        smallest: the fewest bytes, in steps of 16, with which an inference worked.
        measured_on: where: ``"host"`` for the wheel's interpreter, empty for nowhere, else a board's id.
        kernels: which kernels were measured.
    """

    bytes: int
    smallest: int
    measured_on: str
    kernels: str

    @property
    def told(self) -> str:
        """In words, for headers and documents."""
        margin = f"plus a margin of {self.bytes - self.smallest}"
        if not self.measured_on:
            return (
                f"{self.smallest} bytes are room for all activations at once: nothing here runs the model's "
                f"custom operators, {margin} for scratch"
            )
        if self.measured_on == "host":
            return (
                f"{self.smallest} bytes worked in TFLM's interpreter of 64 bits with reference kernels, "
                f"{margin} for scratch of others"
            )
        return f"{self.smallest} bytes worked on {self.measured_on} with {self.kernels} kernels, {margin}"


def measured(smallest: int, board: str, kernels: str) -> Arena:
    """The arena by a measurement on the core that it is for."""
    return Arena(smallest + MARGIN, smallest, board, kernels)


def estimated(smallest: int, graph: Graph) -> Arena:
    """The arena by the wheel's interpreter on this machine.

    Its pointers are twice as long as a microcontroller's, which makes it an overestimate for reference
    kernels. CMSIS-NN's scratch comes on top: of one operator at a time, and at most two columns of 16-bit
    inputs, a patch of a convolution each.
    """
    return Arena(smallest + _scratch(graph), smallest, "host", "reference")


def guessed(graph: Graph) -> Arena:
    """The arena where TFLM's interpreter here has not all of the model's operators: room for every activation
    at once, and for what TFLM and the operators keep."""
    made = {index for op in graph.operators for index in op.outputs} | set(graph.inputs)
    kept = sum(-(-graph[i].elements * graph[i].dtype.bits // 8 // STEP) * STEP for i in made)
    smallest = kept + _KEPT + _KEPT_EACH * len(graph.operators)
    return Arena(smallest + _scratch(graph), smallest, "", "unknown")


def _scratch(graph: Graph) -> int:
    largest = 0
    for operator in graph.operators:
        if operator.opcode in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            weights, output = graph[operator.inputs[1]], graph[operator.outputs[0]]
            if operator.opcode == "CONV_2D":
                _, height, width, depth = weights.shape
                patch = height * width * -(-depth // 4) * 4
            else:
                patch = weights.elements if operator.opcode == "DEPTHWISE_CONV_2D" else 0
            channels = output.shape[-1] if output.shape else 1
            largest = max(largest, 4 * patch + 4 * channels)
        elif operator.opcode in ("AVERAGE_POOL_2D", "MEAN") and operator.inputs[0] != ABSENT:
            largest = max(largest, 4 * graph[operator.inputs[0]].shape[-1])
    return -(-largest // STEP) * STEP + STEP


def bisect(works: Callable[[int], bool], high: int) -> int:
    """The smallest multiple of 16 with which ``works``, given that ``high`` does.

    Args:
        works: whether an inference works with so many bytes; assumed to stay so for more.
        high: a multiple of 16.
    """
    low = 0
    while high - low > STEP:
        middle = (low + high) // 2 // STEP * STEP
        low, high = (low, middle) if works(middle) else (middle, high)
    return high
