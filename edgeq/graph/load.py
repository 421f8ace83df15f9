"""A model as a user names it: a file, and which of its signatures."""

from __future__ import annotations

from pathlib import Path

from edgeq.base.errors import ModelError
from edgeq.graph import schema
from edgeq.graph.model import Graph
from edgeq.graph.reader import read_file, read_model
from edgeq.graph.writer import write_model

MAX_FILE_BYTES = 1 << 30
"""Larger files are refused before they are read; the flatbuffer format itself ends at 2 GB."""


def load_model(path: Path, signature: str | None = None) -> tuple[bytes, Graph]:
    """Read a .tflite file.

    Args:
        path: the file; its stem becomes the graph's name.
        signature: as for :func:`model_alone`.

    Returns:
        The model's bytes, as :func:`model_alone` gives them, and its graph.

    Raises:
        ModelError: if it is missing, not readable, too large, or not a valid model.
    """
    try:
        if not path.is_file():
            what = (
                "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is not a file"
            )
            raise ModelError(f"{path} {what}.", "Give the path of a .tflite file.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ModelError(
                f"{path} is {size:,} bytes long, more than edgeq reads ({MAX_FILE_BYTES:,}).",
                "No microcontroller or Edge TPU holds such a model: use a smaller network.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error
    return model_alone(data, path.stem, signature, str(path))


def model_alone(
    data: bytes, name: str = "model", signature: str | None = None, label: str = ""
) -> tuple[bytes, Graph]:
    """One model of one subgraph, and its graph.

    Args:
        data: a .tflite file.
        name, label: as for :func:`read_model`.
        signature: the key of the signature that is meant; None for the file's only one.

    Returns:
        The file as it is, or, where a signature is named or control flow was folded, that model written as a
        file of its own: tensors have the same numbers in it and in the graph.

    Raises:
        ModelError: as :func:`read_model`.
    """
    reading = read_file(data, name, signature, label)
    if signature is None and not reading.folded:
        return data, reading.graph
    alone = write_model(reading.graph)
    return alone, read_model(alone, name)


def is_model_file(path: Path) -> bool:
    """Whether the file there says of itself that it is a .tflite file."""
    try:
        with path.open("rb") as file:
            return file.read(8)[4:] == schema.FILE_IDENTIFIER
    except OSError:
        return False
