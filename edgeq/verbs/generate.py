"""``generate``: from an integer model to a project for a board, or to C for any project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.folders import refuse_existing_folder
from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.runtimes import choose, names
from edgeq.verbs.sources import load_tflite

if TYPE_CHECKING:
    from edgeq.backends.project.choices import Choice
    from edgeq.backends.project.project import Project
    from edgeq.verbs.request import ArrayRequest, GenerateRequest, LibraryRequest

_TOLD = ("board", "runtime", "model", "memory", "macs", "golden")


@dataclass(frozen=True, eq=False)
class Generated:
    """A folder that was written.

    Attributes:
        folder: where it is.
        manifest: what its ``edgeq.json`` says.
        files: all files in it, by relative POSIX path, in order.
        choices: of kernels, where they were asked for.
    """

    folder: Path
    manifest: Mapping[str, Any]
    files: tuple[str, ...]
    choices: tuple[Choice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        told = {name: self.manifest[name] for name in _TOLD if name in self.manifest}
        where = "project" if "board" in self.manifest else "folder"
        choices = {"choices": [one.to_dict() for one in self.choices]} if self.choices else {}
        return {where: str(self.folder), **told, **choices, "files": list(self.files)}


def generate(request: GenerateRequest, progress: Progress = SILENT) -> Generated:
    """Write the project that runs an integer model on a board.

    The same model and board always give the same files.

    Raises:
        UsageError: several runtimes, a board that needs no project, or a folder that is in use.
        CheckFailed: with findings: the model is not strictly int8, or has operators that the runtime lacks.
        EdgeqError: as the runtime's backend says.
    """
    wanted = () if request.runtime is None else (request.runtime,)
    runtime = choose(request.board, wanted)[0]
    target = request.out
    if target is None:
        target = Path(f"{_name(request.model)}-{request.board.id}-project")
    refuse_existing_folder(target, force=request.force)
    return _written(runtime.generate(request, progress), target, force=request.force, progress=progress)


def generate_array(request: ArrayRequest, progress: Progress = SILENT) -> Generated:
    """Write an integer model as a C or C++ array with the code around it.

    Raises:
        UsageError: a folder that is in use.
        CheckFailed: with findings.
    """
    from edgeq.backends import carray
    from edgeq.checker import check

    target = request.out if request.out is not None else Path(f"{_name(request.model)}-carray")
    refuse_existing_folder(target, force=request.force)
    data, graph = load_tflite(request.model, request.signature)
    progress.stage("check", "integers alone, static shapes, operators")
    checked = check(data, name=graph.name, runtime=request.runtime or names()[0])
    progress.stage("generate", "a C array")
    golden = carray.golden(checked) if request.golden else None
    project = carray.generate(checked, language=request.language, golden=golden)
    return _written(project, target, force=request.force, progress=progress)


def generate_library(request: LibraryRequest, progress: Progress = SILENT) -> Generated:
    """Write an integer model's network in C for another build system.

    Raises:
        UsageError: a folder that is in use.
        CheckFailed: with findings.
        EdgeqError: as edgeq's own runtime says.
    """
    from edgeq.verbs.runtimes.aot import RUNTIME

    target = request.out
    if target is None:
        target = Path(f"{_name(request.model)}-{request.form.name}")
    refuse_existing_folder(target, force=request.force)
    return _written(RUNTIME.library(request, progress), target, force=request.force, progress=progress)


def _name(model: Path | bytes) -> str:
    return "model" if isinstance(model, bytes) else model.stem


def _written(project: Project, target: Path, *, force: bool, progress: Progress) -> Generated:
    project.write(target, force=force, progress=progress)
    return Generated(target, project.manifest, tuple(sorted(project.files)), project.choices)
