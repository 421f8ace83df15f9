"""A folder of images: labels by sub-folder, or by a labels.csv or labels.txt beside the images."""

from __future__ import annotations

import csv
import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edgeq.base.errors import DataError, ToolMissingError
from edgeq.data.dataset import Dataset
from edgeq.data.fit import Normalize, Task, fit, refuse_normalize
from edgeq.features.form import Array, Form
from edgeq.features.preprocessing import Preprocessing, real_values
from edgeq.features.raw import CHANNELS, RESIZE, Colour, ImageForm
from edgeq.features.stages.resize import Resize
from edgeq.graph.model import Tensor

MAX_PIXELS = 64 << 20
"""A larger image is refused before it is decoded."""
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"})
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_COLOURS: Mapping[int, Colour] = {1: "grey", 3: "RGB", 4: "RGBA"}
_DEFAULT_NORMALIZE = (0.0, 255.0)


def load_images(
    folder: Path,
    inputs: Sequence[Tensor],
    *,
    normalize: Normalize | None,
    limit: int | None,
    task: Task | None = None,
) -> Dataset:
    """Images as float32 ``[n, height, width, channels]``, (pixel - mean) / std, and their labels if any.

    Raises:
        DataError: no images, an unreadable one, labels that do not match, or a model that takes no image.
        ToolMissingError: Pillow is not installed.
    """
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[3] not in _MODES:
        raise DataError(
            f"{folder} is a folder of images, and the model does not take one image",
            "it needs one input [1, height, width, channels] of 1, 3 or 4 channels; else give a .npz file",
        )
    _, height, width, channels = inputs[0].shape
    files, labels, notes = _find(folder)
    if limit is not None and limit < len(files):
        chosen = np.linspace(0, len(files) - 1, limit).round().astype(int)
        files = [files[i] for i in chosen]
        labels = None if labels is None else [labels[i] for i in chosen]
        notes.append(f"{limit} images are taken, evenly spaced.")
    pillow = _pillow()
    pixels = np.empty((len(files), height, width, channels), np.uint8)
    resized = 0
    form = ImageForm(width, height, _COLOURS[channels])
    for position, file in enumerate(files):
        image = _read(pillow, file, _MODES[channels])
        resized += image.size != (width, height)
        pixels[position] = _pixels(image, form)
    if resized:
        notes.append(f"{resized} of {len(files)} images were resized to {width}x{height} (bilinear).")
    if normalize is None:
        normalize = _DEFAULT_NORMALIZE
        notes.append(
            "Pixels are divided by 255 (normalize 0, 255); say so if the model was trained otherwise."
        )
    y = None if labels is None else np.array(labels, np.int64)
    data = fit(
        [real_values(pixels, *refuse_normalize(normalize))],
        y,
        inputs,
        source=str(folder),
        normalize=None,
        notes=notes,
        task=task,
    )
    return replace(data, preprocessing=(Preprocessing(*normalize, form),))


def read_image(file: Path, form: ImageForm) -> Array:
    """An image file as a raw sample, uint8 ``[height, width, channels]``: in its colours, resized.

    Raises:
        DataError: it is unreadable.
        ToolMissingError: Pillow is not installed.
    """
    mode = _MODES[CHANNELS[form.colour]]
    found = _pixels(_read(_pillow(), file, mode), form)
    made: Array = found[..., ::-1] if form.colour == "BGR" else found
    return made


def _pixels(image: Any, form: ImageForm) -> Array:
    channels = CHANNELS[form.colour]
    found = np.asarray(image, np.uint8).reshape(1, image.height, image.width, channels)
    if image.size != (form.width, form.height):
        found = Resize(form.width, form.height, RESIZE).apply(found, Form(found.shape[1:], "uint8"))
    pixels: Array = found[0]
    return pixels


def require_pillow() -> None:
    """Refuse where images cannot be read.

    Raises:
        ToolMissingError: Pillow is not installed.
    """
    if importlib.util.find_spec("PIL") is None:
        raise ToolMissingError("reading images needs Pillow", "pip install edgeq[images]")


