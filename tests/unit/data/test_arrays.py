"""Files of arrays: what is read, and what is refused with which message."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.base.errors import DataError, EdgeqError
from edgeq.data import load_data, load_samples
from edgeq.graph import DType, QuantParams, Tensor

from .common import FLOAT, INT8, TWO, refused


def npz(folder: Path, **arrays: Any) -> str:
    np.savez(folder / "d.npz", **arrays)
    return str(folder / "d.npz")


def pixels(count: int = 5, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, (count, 4, 4, 1)).astype(dtype)


def test_npz_with_labels(tmp_path: Path) -> None:
    found = load_data(npz(tmp_path, x=pixels(), y=np.arange(5, dtype=np.uint8)), FLOAT)
    assert (found.x[0].dtype, len(found), found.source, found.notes) == (np.float32, 5, "d.npz", ())
    np.testing.assert_array_equal(found.x[0], pixels())
    assert found.y is not None and found.y.dtype == np.int64 and found.y.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", ["x", "serving_default_image:0", "image"])
def test_npz_under_the_inputs_name(tmp_path: Path, name: str) -> None:
    assert len(load_data(npz(tmp_path, **{name: pixels()}), FLOAT)) == 5


def test_several_inputs_by_name(tmp_path: Path) -> None:
    found = load_data(npz(tmp_path, b=np.ones((2, 3)), a=np.zeros((2, 2)), y=[0, 1]), TWO)
    assert [array.shape for array in found.x] == [(2, 2), (2, 3)]
    assert (
        "different numbers of samples"
        in refused(npz(tmp_path, a=np.ones((2, 2)), b=np.ones((3, 3))), TWO).message
    )
    assert "no array named b; it has a, x" in refused(npz(tmp_path, a=np.ones((2, 2)), x=[1]), TWO).message


def test_npy(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.asfortranarray(pixels().astype("float64")))
    found = load_data(str(tmp_path / "d.npy"), FLOAT)
    np.testing.assert_array_equal(found.x[0], pixels())
    assert found.y is None
    assert "1 array, the model has 2 inputs" in refused(str(tmp_path / "d.npy"), TWO).message


def test_limit_takes_the_first(tmp_path: Path) -> None:
    found = load_data(npz(tmp_path, x=pixels(), y=np.arange(5)), FLOAT, limit=2)
    assert (len(found), found.y.tolist() if found.y is not None else None) == (2, [0, 1])
    assert "limit of 0" in refused("d.npz", limit=0).message


def test_integers_of_the_inputs_own_type_are_raw(tmp_path: Path) -> None:
    found = load_data(npz(tmp_path, x=pixels(dtype="int8")), INT8)
    assert found.x[0].dtype == np.int8 and found.notes == ()


@pytest.mark.parametrize(
    ("inputs", "dtype"), [(INT8, "uint8"), (FLOAT, "uint8"), (FLOAT, "int8"), (INT8, "int64")]
)
def test_other_integers_are_real_values_and_it_says_so(
    tmp_path: Path, inputs: list[Tensor], dtype: str
) -> None:
    found = load_data(npz(tmp_path, x=pixels(dtype=dtype)), inputs)
    np.testing.assert_array_equal(found.x[0], pixels())
    assert found.x[0].dtype == np.float32
    assert len(found.notes) == 1 and dtype in found.notes[0]


def test_normalize_is_for_integers_that_are_real_values(tmp_path: Path) -> None:
    path = npz(tmp_path, x=pixels(dtype="uint8"))
    assert "std 0" in refused(path, normalize=(1, 0)).message
    np.testing.assert_array_equal(load_data(path, FLOAT, normalize=(10, 2)).x[0], (pixels() - 10) / 2)
    raw = load_data(npz(tmp_path, x=pixels(dtype="int8")), INT8, normalize=(10, 2))
    assert raw.x[0].dtype == np.int8 and "not applied" in raw.notes[0]
    real = load_data(npz(tmp_path, x=pixels()), FLOAT, normalize=(10, 2))
    np.testing.assert_array_equal(real.x[0], pixels())
    assert "not applied" in real.notes[0]


def test_a_missing_channel_is_added_and_it_says_so(tmp_path: Path) -> None:
    found = load_data(npz(tmp_path, x=pixels()[..., 0]), FLOAT)
    assert found.x[0].shape == (5, 4, 4, 1)
    assert found.notes == ("Samples of shape [4, 4] are taken as [4, 4, 1].",)


def test_one_sample_without_a_batch(tmp_path: Path) -> None:
    assert load_data(npz(tmp_path, x=pixels()[0]), FLOAT).x[0].shape == (1, 4, 4, 1)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": np.ones((5, 16))}, "takes samples of shape [4, 4, 1], the data has shape [5, 16]"),
        ({"x": np.ones((5, 4, 5, 1))}, "the data has shape [5, 4, 5, 1]"),
        ({"x": np.float32(3)}, "the data has shape []"),
        ({"x": np.ones((0, 4, 4, 1))}, "holds no samples"),
        ({"x": np.array([["a"]])}, "cannot be of type <U1"),
        ({"x": np.ones((1, 4, 4, 1), complex)}, "cannot be of type complex128"),
        ({"x": np.array([1, None])}, "holds Python objects"),
        ({"x": pixels(), "y": np.array([1, "b", None, 2, 3], object)}, "holds Python objects"),
        ({"x": pixels(), "y": np.arange(4)}, "5 samples and labels of shape [4]"),
        ({"x": pixels(), "y": np.eye(5, dtype=int)}, "5 samples and labels of shape [5, 5]"),
        ({"x": pixels(), "y": np.eye(5)}, "looks like one-hot labels"),
        ({"x": pixels(), "y": np.arange(4.0)}, "5 samples and values y of shape [4]"),
        ({"x": pixels(), "y": np.array([0, 1, 2, 3, np.nan])}, "y has values that are not finite"),
        ({"x": pixels(), "y": np.array([0, 1, -1, 2, 3])}, "label -1 is negative"),
        ({"z": pixels()}, "no array named x; it has z"),
    ],
)
def test_arrays_that_are_refused(tmp_path: Path, arrays: Mapping[str, Any], said: str) -> None:
    error = refused(npz(tmp_path, **arrays))
    assert said in error.message
    assert error.hint or "different" in error.message


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_values_that_are_not_finite_are_refused_and_the_sample_named(tmp_path: Path, bad: float) -> None:
    x = pixels().astype("float64")
    x[3, 0, 0, 0] = x[4, 1, 1, 0] = bad
    assert "in 2 of 5 samples; the first is sample 3" in refused(npz(tmp_path, x=x)).message


def test_labels_may_be_demanded(tmp_path: Path) -> None:
    assert "has no labels" in refused(npz(tmp_path, x=pixels()), need_labels=True).message


def test_labels_of_one_column(tmp_path: Path) -> None:
    found = load_data(npz(tmp_path, x=pixels(), y=np.arange(5)[:, None]), FLOAT)
    assert found.y is not None and found.y.shape == (5,)


def test_integers_for_an_input_without_scale(tmp_path: Path) -> None:
    index = [Tensor("i", (1, 2), DType.INT32)]
    assert load_data(npz(tmp_path, x=np.array([[1, 2]])), index).x[0].dtype == np.int32
    assert "outside its range" in refused(npz(tmp_path, x=np.array([[1, 2**40]])), index).message


@pytest.mark.parametrize("name", ["no.npz", "no.npy", "no/such.txt", "no such:thing"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    assert "there is no file" in refused(str(tmp_path / name)).message


def test_a_file_of_an_unknown_kind(tmp_path: Path) -> None:
    (tmp_path / "d.xls").write_text("1,2")
    assert "is not a kind of data" in refused(str(tmp_path / "d.xls")).message


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip file", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_npz(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.npz").write_bytes(content)
    assert "is not a whole .npz file" in refused(str(tmp_path / "d.npz")).message


def test_damaged_files_never_give_anything_but_a_data_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    outcomes = {"loaded": 0, "refused": 0}
    for suffix, save in ((".npz", np.savez), (".npz", np.savez_compressed), (".npy", np.save)):
        path = tmp_path / f"d{suffix}"
        save(path, pixels()) if suffix == ".npy" else save(path, x=pixels(), y=np.arange(5))
        whole = path.read_bytes()
        for attempt in range(150):
            damaged = bytearray(whole[: rng.integers(0, len(whole))] if attempt % 2 else whole)
            for place in rng.integers(0, max(1, len(damaged)), 3):
                if damaged:
                    damaged[place] ^= int(rng.integers(1, 256))
            path.write_bytes(damaged)
            try:
                load_data(str(path), FLOAT)
                outcomes["loaded"] += 1
            except EdgeqError:
                outcomes["refused"] += 1
    assert outcomes["refused"] > 200


@pytest.mark.parametrize("shape", ["(1000000000, 1000000)", "(-1,)", "(200,)"])
def test_a_header_that_declares_more_than_there_is(tmp_path: Path, shape: str) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    (tmp_path / "d.npy").write_bytes(content)
    assert "says that it is" in refused(str(tmp_path / "d.npy")).message
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", content)
    assert "says that it is" in refused(str(tmp_path / "d.npz")).message


@pytest.mark.parametrize("descr", ["'|O'", "[('a', '<f4')]", "'<m8[s]'", "'nonsense'"])
def test_headers_of_other_types(tmp_path: Path, descr: str) -> None:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (1, 4, 4, 1), }}".ljust(117) + "\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(1000)
    (tmp_path / "d.npy").write_bytes(content)
    refused(str(tmp_path / "d.npy"))


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "d.npy").write_bytes(stream.getvalue())
    assert "Python objects" in refused(str(tmp_path / "d.npy")).message


def test_samples_are_taken_in_batches() -> None:
    """Of a model that takes several at once; whole batches are taken as they are, and sequences need them."""
    tensor = Tensor("x", (4, 3), DType.INT8, QuantParams.per_tensor(0.1, 0))
    x = np.arange(30, dtype=np.int8).reshape(10, 3)
    data = load_samples((x, np.arange(10)), [tensor])
    assert (len(data), data.batch, data.samples) == (3, 4, 10)
    assert data.x[0].shape == (3, 4, 3)
    assert np.array_equal(data.apart(data.x)[0], x)
    assert "3 batches of 4, the last filled up with 2 copies" in data.notes[-1]
    few = data.first(5)
    assert (len(few), few.samples, few.y.tolist()) == (2, 5, list(range(5)))
    assert load_samples(few, [tensor]).samples == 5
    whole = load_samples(x[:8].reshape(2, 4, 3), [tensor])
    assert (len(whole), whole.batch) == (2, 1)
    with pytest.raises(DataError, match="no batch of 4"):
        load_samples(x, [tensor], stateful=True)
