"""The golden vector: an inference of the oracle's, replayed at boot to show that firmware computes alike.

Stored are the first elements of each input, which repeat to its end, and a checksum of all outputs: it costs
as much flash for a large model as for a small one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgeq.backends.project import text
from edgeq.backends.project.oracle import Array
from edgeq.data import random_data
from edgeq.data.dataset import integer_range, quantize_input
from edgeq.interpreter import judged, sample_shape

if TYPE_CHECKING:
    from edgeq.checker import Checked
    from edgeq.graph import Tensor

_PERIOD = 61
"""Elements after which an input repeats: a prime, so that channels and rows do not fall together with it."""
_PARTS = (1.0, 0.5, 0.25, 0.125)
"""Shares of the inputs' range that are tried: over the whole range many a model only saturates."""


@dataclass(frozen=True)
class GoldenVector:
    """What firmware replays.

    Attributes:
        oracle: who computed the outputs, with its version.
        patterns: the bytes that each input repeats, as C text with their number.
        checksum: CRC-32 of all outputs' bytes, in order.
    """

    oracle: str
    patterns: tuple[tuple[int, str], ...]
    checksum: int

    @property
    def bytes(self) -> int:
        """What it takes of flash as data: patterns, their table of addresses and sizes, and the checksum."""
        return sum(count + 8 for count, _ in self.patterns) + 4


def golden_vector(checked: Checked) -> GoldenVector | None:
    """The vector of a model: of a few candidates the one whose outputs vary most.

    Returns:
        None for a model that has an input without elements.

    Raises:
        ModelError: every oracle of the runtime refuses the model.
        ToolMissingError: the oracle is not installed.
    """
    graph = checked.graph
    if any(not t.elements for t in graph.input_tensors):
        return None
    patterns = [_patterns(tensor) for tensor in graph.input_tensors]
    inputs = [_inputs(*pair) for pair in zip(graph.input_tensors, patterns, strict=True)]
    answers = judged(checked.runtime, checked.model, inputs)
    best = max(range(len(_PARTS)), key=lambda at: _variety([output[at] for output in answers.outputs]))
    outputs = b"".join(np.ascontiguousarray(output[best]).tobytes() for output in answers.outputs)
    stored = [np.ascontiguousarray(candidates[best]).view(np.uint8) for candidates in patterns]
    return GoldenVector(
        answers.oracle, tuple((one.size, text.values(one)) for one in stored), zlib.crc32(outputs)
    )


def _inputs(tensor: Tensor, patterns: Sequence[Array]) -> Array:
    """What each pattern, repeated to the end of an input, or of its raw sample, makes of it."""
    step = tensor.preprocessing
    if step is None or not step.stages:
        return np.stack([np.resize(pattern, sample_shape(tensor.shape)) for pattern in patterns])
    raw = np.stack([np.resize(pattern, step.forms[0].shape) for pattern in patterns])
    made = quantize_input(step.real(raw), tensor)
    return made.reshape(len(patterns), *sample_shape(tensor.shape))


def _patterns(tensor: Tensor) -> list[Array]:
    """The beginning of random inputs over smaller and smaller parts of their range, around its zero point; of
    raw samples where the firmware takes such."""
    step = tensor.preprocessing
    if step is not None and step.stages:
        dtype = step.forms[0].numpy
        middle = 0 if dtype.kind == "i" else 128
        spread = np.random.default_rng(0).uniform(-1, 1, _PERIOD) * (integer_range(dtype)[1] - middle)
        return [np.rint(middle + part * spread).astype(dtype) for part in _PARTS]
    (noise,) = random_data([tensor], 1).x
    pattern = noise.reshape(-1)[:_PERIOD]
    quant = tensor.quant
    if quant is None or quant.is_per_channel or pattern.dtype.kind not in "iu":
        return [pattern] * len(_PARTS)
    zero, limits = quant.zero_point, integer_range(pattern.dtype)
    return [
        np.clip(np.rint(zero + part * (pattern.astype(np.float64) - zero)), *limits).astype(pattern.dtype)
        for part in _PARTS
    ]


def _variety(outputs: Sequence[Array]) -> int:
    return sum(len(np.unique(output)) for output in outputs)
