"""Folders of images."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.base.errors import ToolMissingError
from edgeq.data import load_data

from .common import COLOUR, TWO, refused


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
