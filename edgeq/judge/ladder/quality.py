"""How near a form comes to the float model: SQNR of the logits, and the tensor that is furthest off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.data import dequantize, quantize_input
from edgeq.graph import Graph, Tensor, write_model
from edgeq.interpreter import Resolver, run, run_all_tensors
from edgeq.interpreter.session import Begins

Array = npt.NDArray[np.generic]

_LAST = frozenset({"SOFTMAX", "LOG_SOFTMAX", "LOGISTIC"})
"""Where the model ends so, its logits are judged: a step of a softmax says more of the softmax than of it."""
_MOVES = frozenset(
    {"RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "SLICE", "STRIDED_SLICE", "SPLIT", "SPLIT_V", "UNPACK"}
)
"""They move values, and add no error to the operator's before them."""
_IMAGE = 5
"""Dimensions of several samples of an image, the batch of 1 counted."""
LOOKED_AT = 16
"""Samples by which the worst layer is found."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What a model gave for the samples.

    Attributes:
        outputs: as they are, in order.
        watched: real values of its logits, or of its outputs, ``[n, ...]`` each.
    """

    outputs: tuple[Array, ...]
    watched: tuple[Array, ...]


def watched_names(graph: Graph) -> tuple[str, ...]:
    """By name, the tensors that stand for a float model's answer: its logits where it has any."""
    made = {index: op for op in graph.operators for index in op.outputs}
    found = []
    for index in graph.outputs:
        op = made.get(index)
        found.append(op.inputs[0] if op is not None and op.opcode in _LAST else index)
    return tuple(graph[index].name for index in found)


def judge(
    graph: Graph,
    samples: Sequence[Array],
    names: Sequence[str],
    kernels: Resolver,
    begins: Begins | None = None,
) -> Judged:
    """Run a form on real samples.

    Args:
        graph: the form's.
        samples: real values, one array per input.
        names: as :func:`watched_names` gives them; where the form has no such tensor, its output is taken.
        kernels: which kernels run it.
        begins: of each sample, whether a sequence begins with it; None for all.

    Raises:
        ModelError: LiteRT refuses the form.
    """
    by_name = _unique(graph)
    indices = [by_name.get(name, output) for name, output in zip(names, graph.outputs, strict=True)]
    extended = graph.replace(outputs=(*graph.outputs, *indices))
    arrays = run(write_model(extended), integers(graph, samples), begins=begins, resolver=kernels)
    real = zip(indices, arrays[len(graph.outputs) :], strict=True)
    outputs = tuple(arrays[: len(graph.outputs)])
    return Judged(outputs, tuple(_real(array, graph[index]) for index, array in real))


def integers(graph: Graph, samples: Sequence[Array]) -> list[Array]:
    """Real samples as a form's inputs take them."""
    return [
        x if x.dtype == tensor.dtype.numpy and not tensor.dtype.is_float else quantize_input(x, tensor)
        for x, tensor in zip(samples, graph.input_tensors, strict=True)
    ]


def sqnr(real: Sequence[Array], other: Sequence[Array]) -> float | None:
    """Signal to quantization noise in dB, of the worst of several tensors; None where there is no signal.

    Equal values give infinity.
    """
    found = [_sqnr(a, b) for a, b in zip(real, other, strict=True)]
    usable = [value for value in found if value is not None]
    return min(usable) if usable else None


def worst_layer(
    float_graph: Graph,
    float_values: Mapping[int, Array],
    graph: Graph,
    samples: Sequence[Array],
    kernels: Resolver,
    *,
    begins: Begins | None = None,
) -> tuple[str, float] | None:
    """The operator of a form whose result is furthest from the float model's, and its SQNR in dB.

    Args:
        float_graph: the float model.
        float_values: its tensors for the samples, by index.
        graph: the form's.
        samples: real values, a few.
        kernels: which kernels run it.
        begins: as for :func:`judge`.
    """
    values = run_all_tensors(write_model(graph), integers(graph, samples), begins=begins, resolver=kernels)
    named = _unique(float_graph)
    worst: tuple[str, float] | None = None
    for position, op in enumerate(graph.operators):
        for index in () if op.opcode in _MOVES else op.outputs:
            there = named.get(graph[index].name)
            if there is None or there not in float_values or index not in values:
                continue
            wanted = float_values[there]
            level = _sqnr(wanted, _rescaled(wanted, _real(values[index], graph[index])))
            if level is not None and np.isfinite(level) and (worst is None or level < worst[1]):
                worst = graph.describe(position), level
    return worst


def _sqnr(real: Array, other: Array) -> float | None:
    if not np.issubdtype(real.dtype, np.floating) or real.size != other.size:
        return None
    wanted = real.astype(np.float64).reshape(-1)
    signal, noise = (wanted**2).sum(), ((wanted - other.astype(np.float64).reshape(-1)) ** 2).sum()
    if not signal > 0:
        return None
    return float(10 * np.log10(signal / noise)) if noise > 0 else float("inf")


def _rescaled(wanted: Array, other: Array) -> Array:
    """Each channel of an image times the factor that fits best.

    The automatic mode equalizes channels before a depthwise convolution, so that they are the float model's
    times a factor: that is no error.
    """
    if wanted.ndim < _IMAGE or wanted.shape != other.shape or not np.issubdtype(wanted.dtype, np.floating):
        return other
    others = tuple(range(wanted.ndim - 1))
    a, b = wanted.astype(np.float64), other.astype(np.float64)
    power = (b * b).sum(axis=others)
    factor = np.where(power > 0, (a * b).sum(axis=others) / np.where(power > 0, power, 1), 1)
    scaled: Array = b * factor
    return scaled


def _real(array: Array, tensor: Tensor) -> Array:
    return array if tensor.quant is None or tensor.dtype.is_float else dequantize(array, tensor)


def _unique(graph: Graph) -> dict[str, int]:
    made = [*graph.inputs, *(index for op in graph.operators for index in op.outputs)]
    counts = Counter(graph[index].name for index in made)
    return {graph[index].name: index for index in made if counts[graph[index].name] == 1}
