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
from edgeq.data.fit import Task, fit
from edgeq.data.load import load_data
from edgeq.data.match import Arrays, match, refuse_labels_by_name
from edgeq.data.sequences import unfold, without_lengths

if TYPE_CHECKING:
    from edgeq.graph import Tensor

Array = npt.NDArray[Any]

Samples = str | Path | Array | tuple[Array | Mapping[str, Array], Array] | Mapping[str, Array] | Dataset
"""Data: a spec as ``--data`` takes it (path or ``module:function``); an array x ``[n, ...]``; a mapping of
input names, and ``"y"``, to arrays; a pair (x, y) of one of these and labels y ``[n]``, or the values of a
regression ``[n, ...]``; or a Dataset, which has an array for each input in the model's order."""


def load_samples(
    given: Samples,
    inputs: Sequence[Tensor],
    *,
    normalize: tuple[float, float] | None = None,
    limit: int | None = None,
    labels: str | None = None,
    task: Task | None = None,
    in_order: bool = False,
    stateful: bool = False,
) -> Dataset:
    """The samples for a model's inputs.

    Args:
        given: where they are, or they themselves.
        inputs: the model's.
        normalize: (mean, std) of image pixels; None for what the model suggests.
        limit: take the first so many.
        labels, task, in_order, stateful: as :func:`load_data` takes them.

    Raises:
        DataError: they do not suit the model.
    """
    if isinstance(given, str | Path):
        return load_data(
            str(given),
            inputs,
            normalize=normalize,
            limit=limit,
            labels=labels,
            task=task,
            in_order=in_order,
            stateful=stateful,
        )
    if isinstance(given, Dataset):
        refuse_labels_by_name(labels, given.source)
        return _refitted(given, inputs).first(limit)
    x: Any = given
    told: Any = None
    if isinstance(given, tuple):
        if len(given) != 2:  # a pair
            raise DataError(
                f"a tuple of {len(given)} as data", "give (x, y), or a mapping of input names to arrays"
            )
        x, told = given
        refuse_labels_by_name(labels, "a pair (x, y)")
    found: Arrays
    if isinstance(x, Mapping):
        found = {str(name): _array(array) for name, array in x.items()}
    elif isinstance(x, list | tuple) and 1 < len(x) == len(inputs):
        found = [_array(array) for array in x]
    else:
        found = [_array(x)]
    found, lengths = without_lengths(found) if stateful else (found, None)
    arrays, y, notes = match(found, inputs, "arrays", labels=labels, in_order=in_order)
    y = y if told is None else _array(told)
    counts = None
    if stateful:
        arrays, y, counts = unfold(arrays, y, lengths, inputs, "arrays")
    data = fit(arrays, y, inputs, source="arrays", normalize=normalize, notes=notes, task=task)
    return replace(data, lengths=counts).first(limit)


def _refitted(data: Dataset, inputs: Sequence[Tensor]) -> Dataset:
    """A Dataset that somebody has made, held against the model's inputs as arrays are."""
    if len(data.x) != len(inputs):
        raise DataError(
            f"{data.source} has arrays for {len(data.x)} inputs, and the model has {len(inputs)} inputs",
            "give an array for each input, in the model's order",
        )
    given = data.targets if data.y is None else data.y
    fitted = fit(
        data.apart(data.x),
        given,
        inputs,
        source=data.source,
        normalize=None,
        notes=data.notes,
        task="classification" if data.targets is None else "regression",
    )
    return replace(
        fitted, output=data.output, preprocessing=data.preprocessing, lengths=data.lengths, raw=data.raw
    )


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
