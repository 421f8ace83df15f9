"""The model that a user names, from whichever source, or gives as bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.progress import SILENT, Progress
from edgeq.graph import Graph, load_model, model_alone, read_model, write_model
from edgeq.graph.size_inputs import without_size_inputs

if TYPE_CHECKING:
    from edgeq.converter.sources import Environments, Loaded


def load_any(
    model: Path | bytes,
    environments: Environments | None = None,
    progress: Progress = SILENT,
    signature: str | None = None,
) -> Loaded:
    """A .tflite model, or the float one that a framework makes of another source.

    Inputs that only say sizes are left out, so that data are asked for where there is something to give.

    Args:
        progress: hears of the stage, and what is left out.
        signature: which of several models in one file or SavedModel; None for the only one.

    Raises:
        ModelError: it cannot be read or converted.
        ToolMissingError: the framework for it is not there.
    """
    from edgeq.converter.sources import Loaded, load_source

    if isinstance(model, bytes):
        loaded = Loaded(*model_alone(model, signature=signature))
    else:
        loaded = load_source(model, environments, progress, signature)
    found, graph, notes = _by_data(loaded.model, loaded.graph, progress)
    return Loaded(found, graph, (*loaded.notes, *notes))


def load_int8(model: Path | bytes, progress: Progress = SILENT) -> tuple[bytes, Graph]:
    """A .tflite model that is fed the same data as one of :func:`load_any`.

    Raises:
        ModelError: it is none.
    """
    return _by_data(*load_tflite(model), progress)[:2]


def _by_data(model: bytes, graph: Graph, progress: Progress) -> tuple[bytes, Graph, tuple[str, ...]]:
    graph, notes = without_size_inputs(graph)
    if not notes:
        return model, graph, ()
    for note in notes:
        progress.note(note)
    alone = write_model(graph)
    return alone, read_model(alone, graph.name), notes


def load_tflite(model: Path | bytes, signature: str | None = None) -> tuple[bytes, Graph]:
    """A .tflite model as it is, for verbs that take no other source.

    Args:
        signature: which of several models in one file; None for the only one.

    Raises:
        ModelError: it is none.
    """
    if isinstance(model, bytes):
        return model_alone(model, signature=signature)
    return load_model(model, signature)
