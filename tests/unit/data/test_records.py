"""TFRecord files: read as TensorFlow writes them, and refused where they are damaged."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.base.errors import DataError
from edgeq.data.records import read_records


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def field(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def feature(values: object) -> bytes:
    if isinstance(values, bytes):
        return field(1, field(1, values))
    array = np.asarray(values)
    if array.dtype.kind == "f":
        return field(2, field(1, array.astype("<f4").tobytes()))
    return field(3, field(1, b"".join(varint(int(one)) for one in array)))


def record(**features: object) -> bytes:
    entries = (
        field(1, field(1, name.encode()) + field(2, feature(values))) for name, values in features.items()
    )
    example = field(1, b"".join(entries))
    return struct.pack("<Q", len(example)) + b"\0" * 4 + example + b"\0" * 4


@given(st.lists(st.tuples(st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3),
                          st.integers(-(1 << 63), (1 << 63) - 1)), min_size=1, max_size=5))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[list[float], int]]
) -> None:
    place = tmp_path_factory.mktemp("r") / "a.tfrecord"
    place.write_bytes(b"".join(record(audio=np.float32(x), label=[y]) for x, y in rows))
    found = read_records(place)
    assert list(found) == ["x", "y"]
    np.testing.assert_array_equal(found["x"], np.array([x for x, _ in rows], np.float32))
    assert found["y"].tolist() == [y for _, y in rows]
    assert len(read_records(place, 1)["x"]) == 1


def test_several_features_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(record(a=[1.0], b=[2.0], y=[3]))
    assert set(read_records(tmp_path / "a")) == {"a", "b", "y"}


@pytest.mark.parametrize(
    "data",
    [
        b"\1",
        b"\xff" * 40,
        record(x=[1.0])[:-6],
        record(x=[1.0]) + record(x=[1.0, 2.0]),
        record(x=[1.0]) + record(z=[1.0]),
        record(x=b"\x89PNG"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_records(tmp_path / "a")
    assert caught.value.hint


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_file_with_a_byte_changed_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(record(x=[1.0, 2.0], label=[1]) * 2)
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    place = tmp_path_factory.mktemp("r") / "a.tfrecord"
    place.write_bytes(whole)
    with contextlib.suppress(DataError):
        read_records(place)
