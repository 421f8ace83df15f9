"""The model that a user names, from whichever source, or gives as bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.progress import SILENT, Progress
from edgeq.graph import Graph, load_model, model_alone

if TYPE_CHECKING:
    from edgeq.converter.sources import Environments, Loaded


def load_any(
    model: Path | bytes,
    environments: Environments | None = None,
    progress: Progress = SILENT,
    signature: str | None = None,
) -> Loaded:
    """A .tflite model, or the float one that a framework makes of another source.

    Args:
        signature: which of several models in one file or SavedModel; None for the only one.

    Raises:
        ModelError: it cannot be read or converted.
        ToolMissingError: the framework for it is not there.
    """
    from edgeq.converter.sources import Loaded, load_source

    if isinstance(model, bytes):
        return Loaded(*model_alone(model, signature=signature))
    return load_source(model, environments, progress, signature)


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
