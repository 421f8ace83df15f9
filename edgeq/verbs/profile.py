"""``profile``: where an inference's instructions, cycles and bytes go."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.folders import PROJECT, find_project
from edgeq.verbs.request import GenerateRequest, Toolchain

if TYPE_CHECKING:
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
        plot: a picture, ``.svg``; None for none.
        force: replace an earlier picture.
        given: the options that this call gives, by name.
    """

    path: Path | bytes
    board: Board | None = None
    toolchain: Toolchain = "auto"
    build_dir: str = "build"
    plot: Path | None = None
    force: bool = False
    given: frozenset[str] = field(default_factory=frozenset)


def profile(request: ProfileRequest, progress: Progress = SILENT) -> Profile:
    """Count and estimate one inference, layer by layer; nothing is kept but the picture.

    Raises:
        UsageError: a board whose simulator does not tell what is executed, an option that would be ignored,
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
        found = measure(image)
    if plot is not None:
        write_atomic(plot, draw(found).encode(), force=request.force)
    return found


def _image(request: ProfileRequest, folder: Path, progress: Progress) -> Image:
    from edgeq.builder import build, load_image
    from edgeq.verbs.runtimes import choose

    path, board = request.path, request.board
    if isinstance(path, Path) and path.is_dir():
        ignored = sorted({"board", "toolchain"} & request.given)
        if ignored:
            raise UsageError(
                f"--{ignored[0]} is for a model, and {path} is built already",
                f"leave --{ignored[0]} out, or give the model",
            )
        image = load_image(find_project(path), request.build_dir)
        _refuse(image.board)
        return image
    if "build_dir" in request.given:
        raise UsageError("--build-dir is for a project, and a model is none", "leave --build-dir out")
    if board is None:
        raise UsageError("no board is given", "give --board ID, or a project that is built")
    _refuse(board)
    runtime = choose(board, ())[0]
    project = runtime.generate(GenerateRequest(path, board), progress)
    project.write(folder / PROJECT)
    progress.stage("build")
    return build(folder / PROJECT, toolchain=request.toolchain, progress=progress)


def _refuse(board: Board) -> None:
    """Refuse a board whose executed code nobody tells.

    Raises:
        UsageError: with the simulated board that has the same core.
    """
    from edgeq.boards import list_boards
    from edgeq.targets.simulators import target_of

    def told(one: Board) -> bool:
        return (
            one.kind == "simulated" and one.simulator is not None and target_of(one.simulator).tells_what_runs
        )

    if told(board):
        return
    others = [one.id for one in list_boards() if told(one)]
    same = [one.id for one in list_boards() if told(one) and one.cpu.core == board.cpu.core]
    hint = f"--board {same[0]} has its core" if same else f"boards that are: {', '.join(others)}"
    raise UsageError(f"{board.id} cannot be profiled: nothing tells which code it executes", hint)
