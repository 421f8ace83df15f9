"""From a checked model to a header and a C or C++ file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edgeq import __version__
from edgeq.backends.carray.golden import Golden
from edgeq.backends.project import firmware, text
from edgeq.backends.project.project import Project, with_manifest
from edgeq.backends.project.tensors import TensorInfo, tensor_info
from edgeq.backends.tflm.network import hexadecimal
from edgeq.base.resources import data_dir

if TYPE_CHECKING:
    from edgeq.checker import Checked

Language = Literal["c", "cc"]


@dataclass(frozen=True)
class _Model:
    """What the templates print."""

    name: str
    symbol: str
    upper: str
    sha256: str
    model_bytes: int
    values: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]


def generate(checked: Checked, *, language: Language = "c", golden: Golden | None = None) -> Project:
    """Writes a model as an array, its tensors as constants, and helpers that quantize and dequantize.

    The result depends on the arguments and the version of edgeq alone.

    Args:
        language: the array's file: C11, or C++11 and newer; the header serves both.
        golden: an inference to compare with.

    Raises:
        ModelError: an input or output is not quantized to 8 bits.
    """
    graph = checked.graph
    symbol = text.identifier(graph.name)
    model = _Model(
        name=text.safe(graph.name) or "model",
        symbol=symbol,
        upper=symbol.upper(),
        sha256=checked.sha256,
        model_bytes=len(checked.model),
        values=hexadecimal(checked.model),
        inputs=tuple(tensor_info(graph, tensor, i, "input") for i, tensor in enumerate(graph.inputs)),
        outputs=tuple(tensor_info(graph, tensor, i, "output") for i, tensor in enumerate(graph.outputs)),
    )
    variables = {"model": model, "golden": golden, "version": __version__, "language": language}
    folder = data_dir("firmware_templates") / "carray"
    files = {
        f"{symbol}_model.h": firmware.render(folder / "model.h.j2", variables),
        f"{symbol}_model.{language}": firmware.render(folder / "model.c.j2", variables),
    }
    files, manifest = with_manifest(
        files, model, {"format": "carray"}, golden=golden.oracle if golden else None, later=[]
    )
    return Project(files=files, manifest=manifest, model=checked.model, board="")
