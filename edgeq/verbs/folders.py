"""The output folder of ``deploy``: the names of its files, and the project that a folder stands for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgeq.base.errors import EdgeqError, UsageError
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import Progress
from edgeq.graph import DType, Graph

INT8_MODEL = "model_int8.tflite"
INT16X8_MODEL = "model_int16x8.tflite"
PROJECT = "project"
REPORT = "report.json"
PAGE = "report.html"
SERIAL_LOG = "serial.log"


def model_file(graph: Graph) -> str:
    """What an output folder calls an integer model: by what most of its activations are."""
    made = [graph[index].dtype for op in graph.operators for index in op.outputs]
    return INT16X8_MODEL if made.count(DType.INT16) > made.count(DType.INT8) else INT8_MODEL


def default_out(name: str, board_id: str) -> Path:
    """Where ``deploy`` writes unless told otherwise: ``<model>-<board>`` in the working folder."""
    return Path(f"{name}-{board_id}")


def find_project(folder: Path) -> Path:
    """The project in a folder: the folder itself, or the ``project`` of an output folder of ``deploy``.

    Raises:
        UsageError: neither is there.
    """
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder" if folder.exists() else f"there is no folder {folder}",
            "give a project folder, as `edgeq generate` or `edgeq deploy` makes it",
        )
    inner = folder / PROJECT
    if (inner / MANIFEST).is_file():
        return inner
    if not (folder / MANIFEST).is_file():
        raise UsageError(
            f"{folder} is not a project folder: it holds no {MANIFEST}",
            "make one with `edgeq generate MODEL --board ID`",
        )
    return folder


@contextmanager
def keeping(out: Path, progress: Progress) -> Iterator[None]:
    """Tell, when a stage fails or is interrupted, where the artefacts of the stages before it are."""
    where = f"what the earlier stages made is kept in {out}"
    try:
        yield
    except EdgeqError as error:
        error.hint = f"{error.hint}; {where}" if error.hint else where
        raise
    except BaseException:
        progress.note(where)
        raise
