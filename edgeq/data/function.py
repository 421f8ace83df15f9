"""``module:function``: the user's own code gives the samples."""

from __future__ import annotations

import importlib
import itertools
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.data.match import Arrays

MAX_SAMPLES = 100_000
"""Where an endless generator is stopped if no limit is given."""


def call(spec: str, inputs: int, limit: int | None) -> tuple[Arrays, Array | None]:
    """Import the module (the current folder is importable), call the function without arguments.

    It returns an array, a mapping of names to arrays, a pair (x, y) of one of these and labels, or an
    iterable of samples; a sample is an array, a mapping of input names to arrays, a list of one array for
    each input, or a pair (sample, label).

    Args:
        spec: ``module:function``.
        inputs: how many inputs the model has.
        limit: how many samples are taken of an iterable.

    Returns:
        The arrays, and the labels if there are any; shapes are not checked.

    Raises:
        DataError: no such module or function, whatever the user's code raised with where it did, or a result
            of another kind.
    """
    module_name, _, function_name = spec.partition(":")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        function = getattr(_module(module_name, spec, here), function_name, None)
        if not callable(function):
            raise DataError(f"module {module_name} has no function {function_name}")
        return _arrays_of(function(), spec, inputs, limit)
    except DataError:
        raise
    except (Exception, SystemExit) as error:
        raise _users_fault(spec, error) from error
    finally:
        if here in sys.path:
            sys.path.remove(here)


def _module(name: str, spec: str, here: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise DataError(
                f"there is no module {name}", f"it is looked for in {here} and among what is installed"
            ) from error
        raise _users_fault(spec, error) from error


def _arrays_of(result: Any, spec: str, inputs: int, limit: int | None) -> tuple[Arrays, Array | None]:
    if isinstance(result, tuple) and len(result) == 2:
        x, y = result
        if isinstance(x, Mapping):
            return {str(name): _plain(value, spec) for name, value in x.items()}, _plain(y, spec)
        parts = x if inputs > 1 and isinstance(x, list | tuple) and len(x) == inputs else [x]
        return [_plain(part, spec) for part in parts], _plain(y, spec)
    if isinstance(result, Mapping):
        return {str(name): _plain(value, spec) for name, value in result.items()}, None
    if hasattr(result, "__array__"):
        return [_plain(result, spec)], None
    if not isinstance(result, Iterable) or isinstance(result, str | bytes):
        raise DataError(
            f"{spec} returned {type(result).__name__}",
            "return an array, a pair (x, y), or an iterable of samples",
        )
    return _collected(result, spec, inputs, limit)


def _collected(
    samples: Iterable[Any], spec: str, inputs: int, limit: int | None
) -> tuple[Arrays, Array | None]:
    columns: dict[str, list[Array]] = {}
    has_names = False
    labels = []
    for sample in itertools.islice(samples, MAX_SAMPLES if limit is None else limit):
        value = sample
        if isinstance(value, tuple) and len(value) == 2:
            value, label = value
            labels.append(label)
        has_names = has_names or isinstance(value, Mapping)
        parts = _parts(value, inputs, spec)
        if columns and parts.keys() != columns.keys():
            raise DataError(
                f"{spec} gives samples of different arrays: {', '.join(columns)}, then {', '.join(parts)}",
                "give the same arrays for each sample",
            )
        for name, part in parts.items():
            columns.setdefault(name, []).append(_plain(part, spec))
    if not columns:
        raise DataError(f"{spec} gives no samples", "yield at least one")
    count = len(next(iter(columns.values())))
    if labels and len(labels) != count:
        raise DataError(f"{spec} gives {count} samples and {len(labels)} labels", "label each sample")
    if any(part.shape != column[0].shape for column in columns.values() for part in column):
        raise DataError(f"{spec} gives samples of different shapes", "make them all the same shape")
    stacked = {name: np.stack(column) for name, column in columns.items()}
    return stacked if has_names else list(stacked.values()), _plain(labels, spec) if labels else None


def _parts(value: Any, inputs: int, spec: str) -> Mapping[str, Any]:
    """A sample's arrays by name, or by their position."""
    if isinstance(value, Mapping):
        return {str(name): part for name, part in value.items()}
    parts = value if isinstance(value, list) and len(value) == inputs else [value]
    if len(parts) != inputs:
        raise DataError(f"{spec} gives samples of {len(parts)} arrays, the model has {inputs} inputs")
    return {str(position): part for position, part in enumerate(parts)}


def _plain(value: Any, spec: str) -> Array:
    try:
        array: Array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise DataError(f"{spec} gives something that is not an array: {error}") from error
    if array.dtype.hasobject:
        raise DataError(f"{spec} gives Python objects, not numbers", "give numeric arrays of one shape")
    return array


def _users_fault(spec: str, error: BaseException) -> DataError:
    """The exception in one line, with the last place of its traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    last = traceback.format_exception_only(type(error), error)[-1].strip()
    return DataError(f"{spec} failed{place}: {last}", "mend the function; edgeq calls it without arguments")
