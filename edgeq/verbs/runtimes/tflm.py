"""TensorFlow Lite Micro, which the user brings; its arena is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from edgeq.verbs import preflight
from edgeq.verbs.runtimes.firmware import FirmwareRuntime

if TYPE_CHECKING:
    from edgeq.backends.project.golden import GoldenVector
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.checker import Checked
    from edgeq.verbs.request import DeployRequest, GenerateRequest


class Tflm(FirmwareRuntime):
    """TensorFlow Lite Micro."""

    name: ClassVar[str] = "tflm"
    checks = (preflight.library, preflight.cxx_compiler, preflight.oracle, preflight.place)

    def custom(self, request: GenerateRequest) -> tuple[str, ...]:
        """Those of the user's header."""
        from edgeq.backends.tflm.custom import read_custom_ops

        return tuple(read_custom_ops(request.tflm.ops).registrations)

    def project(
        self,
        checked: Checked,
        request: DeployRequest | GenerateRequest,
        golden: GoldenVector | None,
        progress: Progress,
    ) -> Project:
        """A project around the library, with an arena that is large enough."""
        from edgeq.backends.tflm.custom import read_custom_ops
        from edgeq.backends.tflm.generate import generate
        from edgeq.verbs.runtimes.tflm_arena import size_arena

        board, tflm = request.board, request.tflm
        custom = read_custom_ops(tflm.ops)
        arena = size_arena(checked, board, tflm.folder, tflm.kernels, progress, custom=custom)
        progress.stage("generate", f"a project around TensorFlow Lite Micro for {board.id}")
        return generate(checked, board, arena, tflm.kernels, golden, console=request.console, custom=custom)


RUNTIME = Tflm()
