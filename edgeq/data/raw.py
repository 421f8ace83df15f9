"""Files as raw samples: what a microphone, a camera or a sensor would have given."""

from __future__ import annotations

import csv
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.data.arrays import read_npy, read_npz
from edgeq.data.images import read_image
from edgeq.features.form import Form
from edgeq.features.raw import ImageForm, Raw, Sensor, Sound

Array = npt.NDArray[Any]
_INT16 = 2
"""Bytes."""


def read_raw(path: Path, raw: Raw) -> Array:
    """The raw samples of a file, ``[n, *raw]``.

    A .wav file and a .csv file (a reading a line, a channel a column) are cut into samples one behind the
    other; what is shorter than one has zeros behind it, and what is left at the end is left out. An image is
    one sample, and becomes the raw size by the filter of the stage ``resize``. A .npy file, or ``x`` of a
    .npz file, holds raw samples.

    Raises:
        DataError: it is damaged, or of another kind than the raw form.
        ToolMissingError: images without Pillow.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}", "give a .wav, an image, a .csv, .npy or .npz file")
    suffix = path.suffix.lower()
    if suffix in (".npy", ".npz"):
        return _arrays(path, raw.form)
    return _READERS[type(raw)](path, raw)


def _arrays(path: Path, form: Form) -> Array:
    if path.suffix.lower() == ".npy":
        found = read_npy(path)
    else:
        arrays, names = read_npz(path, frozenset({"x"}))
        if "x" not in arrays:
            raise DataError(f"{path.name} has no array x; it has {', '.join(names) or 'none'}")
        found = arrays["x"]
    found = found[np.newaxis] if found.shape == form.shape else found
    if found.dtype != form.numpy or found.shape[1:] != form.shape or not len(found):
        raise DataError(
            f"{path.name} holds {found.dtype} {list(found.shape)}, and a raw sample is {form}",
            f"give {form.dtype} [n, {', '.join(map(str, form.shape))}]",
        )
    return found


def _sound(path: Path, raw: Sound) -> Array:
    try:
        with wave.open(str(path), "rb") as file:
            told = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise DataError(f"{path} is not a readable .wav file: {error}", "save it as PCM, 16 bits") from error
    if told != (1, _INT16, raw.rate):
        channels, width, rate = told
        raise DataError(
            f"{path} has {channels} channel{'s' * (channels != 1)} of {8 * width} bits at {rate} Hz, and the "
            f"raw form is 1 of 16 bits at {raw.rate} Hz",
            "convert it: what the device records has one form",
        )
    return _cut(np.frombuffer(data, "<i2").astype(np.int16), raw.form)


def _sensor(path: Path, raw: Sensor) -> Array:
    try:
        rows = [row for row in csv.reader(path.read_text("utf-8-sig").splitlines()) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    if rows and not _is_number(rows[0][0]):
        rows = rows[1:]
    try:
        values = np.array([[float(cell) for cell in row] for row in rows]).reshape(len(rows), -1)
    except ValueError as error:
        hint = "a reading a line, a column a channel"
        raise DataError(f"{path} is no table of numbers: {error}", hint) from error
    whole = np.clip(np.rint(values), -32768, 32767)
    if values.shape[1:] != (raw.channels,) or not np.array_equal(values, whole):
        raise DataError(
            f"{path} does not hold {raw.channels} columns of whole numbers within int16",
            "give the readings as the sensor's own integers",
        )
    return _cut(values.astype(np.int16), raw.form)


def _image(path: Path, raw: ImageForm) -> Array:
    return read_image(path, raw)[np.newaxis]


def _cut(values: Array, form: Form) -> Array:
    """Samples one behind the other along the first axis; zeros behind what is shorter than one."""
    size = form.shape[0]
    count = max(1, len(values) // size)
    padded = np.zeros((count * size, *values.shape[1:]), values.dtype)
    padded[: min(len(values), len(padded))] = values[: len(padded)]
    return padded.reshape(count, *form.shape)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_READERS: Mapping[type[Raw], Callable[[Path, Any], Array]] = {
    Sound: _sound,
    Sensor: _sensor,
    ImageForm: _image,
}
