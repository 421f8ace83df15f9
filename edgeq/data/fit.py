"""Raw arrays made into a Dataset for given model inputs, with every mismatch named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array, Dataset
from edgeq.features.preprocessing import Preprocessing, real_values
from edgeq.graph.model import Tensor, refuse_open_shape
from edgeq.interpreter import sample_shape

Normalize = tuple[float, float]
Task = Literal["classification", "regression"]


def fit(
    arrays: Sequence[Array],
    labels: Array | None,
    inputs: Sequence[Tensor],
    *,
    source: str,
    normalize: Normalize | None,
    notes: Sequence[str] = (),
    task: Task | None = None,
) -> Dataset:
    """Check and convert arrays, one per input, and labels.

    Labels of an integer type are class numbers, others the values of a regression; ``task`` says otherwise.

    Raises:
        ModelError: an input of open shape.
        DataError: a wrong shape, type, number of samples, or a value that is not finite.
    """
    for tensor in inputs:
        refuse_open_shape(tensor)
    told = list(notes)
    batch = _batch([np.asarray(array) for array in arrays], inputs)
    if batch > 1:
        inputs = [replace(tensor, shape=(1, *tensor.shape[1:])) for tensor in inputs]
    fitted = [
        _fit_raw(np.asarray(array), tensor, source, told)
        or (*_fit_input(np.asarray(array), tensor, source, normalize, told), None)
        for array, tensor in zip(arrays, inputs, strict=True)
    ]
    x = tuple(array for array, _, _ in fitted)
    steps = tuple(step for _, step, _ in fitted)
    raw = tuple(array for _, _, array in fitted)
    preprocessing = steps if any(steps) else ()
    counts = [len(array) for array in x]
    if len(set(counts)) > 1:
        raise DataError(f"{source}: the inputs have different numbers of samples: {counts}")
    y, targets = None, None
    if labels is not None:
        given = np.asarray(labels)
        if (task or _task_of(given)) == "regression":
            targets = _fit_targets(given, counts[0], source, asked=task is not None)
        else:
            y = _fit_labels(given, counts[0], source, told)
    filled = -counts[0] % batch
    if batch > 1:
        x = tuple(_in_batches(array, batch) for array in x)
        told.append(f"{counts[0]} samples are taken in {len(x[0])} batches of {batch}{_filled(filled)}.")
    return Dataset(
        x,
        y,
        source,
        tuple(told),
        targets=targets,
        preprocessing=preprocessing,
        batch=batch,
        filled=filled,
        raw=raw if any(array is not None for array in raw) else (),
    )


def _batch(arrays: Sequence[Array], inputs: Sequence[Tensor]) -> int:
    """How many samples the model takes at once, where the arrays have them one by one; else 1."""
    sizes = {tensor.shape[:1] for tensor in inputs}
    one_by_one = all(
        array.ndim == len(tensor.shape) and array.shape[1:] == tensor.shape[1:]
        for array, tensor in zip(arrays, inputs, strict=True)
    )
    if len(sizes) != 1 or not one_by_one:
        return 1
    return next(iter(sizes.pop()), 1)


def _in_batches(array: Array, batch: int) -> Array:
    """Samples by so many; the last one again and again makes the last batch whole."""
    whole = np.concatenate([array, np.repeat(array[-1:], -len(array) % batch, axis=0)])
    return whole.reshape(-1, batch, *array.shape[1:])


def _filled(count: int) -> str:
    return (
        f", the last filled up with {count} cop{'ies' if count > 1 else 'y'} of the last sample"
        if count
        else ""
    )


def _task_of(labels: Array) -> Task:
    """What labels are of, by their type."""
    return "regression" if labels.dtype.kind == "f" else "classification"


def _fit_targets(labels: Array, count: int, source: str, *, asked: bool) -> npt.NDArray[np.float32]:
    if labels.dtype.kind not in "fiu":
        raise DataError(f"{source}: the values of y cannot be of type {labels.dtype}", "give float32 values")
    if not labels.ndim or len(labels) != count:
        raise DataError(
            f"{source}: {count} samples and values y of shape {list(labels.shape)}",
            "give the values of one output for each sample",
        )
    targets = _finite(labels, f"{source}: y")
    if not asked and _is_one_hot(targets):
        raise DataError(
            f"{source}: y of shape {list(labels.shape)} looks like one-hot labels, not like values",
            "save y.argmax(axis=1), the class of each sample; for a regression say --task regression",
        )
    return targets


def _is_one_hot(values: npt.NDArray[np.float32]) -> bool:
    if values.ndim != 2 or values.shape[1] < 2:  # samples by classes
        return False
    return bool(np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all())


def _fit_raw(
    array: Array, tensor: Tensor, source: str, notes: list[str]
) -> tuple[Array, Preprocessing, Array] | None:
    """The values that raw samples become, what was done, and they themselves; None for other data."""
    step = tensor.preprocessing
    if step is None or not step.stages:
        return None
    form, sample = step.forms[0], sample_shape(tensor.shape)
    raw = array[np.newaxis] if array.dtype == form.numpy and array.shape == form.shape else array
    if not step.takes(raw):
        if raw.dtype.kind == "f" and raw.shape[1:] != form.shape:
            notes.append(f"The values of '{tensor.name}' are floats, taken as features: no stage is applied.")
            return None
        raise DataError(
            f"{source}: input '{tensor.name}' is made of raw samples {form}, and the data is {array.dtype} "
            f"{list(array.shape)}",
            f"give raw samples, {form.dtype} [n, {', '.join(map(str, form.shape))}], or features as floats",
        )
    if not len(raw):
        raise DataError(f"{source} holds no samples", "give at least one sample")
    return step.real(raw).reshape(len(raw), *sample), step, raw


def _fit_input(
    array: Array, tensor: Tensor, source: str, normalize: Normalize | None, notes: list[str]
) -> tuple[Array, Preprocessing | None]:
    """The values, and what was done to them."""
    where = f"{source}: input '{tensor.name}'"
    if array.dtype.kind not in "fiub":
        raise DataError(f"{where} cannot be of type {array.dtype}", "give float32 values, or integers")
    array = _fit_shape(array, tensor, where, notes)
    if not len(array):
        raise DataError(f"{source} holds no samples", "give at least one sample")
    if array.dtype.kind == "f":
        if normalize is not None:
            notes.append("normalize is not applied: the values are floats already.")
        return _finite(array, where), None
    if not tensor.dtype.is_float:
        own = tensor.dtype.numpy
        if array.dtype == own:
            if normalize is not None:
                notes.append(f"normalize is not applied: the values are {own}, the input's own type.")
            return array, None
        if tensor.quant is None:
            return _cast(array, own, where), None
    if normalize is None and array.dtype.kind != "b":
        notes.append(
            f"The values of '{tensor.name}' are {array.dtype}, taken as the real numbers the model expects."
        )
    if normalize is None:
        return array.astype(np.float32), None
    return real_values(array, *refuse_normalize(normalize)), Preprocessing(*normalize)


def refuse_normalize(normalize: Normalize) -> Normalize:
    """The mean and the deviation, where they can be such.

    Raises:
        DataError: std is 0, or one of them no float32.
    """
    with np.errstate(over="ignore"):
        mean, std = np.float32(normalize[0]), np.float32(normalize[1])
    if not (np.isfinite(mean) and np.isfinite(std)) or std == 0:
        raise DataError(
            f"normalize has mean {normalize[0]} and std {normalize[1]}", "std must not be 0 in float32"
        )
    return normalize


def _fit_shape(array: Array, tensor: Tensor, where: str, notes: list[str]) -> Array:
    sample = sample_shape(tensor.shape)
    if array.ndim == len(sample) + 1 and array.shape[1:] == sample:
        return array
    if array.shape == sample:
        notes.append(f"'{tensor.name}' is taken as one sample of shape {list(sample)}.")
        return array[np.newaxis]
    got = array.shape[1:]
    if array.ndim and tuple(n for n in got if n != 1) == tuple(n for n in sample if n != 1):
        notes.append(f"Samples of shape {list(got)} are taken as {list(sample)}.")
        return array.reshape(len(array), *sample)
    if len(sample) > 1 and array.ndim == len(sample) + 1 and got == (sample[-1], *sample[:-1]):
        notes.append(
            f"Samples of shape {list(got)} have their channels first; they are taken as {list(sample)}."
        )
        return np.moveaxis(array, 1, -1)
    expected = ", ".join(("n", *map(str, sample)))
    raise DataError(
        f"{where} takes samples of shape {list(sample)}, the data has shape {list(array.shape)}",
        f"reshape the data to [{expected}], where n is the number of samples",
    )


def _finite(array: Array, where: str) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        real = array.astype(np.float32)
    good = np.isfinite(real).reshape(len(real), -1).all(axis=1)
    if not good.all():
        bad = np.flatnonzero(~good)
        raise DataError(
            f"{where} has values that are not finite (NaN or infinite) in {len(bad)} of {len(real)} samples; "
            f"the first is sample {int(bad[0])}",
            "remove those samples, or mend how they are made",
        )
    return real


def _cast(array: Array, dtype: np.dtype[np.generic], where: str) -> Array:
    cast = array.astype(dtype)
    if not np.array_equal(cast, array):
        raise DataError(f"{where} takes {dtype}, and the data has values outside its range")
    return cast


def _fit_labels(labels: Array, count: int, source: str, notes: list[str]) -> npt.NDArray[np.int64]:
    if labels.dtype.kind == "f" and np.array_equal(labels, np.rint(labels)):
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "iu":
        raise DataError(
            f"{source}: labels must be integers (the class of each sample), they are {labels.dtype}",
            "save y with astype('int64'); for one-hot labels, y.argmax(axis=1)",
        )
    if labels.shape == (count, 1):
        notes.append("Labels of shape [n, 1] are taken as [n].")
        labels = labels.reshape(-1)
    if labels.shape != (count,):
        hint = (
            "for one-hot labels save y.argmax(axis=1)"
            if labels.ndim > 1
            else "give one label for each sample"
        )
        raise DataError(f"{source}: {count} samples and labels of shape {list(labels.shape)}", hint)
    numbers = labels.astype(np.int64)
    if numbers.min() < 0:
        raise DataError(
            f"{source}: label {int(numbers.min())} is negative",
            "number the classes from 0; where they are values of a regression, say --task regression",
        )
    return numbers
