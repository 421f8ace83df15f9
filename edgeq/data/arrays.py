""".npy and .npz files, read without trust: no pickles, nothing allocated that the file does not hold."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from edgeq.base.errors import DataError

MAX_BYTES = 4 << 30
"""An array larger than this is refused."""

Array = npt.NDArray[np.generic]


def read_npy(path: Path) -> Array:
    """The array of a .npy file. Raises DataError for anything but a whole, plain array."""
    try:
        with path.open("rb") as file:
            return _array(file, path.stat().st_size, path.name)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def read_npz(path: Path, wanted: frozenset[str]) -> tuple[dict[str, Array], tuple[str, ...]]:
    """The arrays of a .npz file whose names are ``wanted``, and the names of all that it has.

    Raises:
        DataError: not a zip file, damaged, or an array that is not plain.
    """
    arrays: dict[str, Array] = {}
    names = []
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = entry.filename.removesuffix(".npy")
                names.append(name)
                if name in wanted:
                    with archive.open(entry) as file:
                        arrays[name] = _array(file, entry.file_size, f"{path.name}:{name}")
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    except Exception as error:  # zipfile has no one class for what a damaged archive makes it raise
        raise DataError(
            f"{path.name} is not a whole .npz file: {error}", "write it again with numpy.savez"
        ) from error
    return arrays, tuple(names)


def _array(file: IO[bytes], size: int, name: str) -> Array:
    """One .npy stream of ``size`` bytes."""
    try:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read_header(file)
    except Exception as error:  # the header is Python source to numpy: damage raises whatever its parser does
        raise DataError(
            f"{name} is not a numpy array: {error}", "write it again with numpy.save or numpy.savez"
        ) from error
    if dtype.hasobject:
        raise DataError(
            f"{name} holds Python objects, which edgeq does not load",
            "save a plain numeric array: samples of one shape, with numpy.asarray(x, dtype='float32')",
        )
    needed = math.prod(shape) * dtype.itemsize
    if any(n < 0 for n in shape) or needed > min(size, MAX_BYTES):
        raise DataError(
            f"{name} says that it is {list(shape)} {dtype}, {needed:,} bytes; the file has {size:,} "
            f"and edgeq takes {MAX_BYTES:,}",
            "the file is damaged, or holds more samples than needed: write it again",
        )
    try:
        data = file.read(needed)
    except MemoryError as error:
        raise DataError(f"{name} does not fit into memory: {needed:,} bytes", "give fewer samples") from error
    if len(data) != needed:
        raise DataError(f"{name} ends early", "the file is damaged; write it again")
    file.read(1)  # to the end, where a zip entry's checksum is verified
    flat = np.frombuffer(data, dtype, math.prod(shape)) if needed else np.zeros(0, dtype)
    return flat.reshape(shape, order="F" if fortran else "C")
