"""Boards that a vendor's SDK builds for, flashes and runs: edgeq writes the project, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from edgeq.base.errors import UsageError
from edgeq.base.hints import command
from edgeq.verbs.runtimes.runtime import Accepted, Runnable, Runtime
from edgeq.verbs.sources import load_tflite

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.boards import Board
    from edgeq.verbs.calibration import Quantized
    from edgeq.verbs.request import DeployRequest, GenerateRequest, RunRequest


class Sdk(Runtime):
    """An Edge TPU beside a microcontroller, under a vendor's SDK: a road that ends with the project."""

    name: ClassVar[str] = "sdk"
    by_name: ClassVar[bool] = False

    def serves(self, board: Board) -> bool:
        """Boards that an SDK builds for."""
        return board.sdk is not None

    def refuse(self, request: DeployRequest) -> None:
        """The road has no end that edgeq could reach."""
        raise self._no_end(request.board, request.model_name)

    def check(self, request: DeployRequest, quantized: Quantized, progress: Progress) -> Accepted:
        """Never asked: the whole road is refused."""
        raise self._no_end(request.board, quantized.graph.name)

    def open(self, request: RunRequest, progress: Progress) -> Runnable:
        """Nothing that edgeq could start."""
        from edgeq.verbs.runtimes.firmware import image_of

        image_of(request)  # which says what is wrong with the project
        raise UsageError(
            f"{request.path} runs on a board that its SDK flashes", "its README has the SDK's commands"
        )

    def generate(self, request: GenerateRequest, progress: Progress) -> Project:
        """A compiled model as a project for the SDK."""
        from edgeq.backends.coral_micro.generate import generate
        from edgeq.verbs.runtimes.edgetpu_models import preprocessed

        model, graph = load_tflite(request.model, request.signature)
        if isinstance(request.model, Path):
            graph = preprocessed(graph, request.model)
        progress.stage("generate", f"a project for {request.board.id}, which its SDK builds")
        return generate(model, graph, request.board)

    @staticmethod
    def _no_end(board: Board, model: str) -> UsageError:
        return UsageError(
            f"{board.id} is built and flashed by its SDK ({board.sdk}), so deploy cannot go to the end",
            f"{command('edgeq', 'compile', model)}, then edgeq generate X_edgetpu.tflite --board {board.id}; "
            "its README has the commands",
        )


RUNTIME = Sdk()
