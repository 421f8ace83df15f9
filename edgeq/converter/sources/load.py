"""From what a user names to a float .tflite model and its graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from edgeq.base.errors import ModelError
from edgeq.base.progress import SILENT, Progress
from edgeq.converter.sources.environments import Environments
from edgeq.converter.sources.kinds import source_kind, source_name
from edgeq.converter.sources.layout import channels_last
from edgeq.graph import Graph, load_model, read_model, write_model


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model.

    Attributes:
        model: a .tflite file: the user's own, or made of the source.
        graph: the same, read.
        notes: what was done on the way, in sentences; empty for a .tflite file.
    """

    model: bytes
    graph: Graph
    notes: tuple[str, ...] = ()


def load_source(
    source: Path,
    environments: Environments | None = None,
    progress: Progress = SILENT,
    signature: str | None = None,
) -> Loaded:
    """Read a .tflite file, or make one of a Keras, SavedModel, ONNX or PyTorch source.

    Frameworks run in a child process. What they make takes one sample and has its channels last: transposes
    that NCHW left are folded, those of inputs and outputs too, and the notes say where that changed a shape.
    Inputs and outputs have the source's names, as ``Tensor.alias``, and are in its order where it has one.

    Args:
        source: a file, a SavedModel folder, or ``module:function`` that returns (module, example input).
        environments: which Python has which framework; as environment variables say by default.
        progress: hears of the stage, and the notes.
        signature: which of a file's or a SavedModel's; None for the only or the usual one.

    Raises:
        ModelError: no such source, or it cannot be read or converted.
        ToolMissingError: the framework for it is not there.
    """
    kind = source_kind(source)
    if kind == "tflite":
        return Loaded(*load_model(source, signature))
    if signature is not None and kind != "saved_model":
        raise ModelError(f"{source} has no signatures", "leave --signature out")
    name = source_name(source)
    if kind == "torch_module":
        place = str(source)
    elif source.exists():
        place = str(source.resolve())
    else:
        raise ModelError(f"{source} does not exist", "give the path of a model")
    from edgeq.converter.sources.child import translate
    from edgeq.converter.sources.ends import as_in_source

    progress.stage("source", f"{source} to a float .tflite, in a process of its own")
    pythons = Environments.from_environ() if environments is None else environments
    made = translate(kind, place, pythons, signature or "")
    named = as_in_source(read_model(made.model, name), made.inputs, made.outputs)
    graph, folded = channels_last(named)
    notes = (f"{source} was converted by {made.tool or 'an unnamed tool'}.", *made.notes, *folded)
    for note in notes:
        progress.note(note)
    model = write_model(_one_sample(graph))
    return Loaded(model, read_model(model, name), notes)


def _one_sample(graph: Graph) -> Graph:
    """The graph with an open batch (of onnx2tf 2) frozen; as it is where shapes are computed from it."""
    beyond = any(size < 0 for tensor in graph.tensors for size in tensor.shape_signature[1:])
    if beyond or any(op.opcode == "SHAPE" for op in graph.operators):
        return graph
    return graph.replace(tensors=tuple(replace(t, shape_signature=t.shape) for t in graph.tensors))
