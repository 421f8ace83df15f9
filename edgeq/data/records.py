"""TFRecord files of ``tf.train.Example``, read without TensorFlow and without trust.

What they are: https://www.tensorflow.org/tutorials/load_data/tfrecord, tensorflow/core/example/example.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.data.match import LABELS

_HEAD, _FOOT = 12, 4
_LARGEST = 4 << 30
_MOST = 1 << 20
_NAMES = ("label", "class", "target", "image/class/label")
"""What labels are called where there is no y."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def read_records(path: Path, limit: int | None = None) -> dict[str, Array]:
    """The features of all examples, by name; labels are ``y``, and the only other one is ``x``.

    Args:
        limit: take no more examples than this, the first ones.

    Returns:
        float32 or int64 ``[n, values]``, ``[n]`` of a single value.

    Raises:
        DataError: it is damaged, or examples differ, or one holds bytes (an encoded image).
    """
    columns: dict[str, list[Array]] = {}
    count = 0
    try:
        for record in _records(path):
            if limit is not None and count >= limit:
                break
            example = dict(_features(record))
            if columns and example.keys() != columns.keys():
                raise ValueError(f"example {count} has other features than the first")
            for name, values in example.items():
                columns.setdefault(name, []).append(values)
            count += 1
        arrays = {name: np.stack(values) for name, values in columns.items()}
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} is not a TFRecord of examples of one shape: {error}",
            "write floats and integers of one length in each example, or a .npz",
        ) from error
    if not arrays:
        raise DataError(f"{path} holds no examples", "give at least one")
    return _named({name: one[:, 0] if one.shape[1:] == (1,) else one for name, one in arrays.items()})


def _named(arrays: dict[str, Array]) -> dict[str, Array]:
    label = next((name for name in (LABELS, *_NAMES) if name in arrays), None)
    others = [name for name in arrays if name != label]
    found = {name: arrays[name] for name in others}
    if len(others) == 1:
        found = {"x": arrays[others[0]]}
    return found if label is None else {**found, LABELS: arrays[label]}


def _records(path: Path) -> Iterator[bytes]:
    left = path.stat().st_size
    with path.open("rb") as file:
        while left:
            head = file.read(_HEAD)
            (length,) = struct.unpack("<Q4x", head)
            left -= _HEAD + _FOOT + length
            if length > _LARGEST or left < 0:
                raise ValueError("a record is longer than the file")
            yield file.read(length)
            file.read(_FOOT)


def _features(example: bytes) -> Iterator[tuple[str, Array]]:
    for number, features in _fields(example):
        if number != 1:
            continue
        for entry, pair in _fields(_message(features)):
            if entry == 1:
                parts = {key: _message(value) for key, value in _fields(_message(pair))}
                yield parts.get(1, b"").decode(), _values(parts.get(2, b""))


def _values(feature: bytes) -> Array:
    for number, listed in _fields(feature):
        if number == 1:
            raise ValueError("it holds bytes, as of an encoded image")
        found = list(_fields(_message(listed)))
        packed = b"".join(value for _, value in found if isinstance(value, bytes))
        if number == 2:
            return np.frombuffer(packed, "<f4").astype(np.float32)
        loose = [value for _, value in found if isinstance(value, int)]
        values = loose or list(_varints(packed))
        return np.array(values, np.uint64).view(np.int64)
    return np.zeros(0, np.float32)


def _message(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number stands where a message should")
    return value


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Of a message: number and value; of four bytes as bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            length, at = _varint(data, at)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"a field of wire type {kind}")
        if at + length > len(data):
            raise ValueError("a field is longer than its message")
        yield number, data[at : at + length]
        at += length


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & (1 << 64) - 1, at + place + 1
    raise ValueError("a number does not end")
