"""C of edgeq's own: every weight prepared and every byte of the arena planned before compiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from edgeq.verbs import preflight
from edgeq.verbs.request import GenerateRequest
from edgeq.verbs.runtimes.firmware import FirmwareRuntime, check_int8
from edgeq.verbs.sources import load_tflite

if TYPE_CHECKING:
    from edgeq.backends.project.golden import GoldenVector
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.checker import Checked
    from edgeq.verbs.request import DeployRequest, LibraryRequest

_PLAIN_C = "host"
"""The board whose kernels are for any core."""


class Aot(FirmwareRuntime):
    """edgeq's own runtime."""

    name: ClassVar[str] = "aot"
    checks = (preflight.compiler, preflight.oracle, preflight.place)

    def project(
        self,
        checked: Checked,
        request: DeployRequest | GenerateRequest,
        golden: GoldenVector | None,
        progress: Progress,
    ) -> Project:
        """C99 for the board."""
        from edgeq.backends.aot.generate import generate

        progress.stage("generate", f"C for {request.board.id}")
        explained = isinstance(request, GenerateRequest) and request.explain
        return generate(checked, request.board, golden, request.budget, request.console, explained=explained)

    def library(self, request: LibraryRequest, progress: Progress) -> Project:
        """The network alone in C, for another build system."""
        from edgeq.backends.aot.library import generate_library
        from edgeq.boards import load_board

        model, graph = load_tflite(request.model, request.signature)
        checked = check_int8(model, graph.name, self.name, progress)
        progress.stage("generate", f"C as {request.form.name}")
        board = load_board(_PLAIN_C) if request.board is None else request.board
        return generate_library(checked, board, request.form, request.budget)


RUNTIME = Aot()
