"""The model that a user names, from whichever source, or gives as bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.progress import SILENT, Progress
from edgeq.graph import Graph, load_model, read_model

if TYPE_CHECKING:
    from edgeq.converter.sources import Environments, Loaded


def load_any(
    model: Path | bytes, environments: Environments | None = None, progress: Progress = SILENT
) -> Loaded:
    """A .tflite model, or the float one that a framework makes of another source.

    Raises:
        ModelError: it cannot be read or converted.
        ToolMissingError: the framework for it is not there.
    """
    from edgeq.converter.sources import Loaded, load_source

    if isinstance(model, bytes):
        return Loaded(model, read_model(model))
    return load_source(model, environments, progress)


def load_tflite(model: Path | bytes) -> tuple[bytes, Graph]:
    """A .tflite model as it is, for verbs that take no other source.

    Raises:
        ModelError: it is none.
    """
    return (model, read_model(model)) if isinstance(model, bytes) else load_model(model)
