"""A folder of images."""

from __future__ import annotations

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
from edgeq.data.folders import labelled_files
from edgeq.data.recordings import Recordings, gathered
from edgeq.features.form import Array, Form
from edgeq.features.preprocessing import Preprocessing, real_values
from edgeq.features.raw import CHANNELS, RESIZE, Colour, ImageForm
from edgeq.features.stages.resize import Resize
from edgeq.graph.model import Tensor

MAX_PIXELS = 64 << 20
"""A larger image is refused before it is decoded."""
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"})
"""Suffixes of files that are images."""
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
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[3] not in _COLOURS:
        raise DataError(
            f"{folder} is a folder of images, and the model does not take one image",
            "it needs one input [1, height, width, channels] of 1, 3 or 4 channels; else give a .npz file",
        )
    _, height, width, channels = inputs[0].shape
    form = ImageForm(width, height, _COLOURS[channels])
    found = read_images(folder, form, limit)
    notes = list(found.notes)
    if normalize is None:
        normalize = _DEFAULT_NORMALIZE
        notes.append(
            "Pixels are divided by 255 (normalize 0, 255); say so if the model was trained otherwise."
        )
    data = fit(
        [real_values(found.x, *refuse_normalize(normalize))],
        found.y,
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
    return _pixels(_read(_pillow(), file, _MODES[CHANNELS[form.colour]]), form)


def _pixels(image: Any, form: ImageForm) -> Array:
    channels = CHANNELS[form.colour]
    found = np.asarray(image, np.uint8).reshape(1, image.height, image.width, channels)
    if image.size != (form.width, form.height):
        found = Resize(form.width, form.height, RESIZE).apply(found, Form(found.shape[1:], "uint8"))
    pixels: Array = found[0, ..., ::-1] if form.colour == "BGR" else found[0]
    return pixels


def read_images(folder: Path, form: ImageForm | None, limit: int | None = None) -> Recordings:
    """The images of a folder, as bytes of the form's size and colours.

    Args:
        form: what a raw sample is; None for the size of the first image, in RGB.
        limit: take no more than this, evenly spaced.

    Raises:
        DataError: no images, an unreadable one, or labels that do not match.
        ToolMissingError: Pillow is not installed.
    """
    found = labelled_files(folder, IMAGES, "images").first(limit, "images")
    pillow = _pillow()
    if form is None:
        first = _read(pillow, found.files[0], "RGB")
        form = ImageForm(first.width, first.height, "RGB")
    resized = 0
    parts = []
    for place, file in enumerate(found.files):
        image = _read(pillow, file, _MODES[CHANNELS[form.colour]])
        resized += image.size != (form.width, form.height)
        label = None if found.labels is None else found.labels[place]
        parts.append((str(file.relative_to(folder)), [_pixels(image, form)], label))
    notes = list(found.notes)
    if resized:
        size = f"{form.width}x{form.height}"
        notes.append(f"{resized} of {len(found.files)} images were resized to {size} (bilinear).")
    return gathered(parts, form, str(folder), notes)


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
