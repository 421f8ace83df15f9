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
from edgeq.data.folders import kinds_in
from edgeq.data.function import call
from edgeq.data.images import IMAGES, load_images, read_images, require_pillow
from edgeq.data.match import LABELS, Arrays, match, refuse_labels_by_name
from edgeq.data.recordings import Recordings
from edgeq.data.records import read_records
from edgeq.data.sequences import LENGTHS, unfold, without_lengths
from edgeq.data.sounds import SOUNDS, read_sounds
from edgeq.data.tables import TABLES, labels_of, read_readings, read_table
from edgeq.features.raw import ImageForm, Raw, Sensor, Sound
from edgeq.graph.model import Tensor, refuse_open_shape
from edgeq.graph.names import positions

Kind = Literal["function", "images", "sounds", "tables", "table", "records", "npy", "npz"]

_FILES: Mapping[str, Kind] = {".npy": "npy", ".npz": "npz", ".csv": "table", ".tfrecord": "records"}
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_KINDS = "give a .npz, a .npy, a .csv, a .tfrecord, a folder of images, sounds or tables, or module:function"


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
            named as each input, or ``input0``, ``input1`` and so on); a ``.npy`` file; a ``.csv`` of a sample
            a row; a ``.tfrecord`` of examples; a folder of images; ``module:function``; for a model whose
            preprocessing says what a raw sample is, a folder of images or sounds, or tables of readings.
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
        there = kinds_in(path)
        if there & SOUNDS:
            return "sounds"
        if there & TABLES and not there & IMAGES:
            return "tables"
        require_pillow()
        return "images"
    if not path.exists():
        raise DataError(f"there is no file {spec}", _KINDS)
    found = _FILES.get(path.suffix.lower())
    if found is None:
        raise DataError(f"{spec} is not a kind of data that edgeq reads", _KINDS)
    return found


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
    elif kind in ("sounds", "tables", "images") or (kind == "table" and raw_form(inputs) is not None):
        refuse_labels_by_name(labels, spec)
        data = _recorded(path, inputs, normalize=normalize, limit=limit, task=task)
        return replace(data, lengths=(len(data),) if stateful else None)
    elif kind == "table":
        table = read_table(path, labels)
        told, notes = labels_of(table)
        data = fit(
            [table.values], told, inputs, source=path.name, normalize=normalize, notes=notes, task=task
        )
        return replace(data, lengths=(len(data),) if stateful else None)
    elif kind == "records":
        found, source = read_records(path, limit), path.name
        names = tuple(found)
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


def raw_form(inputs: Sequence[Tensor]) -> Raw | None:
    """What a raw sample of the model is, where its one input is made of such by stages; else None."""
    step = inputs[0].preprocessing if len(inputs) == 1 else None
    return step.raw if step is not None and step.stages else None


def _recorded(
    path: Path, inputs: Sequence[Tensor], *, normalize: Normalize | None, limit: int | None, task: Task | None
) -> Dataset:
    raw = raw_form(inputs)
    if raw is None:
        kind = kind_of(str(path))
        if kind == "images":
            return load_images(path, inputs, normalize=normalize, limit=limit, task=task)
        raise DataError(
            f"{path} is a folder of {kind}, and nothing says what the model makes of such",
            "--preprocessing names what sounds or readings undergo; else give features as a .npz",
        )
    found = read_recordings(path, raw, limit)
    return fit([found.x], found.y, inputs, source=str(path), normalize=None, notes=found.notes, task=task)


def read_recordings(path: Path, raw: Raw | None, limit: int | None = None) -> Recordings:
    """Raw samples of a folder of sounds, images or tables, or of a table.

    Args:
        raw: what a raw sample is; None for what the files say.
        limit: take no more files than this, evenly spaced.

    Raises:
        DataError: files of another kind, or such that cannot be read.
        ToolMissingError: images without Pillow.
    """
    kind = kind_of(str(path))
    if kind == "sounds" and (raw is None or isinstance(raw, Sound)):
        return read_sounds(path, raw, limit)
    if kind in ("table", "tables") and (raw is None or isinstance(raw, Sensor)):
        return read_readings(path, raw, limit)
    if kind == "images" and (raw is None or isinstance(raw, ImageForm)):
        return read_images(path, raw, limit)
    told = "recordings" if raw is None else f"a {raw}" if isinstance(raw, Sound) else str(raw)
    raise DataError(
        f"{path} holds {kind}, and what is wanted is {told}",
        "give a folder of .wav, of .csv or of images, one sub-folder for each class",
    )
