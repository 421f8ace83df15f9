"""Which kind of source a name is."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.base.errors import ModelError
from edgeq.converter.sources import source_kind, source_name


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("a/m.tflite", "tflite", "m"),
        ("m.KERAS", "keras", "m"),
        ("m.h5", "keras", "m"),
        ("m.v2.onnx", "onnx", "m.v2"),
        ("m.pt2", "torch_export", "m"),
        ("net:model", "torch_module", "net"),
        ("pkg.nets.small:build", "torch_module", "small"),
        ("strange", "tflite", "strange"),
    ],
)
def test_by_name(name: str, kind: str, called: str) -> None:
    assert (source_kind(Path(name)), source_name(Path(name))) == (kind, called)


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"without saved_model\.pb"):
        source_kind(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    assert source_kind(tmp_path) == "saved_model"


def test_python_code_is_refused_with_the_form_that_names_a_function() -> None:
    with pytest.raises(ModelError) as caught:
        source_kind(Path("nets/mine.py"))
    assert "mine:model" in caught.value.hint


def test_weights_alone_are_refused_with_a_way_out() -> None:
    with pytest.raises(ModelError) as caught:
        source_kind(Path("weights.pth"))
    assert "module:function" in caught.value.hint
