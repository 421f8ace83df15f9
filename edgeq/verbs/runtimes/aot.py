"""C of edgeq's own: every weight prepared and every byte of the arena planned before compiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from edgeq.verbs import preflight
from edgeq.verbs.request import GenerateRequest
from edgeq.verbs.runtimes.firmware import FirmwareRuntime

if TYPE_CHECKING:
    from edgeq.backends.project.golden import GoldenVector
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.checker import Checked
    from edgeq.verbs.request import DeployRequest


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
        return generate(checked, request.board, golden, request.budget, explained=explained)


RUNTIME = Aot()
