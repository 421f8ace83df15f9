"""Which kind of data a specification names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from edgeq.base.errors import DataError
from edgeq.data.arrays import read_npy, read_npz
from edgeq.data.dataset import Array, Dataset
from edgeq.data.fit import Normalize, Task, fit
from edgeq.data.function import call
from edgeq.data.images import load_images, require_pillow
from edgeq.data.match import LABELS, Arrays, match, refuse_labels_by_name
from edgeq.data.sequences import LENGTHS, unfold, without_lengths
from edgeq.graph.model import Tensor, refuse_open_shape
from edgeq.graph.names import positions

Kind = Literal["function", "images", "npy", "npz"]

_FILES: Mapping[str, Kind] = {".npy": "npy", ".npz": "npz"}
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_KINDS = "give a .npz, a .npy, a folder of images, or module:function"


def load_data(
    spec: str,
    inputs: Sequence[Tensor],
    *,
    normalize: Normalize | None = None,
    limit: int | None = None,
    need_labels: bool = False,
    labels: str | None = None,
    task: Task | None = None,
    in_order: bool = False,
    stateful: bool = False,
) -> Dataset:
    """Read data and match it to a model's inputs.

    Integers of an input's own type are raw values of it. Other integers, and floats, are real values.

    Args:
        spec: a ``.npz`` file with ``x`` and, where there are labels, ``y`` (for several inputs: an array
            named as each input, or ``input0``, ``input1`` and so on); a ``.npy`` file; a folder of images; or
            ``module:function``.
        inputs: the model's inputs.
        normalize: (mean, std): images and integers that are real values become (value - mean) / std.
            Without it, images are divided by 255.
        limit: take no more samples than this.
        need_labels: whether data without labels is refused.
        labels: the name of the array of labels; None for ``y``, unless an input has that name.
        task: what labels are: class numbers, or the values of a regression; None for what their type says.
        in_order: whether the inputs are known to be in the order of the user's own model.
        stateful: whether samples are sequences (``edgeq.data.sequences``): ``[sequences, steps, ...]``, or
            ``[n, ...]`` with an array ``lengths`` or as one sequence; images in the order of their names.

    Raises:
        ModelError: an input of open shape.
        DataError: the data is missing, damaged, or not what the inputs take; the message says what and where.
        ToolMissingError: images without Pillow.
    """
    if limit is not None and limit < 1:
        raise DataError(f"a limit of {limit} samples", "ask for at least one sample")
    for tensor in inputs:
        refuse_open_shape(tensor)
    dataset = _load(
        spec, inputs, normalize, limit, labels=labels, task=task, in_order=in_order, stateful=stateful
    )
    if need_labels and not dataset.is_labelled:
        raise DataError(
            f"{dataset.source} has no labels",
            "add an integer array y to the .npz, sub-folders or a labels.csv to the images, or return (x, y)",
        )
    return dataset.first(limit)


def kind_of(spec: str) -> Kind:
    """What a specification names, before any of it is read.

    Raises:
        DataError: nothing is there, or it is of no kind that edgeq reads.
        ToolMissingError: images without Pillow.
    """
    path = Path(spec)
    if not path.exists() and _FUNCTION.fullmatch(spec):
        return "function"
    if path.is_dir():
        require_pillow()
        return "images"
    if not path.exists():
        raise DataError(f"there is no file {spec}", _KINDS)
    kind = _FILES.get(path.suffix.lower())
    if kind is None:
        raise DataError(f"{spec} is not a kind of data that edgeq reads", _KINDS)
    return kind


def _load(
    spec: str,
    inputs: Sequence[Tensor],
    normalize: Normalize | None,
    limit: int | None,
    *,
    labels: str | None,
    task: Task | None,
    in_order: bool,
    stateful: bool,
) -> Dataset:
    path, kind = Path(spec), kind_of(spec)
    found: Arrays
    told: Array | None = None
    names: Sequence[str] = ()
    if kind == "function":
        found, told = call(spec, len(inputs), limit)
        source = spec
    elif kind == "images":
        refuse_labels_by_name(labels, spec)
        images = load_images(path, inputs, normalize=normalize, limit=limit, task=task)
        return replace(images, lengths=(len(images),) if stateful else None)
    elif kind == "npy":
        found, source = [read_npy(path)], path.name
    else:
        wanted = {"x", LABELS, *positions(inputs, "input"), *([] if labels is None else [labels])}
        wanted |= {LENGTHS} if stateful else set()
        found, names = read_npz(path, frozenset(wanted))
        source = path.name
    if told is not None:
        refuse_labels_by_name(labels, spec)
    found, lengths = without_lengths(found) if stateful else (found, None)
    arrays, y, notes = match(found, inputs, source, labels=labels, in_order=in_order, known=names)
    y = y if told is None else told
    counts = None
    if stateful:
        arrays, y, counts = unfold(arrays, y, lengths, inputs, source)
    data = fit(arrays, y, inputs, source=source, normalize=normalize, notes=notes, task=task)
    return replace(data, lengths=counts)