def _pillow() -> Any:
    require_pillow()
    return importlib.import_module("PIL.Image")


def _read(pillow: Any, file: Path, mode: str) -> Any:
    try:
        with pillow.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DataError(f"{file} is {image.width}x{image.height}, too large", "make it smaller")
            return image.convert(mode)
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise DataError(f"{file} is not a readable image: {error}", "remove or mend it") from error


def _find(folder: Path) -> tuple[list[Path], list[int] | None, list[str]]:
    """Image files in a stable order, a label for each if there are labels, and notes."""
    here = sorted(folder.iterdir())
    classes = [place for place in here if place.is_dir() and not place.name.startswith(".")]
    grouped = [(place, found) for place in classes if (found := _images(place))]
    listing = next((file for file in here if file.name.lower() in ("labels.csv", "labels.txt")), None)
    flat = _images(folder)
    if not flat and not grouped:
        raise DataError(f"{folder} holds no images", f"known types: {', '.join(sorted(_SUFFIXES))}")
    if flat and grouped:
        raise DataError(
            f"{folder} has images both directly and in sub-folders",
            "use one sub-folder for each class, or none",
        )
    if grouped:
        numbers, note = _class_numbers([place.name for place, _ in grouped], listing)
        files = [file for _, found in grouped for file in found]
        labels = [numbers[place.name] for place, found in grouped for _ in found]
        return files, labels, [note]
    if listing is None:
        return flat, None, ["The images have no labels."]
    by_name, note = _listed(listing)
    missing = [file.name for file in flat if file.name not in by_name]
    if missing:
        raise DataError(
            f"{listing} has no label for {len(missing)} images; the first is {missing[0]}",
            "each line is: file name, label",
        )
    return flat, [by_name[file.name] for file in flat], [note]


def _images(folder: Path) -> list[Path]:
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in _SUFFIXES and f.is_file())


def _class_numbers(names: list[str], listing: Path | None) -> tuple[dict[str, int], str]:
    if all(name.isdecimal() for name in names):
        return {name: int(name) for name in names}, "Labels are the numbers that name the sub-folders."
    if listing is not None:
        order = [row[0] for row in _rows(listing)]
        absent = [name for name in names if name not in order]
        if absent:
            raise DataError(
                f"{listing} does not list the sub-folder {absent[0]}", "one class name a line, in order"
            )
        return {name: order.index(name) for name in names}, f"Classes are numbered as in {listing.name}."
    shown = ", ".join(f"{i} {name}" for i, name in enumerate(names[:10])) + (", …" if len(names) > 10 else "")
    return {name: i for i, name in enumerate(names)}, f"Classes are the sub-folders in order: {shown}."


def _listed(listing: Path) -> tuple[dict[str, int], str]:
    """File name to label."""
    pairs = {}
    for number, row in enumerate(_rows(listing), 1):
        if len(row) != 2:
            raise DataError(
                f"{listing} line {number} is not a file name and a label", "each line is: name, label"
            )
        pairs[row[0]] = row[1]
    if all(label.isdecimal() for label in pairs.values()):
        return {name: int(label) for name, label in pairs.items()}, f"Labels are those of {listing.name}."
    if not any(label.isdecimal() for label in pairs.values()):
        order = sorted(set(pairs.values()))
        note = f"Classes of {listing.name} are numbered in alphabetical order: {', '.join(order[:10])}."
        return {name: order.index(label) for name, label in pairs.items()}, note
    raise DataError(f"{listing} has both numbers and names as labels", "use one or the other")


def _rows(listing: Path) -> list[list[str]]:
    try:
        text = listing.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {listing}: {error}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if any("," in line for line in lines):
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    else:
        rows = [line.split() for line in lines]
    heads = ("file", "filename", "image", "name", "path")
    return rows[1:] if rows and rows[0][0].lower() in heads else rows
