"""A file as raw samples: what a microphone, a camera or a sensor would have given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgeq.base.errors import DataError
from edgeq.data.arrays import read_npy, read_npz
from edgeq.data.dataset import Array
from edgeq.data.images import read_image
from edgeq.data.recordings import windows
from edgeq.data.sounds import samples_of
from edgeq.data.tables import read_readings
from edgeq.features.form import Form
from edgeq.features.raw import ImageForm, Raw, Sensor, Sound


def read_raw(path: Path, raw: Raw) -> Array:
    """The raw samples of a file, ``[n, *raw]``.

    Sounds and readings are cut into windows as in a folder of them. An image is one sample, and becomes the
    raw size by the filter of the stage ``resize``. A .npy file, or ``x`` of a .npz file, holds raw samples.

    Raises:
        DataError: it is damaged, or of another kind than the raw form.
        ToolMissingError: images without Pillow.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}", "give a .wav, an image, a .csv, .npy or .npz file")
    if path.suffix.lower() in (".npy", ".npz"):
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
    return np.stack(windows(samples_of(path, raw), raw.samples))


def _readings(path: Path, raw: Sensor) -> Array:
    return read_readings(path, raw).x


def _image(path: Path, raw: ImageForm) -> Array:
    return read_image(path, raw)[np.newaxis]


_READERS: Mapping[type[Raw], Callable[[Path, Any], Array]] = {
    Sound: _sound,
    Sensor: _readings,
    ImageForm: _image,
}
