"""Data in every form that edgeq reads, and in the forms that it refuses, each with its message."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.data import Dataset, dequantize, load_data, quantize_input, random_data
from edgeq.errors import DataError, EdgeqError, ToolMissingError
from edgeq.graph import DType, QuantParams, Tensor

FLOAT = [Tensor("serving_default_image:0", (1, 4, 4, 1), DType.FLOAT32)]
INT8 = [Tensor("in", (1, 4, 4, 1), DType.INT8, QuantParams.per_tensor(0.5, 3))]
COLOUR = [Tensor("in", (1, 4, 6, 3), DType.FLOAT32)]
TWO = [Tensor("a", (1, 2), DType.FLOAT32), Tensor("b", (1, 3), DType.FLOAT32)]


def npz(folder: Path, **arrays: Any) -> str:
    np.savez(folder / "d.npz", **arrays)
    return str(folder / "d.npz")


def pixels(count: int = 5, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, (count, 4, 4, 1)).astype(dtype)


def refused(spec: str, inputs: list[Tensor] = FLOAT, **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        load_data(spec, inputs, **options)
    return caught.value


# --- files of arrays ----------------------------------------------------------------------------


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
        ({"x": pixels(), "y": np.arange(5.0)}, "labels must be integers"),
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


# --- files that are not what they say -----------------------------------------------------------


@pytest.mark.parametrize("name", ["no.npz", "no.npy", "no/such.txt", "no such:thing"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    assert "there is no file" in refused(str(tmp_path / name)).message


def test_a_file_of_an_unknown_kind(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("1,2")
    assert "is not a kind of data" in refused(str(tmp_path / "d.csv")).message


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


# --- images -------------------------------------------------------------------------------------


def image(path: Path, size: tuple[int, int] = (6, 4), mode: str = "RGB", value: Any = (255, 51, 0)) -> None:
    pillow = pytest.importorskip("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    pillow.new(mode, size, value).save(path)


def test_images_with_labels_by_sub_folder(tmp_path: Path) -> None:
    for name in ("cat/2.png", "cat/1.png", "dog/1.jpg"):
        image(tmp_path / name)
    found = load_data(str(tmp_path), COLOUR)
    assert found.x[0].shape == (3, 4, 6, 3)
    np.testing.assert_allclose(found.x[0][0, 0, 0], [1, 0.2, 0])
    assert found.y is not None and found.y.tolist() == [0, 0, 1]
    assert any("0 cat, 1 dog" in note for note in found.notes)
    assert any("divided by 255" in note for note in found.notes)


def test_sub_folders_named_by_numbers_are_those_classes(tmp_path: Path) -> None:
    for name in ("10/a.png", "2/a.png", "0/a.png"):
        image(tmp_path / name)
    found = load_data(str(tmp_path), COLOUR)
    assert found.y is not None and sorted(found.y.tolist()) == [0, 2, 10]


def test_a_list_of_class_names_orders_the_sub_folders(tmp_path: Path) -> None:
    for name in ("cat/a.png", "dog/a.png"):
        image(tmp_path / name)
    (tmp_path / "labels.txt").write_text("dog\nbird\ncat\n")
    found = load_data(str(tmp_path), COLOUR)
    assert found.y is not None and found.y.tolist() == [2, 0]
    (tmp_path / "labels.txt").write_text("dog\n")
    assert "does not list the sub-folder cat" in refused(str(tmp_path), COLOUR).message


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [
        ("labels.csv", "filename,label\nb.png,1\na.png,7\n", [7, 1]),
        ("labels.txt", "a.png 0\nb.png 3\n", [0, 3]),
        ("labels.csv", "a.png, dog\nb.png, cat\n", [1, 0]),
    ],
)
def test_images_with_labels_by_file(tmp_path: Path, name: str, text: str, labels: list[int]) -> None:
    image(tmp_path / "a.png")
    image(tmp_path / "b.png")
    (tmp_path / name).write_text(text)
    found = load_data(str(tmp_path), COLOUR)
    assert found.y is not None and found.y.tolist() == labels


@pytest.mark.parametrize(
    ("text", "said"),
    [("a.png 0\n", "no label for 1 images; the first is b.png"), ("a.png\nb.png\n", "line 1 is not"),
     ("a.png 0\nb.png cat\n", "both numbers and names"), ("\xff\xfe", "cannot read")],
)  # fmt: skip
def test_label_files_that_are_refused(tmp_path: Path, text: str, said: str) -> None:
    image(tmp_path / "a.png")
    image(tmp_path / "b.png")
    (tmp_path / "labels.txt").write_bytes(text.encode("latin-1"))
    assert said in refused(str(tmp_path), COLOUR).message


def test_images_of_other_sizes_and_kinds_are_converted_and_it_says_so(tmp_path: Path) -> None:
    image(tmp_path / "a.png", (12, 8))
    image(tmp_path / "b.png", (6, 4), "L", 255)
    found = load_data(str(tmp_path), COLOUR, normalize=(127.5, 127.5))
    np.testing.assert_allclose(found.x[0][0, 0, 0], [1, -0.6, -1])
    np.testing.assert_allclose(found.x[0][1], 1)
    assert found.notes == ("The images have no labels.", "1 of 2 images were resized to 6x4 (bilinear).")


def test_a_limit_takes_images_of_all_classes(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        for number in range(4):
            image(tmp_path / name / f"{number}.png")
    found = load_data(str(tmp_path), COLOUR, limit=3)
    assert found.y is not None and found.y.tolist() == [0, 1, 2]


def test_folders_that_are_refused(tmp_path: Path) -> None:
    assert "holds no images" in refused(str(tmp_path), COLOUR).message
    (tmp_path / "x.png").write_bytes(b"not an image")
    assert "x.png is not a readable image" in refused(str(tmp_path), COLOUR).message
    image(tmp_path / "cat" / "y.png")
    assert "both directly and in sub-folders" in refused(str(tmp_path), COLOUR).message
    assert "does not take one image" in refused(str(tmp_path), TWO).message


def test_an_image_that_is_too_large_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeq.data.images.MAX_PIXELS", 20)
    image(tmp_path / "x.png")
    assert "too large" in refused(str(tmp_path), COLOUR).message


def test_without_pillow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image(tmp_path / "x.png")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "PIL" else find(name, *a)
    )
    with pytest.raises(ToolMissingError) as caught:
        load_data(str(tmp_path), COLOUR)
    assert "pip install edgeq[images]" in caught.value.hint


# --- module:function ----------------------------------------------------------------------------


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """Writes a module into the current folder and gives its ``module:f``."""
    monkeypatch.chdir(tmp_path)
    name = f"user_{abs(hash(request.node.name)) % 10**8}"

    def write(body: str) -> str:
        (tmp_path / f"{name}.py").write_text("import numpy as np\n" + body)
        return f"{name}:f"

    return write


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ("def f():\n    return np.ones((3, 4, 4, 1))", None),
        ("def f():\n    return np.ones((3, 4, 4, 1)), [0, 1, 2]", [0, 1, 2]),
        ("def f():\n    return {'x': np.ones((3, 4, 4)), 'y': np.array([0, 1, 2])}", [0, 1, 2]),
        ("def f():\n    return {'image': np.ones((3, 4, 4))}, np.array([0, 1, 2])", [0, 1, 2]),
        ("def f():\n    for i in range(3):\n        yield np.ones((4, 4, 1)), i", [0, 1, 2]),
        ("def f():\n    for i in range(3):\n        yield [np.ones((1, 4, 4, 1), 'f4')]", None),
        ("def f():\n    return [np.ones((4, 4))] * 3", None),
    ],
)
def test_functions(module: Any, body: str, labels: list[int] | None) -> None:
    found = load_data(module(body), FLOAT)
    assert found.x[0].shape == (3, 4, 4, 1) and found.x[0].dtype == np.float32
    assert (None if found.y is None else found.y.tolist()) == labels


def test_functions_for_several_inputs(module: Any) -> None:
    for body in (
        "def f():\n    for i in range(3):\n        yield [np.ones(2), np.ones(3)], i",
        "def f():\n    return (np.ones((3, 2)), np.ones((3, 3))), [0, 1, 2]",
    ):
        import sys

        spec = module(body)
        sys.modules.pop(spec.partition(":")[0], None)
        found = load_data(spec, TWO)
        assert [array.shape for array in found.x] == [(3, 2), (3, 3)]


def test_an_endless_generator_is_limited(module: Any) -> None:
    spec = module("def f():\n    while True:\n        yield np.ones((4, 4, 1))")
    assert len(load_data(spec, FLOAT, limit=7)) == 7


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def f():\n    return 1 / 0", ":3: ZeroDivisionError: division by zero"),
        ("def f():\n    yield np.ones((4, 4, 1))\n    raise KeyError('lost')", "KeyError: 'lost'"),
        ("def f():\n    raise SystemExit(3)", "SystemExit: 3"),
        ("import no_such_module_here\n", "ModuleNotFoundError: No module named 'no_such_module_here'"),
        ("def f(:\n", "SyntaxError"),
        ("g = 1\n", "has no function f"),
        ("def f():\n    return 5", "returned int"),
        ("def f():\n    return 'text'", "returned str"),
        ("def f():\n    return iter(())", "gives no samples"),
        ("def f():\n    return [np.ones(3), np.ones(4)]", "different shapes"),
        ("def f():\n    return [object()]", "Python objects"),
        ("def f():\n    yield np.ones((4, 4)), 1\n    yield np.ones((4, 4))", "2 samples and 1 labels"),
        ("def f():\n    return np.ones((3, 5))", "takes samples of shape"),
    ],
)
def test_functions_that_fail(module: Any, body: str, said: str) -> None:
    assert said in refused(module(body)).message


def test_a_module_that_is_not_there() -> None:
    assert "there is no module no_such_module" in refused("no_such_module:f").message


# --- values and integers ------------------------------------------------------------------------


def test_quantize_rounds_halves_away_from_zero_and_clips() -> None:
    x = np.array([0.25, -0.25, 0.2499999, -0.75, 61.9, 62.3, 1e30, -1e30], np.float32)
    assert quantize_input(x, INT8[0]).tolist() == [4, 2, 3, 1, 127, 127, 127, -128]
    assert quantize_input(x, INT8[0]).dtype == np.int8


def test_quantize_is_what_litert_quantize_does() -> None:
    from edgeq.graph import Graph, Operator, write_model
    from edgeq.interpreter import run

    quant = QuantParams.per_tensor(0.0371, -17)
    tensors = (Tensor("x", (1, 8), DType.FLOAT32), Tensor("q", (1, 8), DType.INT8, quant))
    model = write_model(Graph("q", tensors, (Operator("QUANTIZE", (0,), (1,)),), (0,), (1,)))
    steps = np.arange(-4000, 4000, dtype=np.float32).reshape(-1, 8) / 2
    x = steps * np.float32(0.0371) / 8
    np.testing.assert_array_equal(quantize_input(x, tensors[1]), run(model, [x])[0])


def test_integers_of_the_own_type_pass_and_floats_become_float32() -> None:
    x = np.array([1, 2], np.int8)
    assert quantize_input(x, INT8[0]) is x
    assert quantize_input(x.astype("float64"), FLOAT[0]).dtype == np.float32


def test_dequantize_turns_it_back() -> None:
    q = np.arange(-128, 128).astype(np.int8)
    real = dequantize(q, INT8[0])
    assert real.dtype == np.float32 and real[0] == (-128 - 3) * 0.5
    np.testing.assert_array_equal(quantize_input(real, INT8[0]), q)


def test_an_integer_tensor_without_scale_takes_no_real_values() -> None:
    with pytest.raises(DataError, match="has no scale"):
        quantize_input(np.ones(2, np.float32), Tensor("i", (1, 2), DType.INT32))


def test_random_data_is_seeded_and_covers_the_whole_range() -> None:
    inputs = [*INT8, Tensor("u", (1, 300), DType.UINT8), *FLOAT, Tensor("b", (1, 9), DType.BOOL)]
    one, same, other = (random_data(inputs, 100, seed) for seed in (1, 1, 2))
    assert isinstance(one, Dataset) and len(one) == 100 and one.y is None
    assert all(np.array_equal(a, b) for a, b in zip(one.x, same.x, strict=True))
    assert not np.array_equal(one.x[0], other.x[0])
    assert (one.x[0].min(), one.x[0].max()) == (-128, 127)
    assert (one.x[1].min(), one.x[1].max()) == (0, 255)
    assert one.x[2].dtype == np.float32 and -1 <= one.x[2].min() < -0.9 and 0.9 < one.x[2].max() < 1
    with pytest.raises(DataError):
        random_data(inputs, 0)
    with pytest.raises(DataError):
        random_data([Tensor("s", (1, 2), DType.STRING)], 1)
