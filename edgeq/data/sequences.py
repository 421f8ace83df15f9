"""Samples that belong together in their order: sequences, for models that keep a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.data.match import Arrays
from edgeq.graph.model import Tensor
from edgeq.interpreter import sample_shape

LENGTHS = "lengths"
"""The array that says how many samples each sequence has."""

_FORMS = (
    "give [sequences, steps, ...], or [n, ...] with an array lengths of how many samples each sequence has, "
    "or [n, ...] as one sequence"
)


def without_lengths(found: Arrays) -> tuple[Arrays, Array | None]:
    """Arrays without that of the lengths, and it, where arrays have names."""
    if not isinstance(found, Mapping):
        return found, None
    return {name: array for name, array in found.items() if name != LENGTHS}, found.get(LENGTHS)


def unfold(
    arrays: Sequence[Array],
    labels: Array | None,
    lengths: Array | None,
    inputs: Sequence[Tensor],
    source: str,
) -> tuple[list[Array], Array | None, tuple[int, ...]]:
    """Sequences as samples one behind the other.

    Args:
        arrays: one an input: ``[sequences, steps, ...]``, or ``[n, ...]``.
        labels: one a sample, in the form of the arrays, or ``[n]``.
        lengths: integers [sequences] that sum up to n; None for sequences of equal steps, or a single one.
        inputs: the model's.
        source: where they are from, for messages.

    Returns:
        The arrays as ``[n, ...]``, the labels as ``[n, ...]``, and the length of each sequence.

    Raises:
        DataError: they are none of these.
    """
    ends = [_ends(array, tensor) for array, tensor in zip(arrays, inputs, strict=True)]
    if len(set(ends)) > 1:
        told = ", ".join(str(list(array.shape)) for array in arrays)
        raise DataError(f"{source}: sequences of inputs that do not go together: {told}", _FORMS)
    leading = ends[0]
    if not all(leading):
        raise DataError(f"{source} holds no samples", "give at least one sample")
    flat = [array.reshape(-1, *array.shape[len(leading) :]) for array in arrays]
    if lengths is None:
        found = (leading[1],) * leading[0] if len(leading) > 1 else leading
    elif len(leading) > 1:
        raise DataError(f"{source} has sequences of equal steps, and lengths beside them", _FORMS)
    else:
        found = _lengths(lengths, leading[0], source)
    if labels is not None and len(leading) > 1:
        labels = _labels(labels, leading, source)
    return flat, labels, found


def _ends(array: Array, tensor: Tensor) -> tuple[int, ...]:
    """The sizes before those of a sample: sequences and steps, or samples."""
    sample = sample_shape(tensor.shape)
    deep = array.ndim == len(sample) + 2 and array.shape[1:] != tensor.shape
    return array.shape[:2] if deep else array.shape[:1]


def _lengths(lengths: Array, count: int, source: str) -> tuple[int, ...]:
    values = lengths.astype(np.int64) if lengths.dtype.kind in "iu" else np.zeros(1, np.int64)
    whole = bool(values.ndim == 1 and (values > 0).all())
    if not whole or int(values.sum()) != count:
        told = f"sum up to {int(values.sum())}" if whole else "are no list of positive integers"
        raise DataError(
            f"{source}: its lengths, {lengths.dtype} {list(lengths.shape)}, {told}, where there are {count} "
            "samples",
            "give how many samples each sequence has, in their order",
        )
    return tuple(int(length) for length in values)


def _labels(labels: Array, leading: tuple[int, ...], source: str) -> Array:
    values = np.asarray(labels)
    if values.shape[:2] == leading:
        return values.reshape(-1, *values.shape[2:])
    if values.shape[:1] == (leading[0] * leading[1],):
        return values
    raise DataError(
        f"{source}: labels of shape {list(values.shape)} for {leading[0]} sequences of {leading[1]} steps",
        f"give a label for each step: [{leading[0]}, {leading[1]}]",
    )
