"""Which kind of model a user names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from edgeq.base.errors import ModelError

Kind = Literal["tflite", "keras", "saved_model", "onnx", "torch_module", "torch_export"]

_SUFFIXES: dict[str, Kind] = {
    ".keras": "keras",
    ".h5": "keras",
    ".hdf5": "keras",
    ".onnx": "onnx",
    ".pt2": "torch_export",
}
_WEIGHTS = (".pt", ".pth", ".ckpt", ".safetensors")
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
TAKEN = "edgeq takes .tflite, .keras, .h5, a SavedModel folder, .onnx, .pt2, or module:function for PyTorch"


def source_kind(source: Path) -> Kind:
    """What a source is, by its name and, for a folder, by what is in it; anything else is a .tflite file.

    Raises:
        ModelError: a folder that is no SavedModel, a file of weights alone, or Python code.
    """
    if _FUNCTION.fullmatch(str(source)) and not source.exists():
        return "torch_module"
    if source.is_dir():
        if (source / "saved_model.pb").is_file():
            return "saved_model"
        raise ModelError(f"{source} is a folder without saved_model.pb", TAKEN)
    suffix = source.suffix.lower()
    if suffix in _WEIGHTS:
        raise ModelError(
            f"{source} holds weights, perhaps, but not what is computed with them",
            "write a function that returns the module in evaluation mode and an example input, and name it "
            "as module:function",
        )
    if suffix == ".py":
        raise ModelError(
            f"{source} is Python code, not a model",
            f"name its function that returns a PyTorch module and an example input, as {source.stem}:model",
        )
    return _SUFFIXES.get(suffix, "tflite")


def source_name(source: Path) -> str:
    """The model's name: a file's stem, a folder's name, or of ``package.module:function`` the module's."""
    if _FUNCTION.fullmatch(str(source)) and not source.exists():
        return str(source).partition(":")[0].rpartition(".")[2]
    return source.stem or source.resolve().name or "model"
