"""What is found of each layer, as numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.graph import Graph
from edgeq.judge.layers.bench import NONE, Row, levels
from edgeq.judge.layers.observer import KINDS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """The difference of two tensors' real values over all samples.

    Attributes:
        mean, stddev, max_abs: of the difference.
        mse: its mean square.
        sqnr: the float values' energy over its own, in dB; infinite without a difference, None where the
            float values are all 0.
    """

    mean: float
    stddev: float
    max_abs: float
    mse: float
    sqnr: float | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; an infinite SQNR is null."""
        return {
            "mean_error": self.mean,
            "stddev": self.stddev,
            "max_abs_error": self.max_abs,
            "mse": self.mse,
            "sqnr_db": finite(self.sqnr),
        }


@dataclass(frozen=True)
class Layer:
    """One operator's result in the quantized model, held against the float model's.

    Attributes:
        operator: position in the quantized model; -1 for a model's input.
        title: for people: ``operator 3 (CONV_2D)``.
        opcode: of the quantized model; ``INPUT`` for a model's input.
        index, tensor, dtype: of its result there.
        scale, zero_point: of the result; None of a float one.
        cumulative: its error with all layers before it quantized too.
        local: with true inputs, quantized; None where the layer cannot be taken out of the model.
        own: the part of that which its inputs' steps have not made.
        shares: the mean squares that come of ``inputs`` (their steps), ``weights`` (with the biases; None
            where it has none), ``clipped`` (values beyond the range), ``step`` (rounding within it).
        held: the smallest and largest real value that the result can hold; None of a float one.
        seen: those that the float model has.
        channels: spread of the float model's values by channel, the last axis.
        clipped: the share of values beyond the range.
        cause: why it is off, in a sentence; empty where nothing stands out.
        advice: what to try, the best first.
    """

    operator: int
    title: str
    opcode: str
    index: int
    tensor: str
    dtype: str
    scale: float | None
    zero_point: int | None
    cumulative: Errors
    local: Errors | None
    own: Errors | None
    shares: dict[str, float | None]
    held: tuple[float, float] | None
    seen: tuple[float, float]
    channels: tuple[float, ...]
    clipped: float
    cause: str = ""
    advice: tuple[str, ...] = ()

    @property
    def rank(self) -> float:
        """What layers are sorted by: its own SQNR, else the cumulative one."""
        errors = self.cumulative if self.own is None else self.own
        return math.inf if errors.sqnr is None else errors.sqnr

    @property
    def used(self) -> float:
        """The share of the range that the float model's values take, 0 counted among them."""
        if self.held is None:
            return 1.0
        low, high = (min(self.seen[0], 0.0), max(self.seen[1], 0.0))
        return min(1.0, (high - low) / (self.held[1] - self.held[0]))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        local = self.local
        return {
            "operator": None if self.operator == NONE else self.operator,
            "opcode": self.opcode,
            "tensor": self.tensor,
            "dtype": self.dtype,
            "scale": self.scale,
            "zero_point": self.zero_point,
            "cumulative": self.cumulative.to_dict(),
            "local": None if local is None else local.to_dict(),
            "own": None if self.own is None else self.own.to_dict(),
            "rmse_over_scale": None if local is None or not self.scale else math.sqrt(local.mse) / self.scale,
            "mse_of": dict(self.shares),
            "range": None if self.held is None else list(self.held),
            "float_range": list(self.seen),
            "clipped_share": self.clipped,
            "used_share": self.used,
            "cause": self.cause or None,
            "advice": list(self.advice),
        }


def finite(level: float | None) -> float | None:
    """A level for JSON, which knows no infinity."""
    return None if level is None or math.isinf(level) else level


def layer(graph: Graph, row: Row, found: Sequence[Floats]) -> Layer:
    """A layer from what the child has found.

    Args:
        graph: the quantized model.
        row: which layer.
        found: as the observer's ``result`` gives them: signal, errors, ranges.
    """
    (count, energy, clipped), sums, ranges = found
    tensor, at = graph[row.tensor], dict(zip(KINDS, sums, strict=True))
    named = row.operator != NONE
    position = graph.inputs.index(row.tensor) if not named else 0
    op = graph.operators[row.operator] if named else None
    shares: dict[str, float | None] = {
        "inputs": float(at["inputs"][1] / count) if row.local != NONE else None,
        "weights": float(at["weights"][1] / count) if row.weights != NONE else None,
        "clipped": float(at["clipped"][1] / count) if tensor.quant is not None else None,
        "step": float(at["step"][1] / count) if tensor.quant is not None else None,
    }
    alone = row.local != NONE
    quant = tensor.quant
    return Layer(
        row.operator,
        graph.describe(row.operator) if named else f"input {position}",
        "INPUT" if op is None else op.custom_code or op.opcode,
        row.tensor,
        tensor.label,
        tensor.dtype.value,
        None if quant is None else quant.scale,
        None if quant is None else quant.zero_point,
        _errors(at["cumulative"], count, energy),
        _errors(at["local"], count, energy) if alone else None,
        _errors(at["own"], count, energy) if alone else None,
        shares,
        levels(tensor),
        (float(ranges[0].min()), float(ranges[1].max())),
        tuple(float(span) for span in np.maximum(ranges[1], 0) - np.minimum(ranges[0], 0)),
        float(clipped / count),
    )


def _errors(sums: Floats, count: float, energy: float) -> Errors:
    total, squares, largest = (float(value) for value in sums)
    mean = total / count
    level = None
    if energy > 0:
        level = 10 * math.log10(energy / squares) if squares > 0 else math.inf
    return Errors(mean, math.sqrt(max(squares / count - mean**2, 0.0)), largest, squares / count, level)
