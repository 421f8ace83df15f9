"""Runtime name to what makes its projects; nothing else asks which runtime it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.progress import SILENT, Progress

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.boards import Board
    from edgeq.builder.tflm import Kernels
    from edgeq.checker import Checked


@dataclass(frozen=True)
class TflmChoice:
    """What a user says about TensorFlow Lite Micro.

    Attributes:
        folder: where it is; None where nobody said.
        kernels: which kernels; None for the fastest that there is a library of.
    """

    folder: Path | None = None
    kernels: Kernels | None = None


NO_TFLM = TflmChoice()
"""Nobody said anything."""


def make_project(
    checked: Checked, board: Board, tflm: TflmChoice = NO_TFLM, progress: Progress = SILENT
) -> Project:
    """The project of a model for a board, by the runtime that the model was checked for.

    Raises:
        EdgeqError: as that runtime's backend says.
    """
    return RUNTIMES[checked.runtime](checked, board, tflm, progress)


def _aot(checked: Checked, board: Board, _tflm: TflmChoice, progress: Progress) -> Project:
    from edgeq.backends.aot.generate import generate

    progress.stage("generate", f"C for {board.id}")
    return generate(checked, board)


def _tflm(checked: Checked, board: Board, tflm: TflmChoice, progress: Progress) -> Project:
    from edgeq.backends.tflm.generate import generate
    from edgeq.verbs.tflm_arena import size_arena

    arena = size_arena(checked, board, tflm.folder, tflm.kernels, progress)
    progress.stage("generate", f"a project around TensorFlow Lite Micro for {board.id}")
    return generate(checked, board, arena, tflm.kernels)


RUNTIMES: dict[str, Callable[[Checked, Board, TflmChoice, Progress], Project]] = {
    "aot": _aot,
    "tflm": _tflm,
}
