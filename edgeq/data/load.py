"""Which kind of data a specification names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from edgeq.base.errors import DataError
from edgeq.data.arrays import read_npy, read_npz
from edgeq.data.dataset import Array, Dataset
from edgeq.data.fit import Normalize, fit
from edgeq.data.function import call
from edgeq.data.images import load_images
from edgeq.graph.model import Tensor, refuse_open_shape

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_KINDS = "give a .npz, a .npy, a folder of images, or module:function"


def load_data(
    spec: str,
    inputs: Sequence[Tensor],
    *,
    normalize: Normalize | None = None,
    limit: int | None = None,
    need_labels: bool = False,
) -> Dataset:
    """Read data and match it to a model's inputs.

    Integers of an input's own type are raw values of it. Other integers, and floats, are real values.

    Args:
        spec: a ``.npz`` file with ``x`` and, where there are labels, ``y`` (for several inputs: an array
            named as each input); a ``.npy`` file; a folder of images; or ``module:function``.
        inputs: the model's inputs.
        normalize: (mean, std): images and integers that are real values become (value - mean) / std.
            Without it, images are divided by 255.
        limit: take no more samples than this.
        need_labels: whether data without labels is refused.

    Raises:
        ModelError: an input of open shape.
        DataError: the data is missing, damaged, or not what the inputs take; the message says what and where.
        ToolMissingError: images without Pillow.
    """
    if limit is not None and limit < 1:
        raise DataError(f"a limit of {limit} samples", "ask for at least one sample")
    for tensor in inputs:
        refuse_open_shape(tensor)
    dataset = _load(spec, inputs, normalize, limit)
    if need_labels and dataset.y is None:
        raise DataError(
            f"{dataset.source} has no labels",
            "add an integer array y to the .npz, sub-folders or a labels.csv to the images, or return (x, y)",
        )
    if limit is None or limit >= len(dataset):
        return dataset
    y = None if dataset.y is None else dataset.y[:limit]
    return replace(dataset, x=tuple(array[:limit] for array in dataset.x), y=y)


def _load(spec: str, inputs: Sequence[Tensor], normalize: Normalize | None, limit: int | None) -> Dataset:
    path = Path(spec)
    found: Mapping[str, Array] | list[Array]
    labels: Array | None = None
    if not path.exists() and _FUNCTION.fullmatch(spec):
        found, labels = call(spec, len(inputs), limit)
        names: Sequence[str] = tuple(found) if isinstance(found, Mapping) else ()
        source = spec
    elif path.is_dir():
        return load_images(path, inputs, normalize=normalize, limit=limit)
    elif not path.exists():
        raise DataError(f"there is no file {spec}", _KINDS)
    elif path.suffix.lower() == ".npy":
        found, names, source = [read_npy(path)], (), path.name
    elif path.suffix.lower() == ".npz":
        wanted = frozenset({"x", "y", *(name for tensor in inputs for name in _names(tensor))})
        found, names = read_npz(path, wanted)
        source = path.name
    else:
        raise DataError(f"{spec} is not a kind of data that edgeq reads", _KINDS)
    if isinstance(found, Mapping):
        arrays = _by_name(found, names, inputs, source)
        labels = found.get("y") if labels is None else labels
    else:
        arrays = _one_each(found, inputs, source)
    return fit(arrays, labels, inputs, source=source, normalize=normalize)


def _one_each(arrays: list[Array], inputs: Sequence[Tensor], source: str) -> list[Array]:
    if len(arrays) != len(inputs):
        raise DataError(
            f"{source} has {len(arrays)} array, the model has {len(inputs)} inputs",
            f"give a .npz with an array for each input, named: {', '.join(tensor.name for tensor in inputs)}",
        )
    return arrays


def _by_name(
    found: Mapping[str, Array], names: Sequence[str], inputs: Sequence[Tensor], source: str
) -> list[Array]:
    arrays = []
    for tensor in inputs:
        accepted = ("x", *_names(tensor)) if len(inputs) == 1 else _names(tensor)
        name = next((name for name in accepted if name in found), None)
        if name is None:
            raise DataError(
                f"{source} has no array named {accepted[0]}; it has {', '.join(names) or 'none'}",
                "name the samples x and the labels y; for several inputs, name each array as its input",
            )
        arrays.append(found[name])
    return arrays


def _names(tensor: Tensor) -> tuple[str, ...]:
    """What an array for this input may be called: its name, and that without what exporters add."""
    plain = tensor.name.removeprefix("serving_default_")
    return (tensor.name, plain.rpartition(":")[0] or plain)
