"""``profile``: where an inference's instructions, cycles and bytes go."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.base.progress import SILENT, Progress
from edgeq.targets import Place
from edgeq.verbs.folders import PROJECT, find_project
from edgeq.verbs.request import Toolchain

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.boards import Board
    from edgeq.builder import Image
    from edgeq.judge.profile import Profile

KINDS = (".svg",)


@dataclass(frozen=True)
class ProfileRequest:
    """Everything that ``profile`` is told.

    Attributes:
        path: an integer model's file or bytes; or a project or an output folder of ``deploy``, built.
        board: for which board the model is built; None for a project, which has one.
        toolchain: which compiler builds it.
        build_dir: where in a project its firmware was built.
        place: where firmware runs.
        plot: a picture, ``.svg``; None for none.
        force: replace an earlier picture.
        signature: which of several models in one file; None for the only one.
        given: the options that this call gives, by name.
    """

    path: Path | bytes
    board: Board | None = None
    toolchain: Toolchain = "auto"
    build_dir: str = "build"
    place: Place = field(default_factory=Place)
    plot: Path | None = None
    force: bool = False
    signature: str | None = None
    given: frozenset[str] = field(default_factory=frozenset)


def profile(request: ProfileRequest, progress: Progress = SILENT) -> Profile:
    """Count and estimate one inference, layer by layer; nothing is kept but the picture.

    Raises:
        UsageError: a project whose board does not tell what is executed, an option that would be ignored,
            or a picture that exists.
        EdgeqError: the model is not one that the runtime takes, or does not build.
    """
    from edgeq.judge.profile import measure
    from edgeq.judge.profile.picture import draw

    plot = request.plot
    if plot is not None:
        if plot.suffix.lower() not in KINDS:
            raise UsageError(f"{plot} is not a picture's name", "let it end in .svg")
        refuse_existing_file(plot, force=request.force)
    with tempfile.TemporaryDirectory(prefix="edgeq-profile-") as folder:
        image = _image(request, Path(folder), progress)
        progress.stage("profile", f"one inference on {image.board.id}, layer by layer")
        found = measure(image, request.place, progress=progress)
    if plot is not None:
        write_atomic(plot, draw(found).encode(), force=request.force)
    return found


def _image(request: ProfileRequest, folder: Path, progress: Progress) -> Image:
    from edgeq.builder import build, load_image
    from edgeq.targets import is_flashed, on_hardware, refuse_unable

    path, board, place = request.path, request.board, request.place
    if isinstance(path, Path) and path.is_dir():
        ignored = sorted({"board", "toolchain", "signature"} & request.given)
        if ignored:
            raise UsageError(
                f"--{ignored[0]} is for a model, and {path} is built already",
                f"leave --{ignored[0]} out, or give the model",
            )
        image = load_image(find_project(path), request.build_dir)
        if not _tells_what_runs(image.board, place):
            raise UsageError(
                f"nothing tells what {image.board.id} executes, so its layers need firmware of their own",
                f"give the model, and --board {image.board.id}",
            )
        return image
    if "build_dir" in request.given:
        raise UsageError("--build-dir is for a project, and a model is none", "leave --build-dir out")
    if board is None:
        raise UsageError("no board is given", "give --board ID, or a project that is built")
    refuse_unable(board, place)
    if (on_hardware(board, place) or place.port is not None) and not is_flashed(board, place):
        raise UsageError(
            f"{board.id} is not flashed by any tool, and its layers need firmware of their own",
            "profile on the simulated board with its core: edgeq boards list",
        )
    project = _project(request, board, progress)
    project.write(folder / PROJECT)
    progress.stage("build")
    return build(folder / PROJECT, toolchain=request.toolchain, progress=progress)


def _project(request: ProfileRequest, board: Board, progress: Progress) -> Project:
    from edgeq.backends.aot.generate import RUNTIME, generate
    from edgeq.verbs.runtimes.firmware import check_int8
    from edgeq.verbs.sources import load_tflite

    model, graph = load_tflite(request.path, request.signature)
    checked = check_int8(model, graph.name, RUNTIME, progress)
    progress.stage("generate", f"C for {board.id}")
    return generate(checked, board, stepwise=not _tells_what_runs(board, request.place))


def _tells_what_runs(board: Board, place: Place) -> bool:
    from edgeq.targets import on_hardware
    from edgeq.targets.simulators import target_of

    simulator = place.simulator or board.simulator
    if on_hardware(board, place) or simulator is None:
        return False
    return target_of(simulator).tells_what_runs
