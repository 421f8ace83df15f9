"""Which models a user means who names a file or a folder, and of which kind they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.base.hints import command
from edgeq.edgetpu import is_compiled
from edgeq.graph import DType, Graph, load_model
from edgeq.verbs.folders import INT8_MODEL
from edgeq.verbs.manifests import preprocessing_in, read_manifest

if TYPE_CHECKING:
    from edgeq.targets.coral.session import Names, Stage

PARTS = "parts.json"
"""How a model in the folder was cut: ``inputs`` and ``outputs``, the names of the whole model's tensors, and
``parts``, of each its ``file`` and what was ``compiled`` of it, null where there is none."""
COMPILED_MODEL = "model_int8_edgetpu.tflite"


def needs_conversion(graph: Graph) -> bool:
    """Whether no operator computes in 8 bits: a quantized model may well have float inputs and outputs.

    What a QUANTIZE makes of real values is no computing: that is fake quantization's as well.
    """
    eight = (DType.INT8, DType.UINT8)
    computing = (
        op for op in graph.operators if op.opcode != "QUANTIZE" or not graph[op.inputs[0]].dtype.is_float
    )
    made = (graph[index] for op in computing for index in op.outputs)
    return not any(tensor.dtype in eight and tensor.quant is not None for tensor in made)


@dataclass(frozen=True)
class Found:
    """What runs, and what it is held against.

    Attributes:
        stages: the compiled model, its parts in a row, or without the Edge TPU what these were made of.
        names: by which parts hang together; None for a model in one piece.
        reference: the int8 model, which the oracle runs.
        graph: of the reference.
        companions: models that were compiled along with it, which share the device's memory.
    """

    stages: tuple[Stage, ...]
    names: Names | None
    reference: bytes
    graph: Graph
    companions: tuple[Stage, ...] = ()


def find_models(path: Path, *, cpu: bool) -> Found:
    """What runs there, what the oracle runs, and its graph.

    Args:
        path: an output folder of ``deploy`` or ``compile``, or a model's file.
        cpu: whether the Edge TPU is left out; then the compiled model is not asked for.

    Raises:
        UsageError: one of them is missing, or is of the wrong kind.
    """
    from edgeq.targets.coral.session import Stage

    first, plain = _files(path)
    if (path / PARTS).is_file():
        return _in_parts(path, plain, cpu=cpu)
    if cpu:
        reference, graph = load_model(plain)
        return Found((Stage(reference, delegate=False),), None, reference, graph)
    if path.is_dir() and not first.is_file():
        raise UsageError(
            f"{path} holds no compiled model",
            "compile it with edgeq compile, or try it on the CPU with --cpu",
        )
    model, compiled = load_model(first)
    if not is_compiled(compiled):
        raise UsageError(
            f"{first} is not compiled for the Edge TPU",
            f"compile it: {command('edgeq', 'compile', first)}; or try it on the CPU with --cpu",
        )
    if plain == first or not plain.is_file():
        raise UsageError(
            f"{plain} is not there: the compiled model is compared with the one that it was made from",
            f"put the int8 model beside {first.name}, under that name",
        )
    reference, graph = load_model(plain)
    along = tuple(Stage(load_model(other)[0], delegate=True) for other in _along(first))
    return Found((Stage(model, delegate=True),), None, reference, graph, along)


def _along(compiled: Path) -> list[Path]:
    """The other models that ``compile`` made in one go with a compiled one, by their folder's manifest."""
    models = _compiled_in(compiled.parent)
    return [other for other in models if other != compiled and other.is_file()] if compiled in models else []


def _compiled_in(folder: Path) -> list[Path]:
    models = read_manifest(folder).get("models")
    told = [model for model in models if isinstance(model, dict)] if isinstance(models, list) else []
    names = [Path(str(model.get("file", ""))).stem for model in told]
    return [folder / f"{name}_edgetpu.tflite" for name in names]


def _in_parts(folder: Path, plain: Path, *, cpu: bool) -> Found:
    """A model that was cut; the compiler's own segments have no plain form to run on a CPU."""
    from edgeq.targets.coral.session import Names, Stage

    reference, graph = load_model(plain)
    try:
        told = json.loads((folder / PARTS).read_bytes())
        names = Names(tuple(map(str, told["inputs"])), tuple(map(str, told["outputs"])))
        files = [(part["file"], part["compiled"]) for part in told["parts"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder / PARTS} does not tell of the model's parts", "compile it again") from None
    if cpu and any(file is None for file, _ in files):
        return Found((Stage(reference, delegate=False),), None, reference, graph)
    stages = []
    for file, compiled in files:
        on_chip = not cpu and compiled is not None
        chosen = folder / Path(str(compiled if on_chip else file)).name
        if not chosen.is_file():
            raise UsageError(f"{chosen} is not there: it is a part of the model", "compile it again")
        stages.append(Stage(load_model(chosen)[0], delegate=on_chip))
    return Found(tuple(stages), names, reference, graph)


def preprocessed(graph: Graph, compiled: Path) -> Graph:
    """A compiled model with what is known of its raw inputs: the compiler drops that from the file.

    Args:
        compiled: the file; beside it is the int8 model that it was made from, or a manifest that tells it.
    """
    plain = _files(compiled)[1]
    steps = preprocessing_in(read_manifest(compiled.parent), graph)
    if not steps and plain.is_file() and plain != compiled:
        steps = load_model(plain)[1].preprocessing
    return graph.preprocessed(steps) if len(steps) == len(graph.inputs) else graph


def _files(path: Path) -> tuple[Path, Path]:
    """The compiled model and the one that it was made from, by a model's name or a folder's manifest."""
    if not path.is_dir():
        return path, path.with_name(path.name.removesuffix(".tflite").removesuffix("_edgetpu") + ".tflite")
    models = read_manifest(path).get("models")
    if isinstance(models, list) and len(models) == 1:
        plain = path / Path(str(models[0]["file"])).name
        return plain.with_name(f"{plain.stem}_edgetpu.tflite"), plain
    if isinstance(models, list) and len(models) > 1:
        files = " or ".join(str(one) for one in _compiled_in(path))
        raise UsageError(
            f"{path} holds {len(models)} models that share a device",
            f"name the one to judge, and the others take turns with it: {files}",
        )
    if not (path / INT8_MODEL).is_file():
        raise UsageError(
            f"{path} holds no {INT8_MODEL}",
            "give a folder that `edgeq deploy` or `edgeq compile` made of one model, or a model",
        )
    return path / COMPILED_MODEL, path / INT8_MODEL
