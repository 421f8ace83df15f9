"""Data as callers have it, specs and arrays alike, made into a Dataset for a model's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.data.dataset import Dataset
from edgeq.data.fit import fit
from edgeq.data.load import load_data

if TYPE_CHECKING:
    from edgeq.graph import Tensor

Array = npt.NDArray[Any]

Samples = str | Path | Array | tuple[Array, Array] | Mapping[str, Array] | Dataset
"""Data: a spec as ``--data`` takes it (path or ``module:function``); an array x ``[n, ...]``; a pair (x, y)
with labels y ``[n]``; a mapping of input names, and ``"y"``, to arrays; or a Dataset."""


def load_samples(
    given: Samples,
    inputs: Sequence[Tensor],
    *,
    normalize: tuple[float, float] | None = None,
    limit: int | None = None,
) -> Dataset:
    """The samples for a model's inputs.

    Args:
        given: where they are, or they themselves.
        inputs: the model's.
        normalize: (mean, std) of image pixels; None for what the model suggests.
        limit: take the first so many.

    Raises:
        DataError: they do not suit the model.
    """
    if isinstance(given, str | Path):
        return load_data(str(given), inputs, normalize=normalize, limit=limit)
    data = _refitted(given, inputs) if isinstance(given, Dataset) else _of_arrays(given, inputs, normalize)
    if limit is None:
        return data
    return replace(
        data, x=tuple(array[:limit] for array in data.x), y=None if data.y is None else data.y[:limit]
    )


def _refitted(data: Dataset, inputs: Sequence[Tensor]) -> Dataset:
    """A Dataset that somebody has made, held against the model's inputs as arrays are."""
    if len(data.x) != len(inputs):
        raise DataError(
            f"{data.source} has arrays for {len(data.x)} inputs, and the model has {len(inputs)} inputs",
            "give an array for each input, in the model's order",
        )
    return fit(data.x, data.y, inputs, source=data.source, normalize=None, notes=data.notes)


def _of_arrays(
    given: Array | tuple[Array, Array] | Mapping[str, Array],
    inputs: Sequence[Tensor],
    normalize: tuple[float, float] | None,
) -> Dataset:
    labels: Any = None
    if isinstance(given, Mapping):
        arrays, labels = _named(given, inputs), given.get("y")
    elif isinstance(given, tuple):
        if len(given) != 2:
            raise DataError(
                f"a tuple of {len(given)} as data", "give (x, y), or a mapping of input names to arrays"
            )
        arrays, labels = [_array(given[0])], given[1]
    else:
        arrays = [_array(given)]
    if len(arrays) != len(inputs):
        raise DataError(
            f"one array as data, and the model has {len(inputs)} inputs",
            "give a mapping of input names to arrays",
        )
    y = None if labels is None else _array(labels)
    return fit(arrays, y, inputs, source="arrays", normalize=normalize)


def _named(given: Mapping[str, Array], inputs: Sequence[Tensor]) -> list[Array]:
    names = [tensor.name for tensor in inputs]
    keys = ["x"] if len(inputs) == 1 and "x" in given else names
    missing = [key for key in keys if key not in given]
    if missing:
        raise DataError(
            f"the data has no array {missing[0]!r}; it has {', '.join(map(repr, given)) or 'none'}",
            f"the model's inputs are {', '.join(map(repr, names))}",
        )
    return [_array(given[key]) for key in keys]


def _array(given: object) -> Array:
    """What was given, as an array with a first axis; of which type is for :func:`fit` to judge."""
    try:
        array = np.asarray(given)
    except ValueError as error:  # ragged
        raise DataError(f"data that is no array: {error}", "give numpy arrays [n, ...]") from error
    if array.ndim == 0 or array.dtype.kind == "O":
        raise DataError(
            f"data of type {type(given).__name__}, which is no array of numbers",
            "give numpy arrays [n, ...], the path of a file, or a mapping of input names to arrays",
        )
    return array
