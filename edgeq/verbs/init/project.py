"""A project for a model: settings, the model, data, a test, CI."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from edgeq.base.errors import UsageError
from edgeq.base.hints import command
from edgeq.boards import Board
from edgeq.graph.ends import kind_of
from edgeq.verbs.init.ci import Provider, ci_files
from edgeq.verbs.init.writing import filled
from edgeq.verbs.preflight import refuse_absent_data
from edgeq.verbs.sources import load_tflite

_INTEGER = ("integer", "float ends")
_TFLITE = ".tflite"
_LARGEST = 256 << 20


@dataclass(frozen=True)
class ProjectRequest:
    """Everything that ``init project`` is told.

    Attributes:
        model: the file.
        board: to begin with.
        folder: of the project.
        data, calibration: files, folders or ``module:function``; None for none yet.
        random_calibration: whether a float model is quantized by random numbers, to try things out.
        providers: for which CI.
        signature: which of several models in one file; None for the only one.
    """

    model: Path
    board: Board
    folder: Path
    data: str | None = None
    calibration: str | None = None
    random_calibration: bool = False
    providers: tuple[Provider, ...] = ()
    signature: str | None = None


def project_files(request: ProjectRequest) -> dict[str, bytes]:
    """Contents by path, files from elsewhere copied in.

    Raises:
        UsageError: a float model without calibration data; a source that is no file.
        DataError: data that is not there.
        ModelError: the model cannot be read.
    """
    refuse_absent_data(request.data, request.calibration)
    files: dict[str, bytes] = {}
    model = _inside(request.folder, request.model, "models", files)
    marker = [json.dumps(model)]
    if request.signature is not None:
        marker.append(f"signature={json.dumps(request.signature)}")
    if _needs_calibration(request.model, request.signature):
        if request.random_calibration:
            marker.append("random_calibration=True")
        elif request.calibration is None:
            raise UsageError(
                f"{request.model.name} is a float model, and no data is there to quantize it by",
                "give --calibration with about a hundred real inputs; --random-calibration is for trying out",
            )
    lines = []
    for key, spec in (("data", request.data), ("calibration", request.calibration)):
        if spec is not None:
            place = spec if not Path(spec).exists() else _inside(request.folder, Path(spec), "data", files)
            lines.append(f"{key} = {json.dumps(place)}")
    settings = "".join(f"{line}\n" for line in lines)
    return {
        "edgeq.toml": filled("edgeq.toml", board=request.board.id, data=settings),
        **files,
        "data/README.md": filled("data.txt"),
        "tests/test_model.py": filled("test_model.py.in", marker=", ".join(marker)),
        ".gitignore": filled("gitignore"),
        **ci_files(request.board, request.providers),
    }


def _needs_calibration(model: Path, signature: str | None) -> bool:
    if model.suffix != _TFLITE:
        return True  # another framework's, which trains in real numbers
    return kind_of(load_tflite(model, signature)[1]) not in _INTEGER


def _inside(folder: Path, path: Path, place: str, files: dict[str, bytes]) -> str:
    """A path as the project names it; a file from elsewhere is copied to ``place``.

    Raises:
        UsageError: it is not there, or too large or no file, to be copied.
    """
    root, there = folder.resolve(), path.resolve()
    if there.is_relative_to(root) and there.exists():
        return there.relative_to(root).as_posix()
    if not there.is_file():
        what = f"{path} is a folder outside of {folder}" if there.is_dir() else f"there is no file {path}"
        raise UsageError(what, f"put it there yourself: {command('cp', '-r', path, folder / place)}")
    if there.stat().st_size > _LARGEST:
        raise UsageError(f"{path} is too large to be copied into {folder}", "put it there yourself")
    name = f"{place}/{path.name}"
    files[name] = there.read_bytes()
    return name
