"""Folders of .wav files."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.data.folders import labelled_files
from edgeq.data.recordings import Recordings, gathered, windows
from edgeq.features.raw import Sound

SOUNDS = frozenset({".wav"})
"""Suffixes of files that are sounds."""
_LARGEST = 1 << 30


def read_sounds(folder: Path, form: Sound | None, limit: int | None = None) -> Recordings:
    """The sounds of a folder, as windows of the form's length.

    Args:
        form: what a raw sample is; None for the rate of the first file, and the length of the longest one.
        limit: take no more files than this, evenly spaced.

    Raises:
        DataError: no sounds, one that cannot be read, or one of another rate.
    """
    found = labelled_files(folder, SOUNDS, "sounds").first(limit, "sounds")
    if form is None:
        sounds = [read_wav(file) for file in found.files]
        form = Sound(max(len(values) for _, values in sounds), sounds[0][0])
    short = longer = 0
    parts = []
    for place, file in enumerate(found.files):
        values = samples_of(file, form)
        short += len(values) < form.samples
        longer += len(values) > form.samples
        label = None if found.labels is None else found.labels[place]
        parts.append((str(file.relative_to(folder)), windows(values, form.samples), label))
    notes = list(found.notes)
    if short:
        notes.append(f"{short} of {len(parts)} sounds are shorter than {form.samples} samples: zeros follow.")
    if longer:
        notes.append(
            f"{longer} of {len(parts)} sounds are longer: each window of {form.samples} is a sample."
        )
    return gathered(parts, form, str(folder), notes)


def samples_of(file: Path, form: Sound) -> Array:
    """The samples of a file of the form's rate, int16 ``[n]``.

    Raises:
        DataError: as :func:`read_wav`, or another rate.
    """
    rate, values = read_wav(file)
    if rate != form.rate:
        raise DataError(
            f"{file} has {rate:,} samples a second, and {form.rate:,} are taken",
            f"convert it first: sox {file.name} -r {form.rate} new/{file.name}",
        )
    return values


def read_wav(file: Path) -> tuple[int, Array]:
    """Samples a second, and the samples, int16 ``[n]``: the mean of several channels, 16 of more bits.

    Raises:
        DataError: it is not PCM, damaged, or too large.
    """
    hint = f"write PCM of 16 bits: sox {file.name} -b 16 -e signed-integer new.wav"
    try:
        if file.stat().st_size > _LARGEST:
            raise DataError(f"{file} is larger than {_LARGEST >> 20} MB", "cut it into shorter ones")
        with wave.open(str(file), "rb") as sound:
            channels, width, rate = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            raw = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error, ValueError, RuntimeError) as error:
        raise DataError(f"{file} is not a sound that can be read: {error}", hint) from error
    whole = len(raw) // (width * channels) * width * channels
    if not whole or not rate:
        raise DataError(f"{file} holds no samples", "remove it, or record it again")
    values = _integers(np.frombuffer(raw[:whole], np.uint8), width).reshape(-1, channels)
    if channels > 1:  # rounded down, as everything here
        values = values.sum(axis=1, keepdims=True) // channels
    return rate, values[:, 0].astype(np.int16)


def _integers(data: Array, width: int) -> Array:
    """Samples of so many bytes, as int32 of 16 bits."""
    if width == 1:
        return (data.astype(np.int32) - 128) << 8
    parts = data.reshape(-1, width)[:, -2:]  # the upper two, little-endian
    joined = parts[:, 0].astype(np.uint16) | (parts[:, 1].astype(np.uint16) << 8)
    return joined.view(np.int16).astype(np.int32)
