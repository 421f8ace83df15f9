"""``run``: judge what is built already, or offer its serial port to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.judge.evaluation import data_for, given_data, refuse_impossible
from edgeq.verbs.runtimes import Outcome, Runtime, choose, refuse_foreign_options, runtimes

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.verbs.request import RunRequest


def run(request: RunRequest, progress: Progress = SILENT) -> Outcome:
    """Judge firmware, or a compiled model, that was made before.

    The oracle runs the model beside it. What firmware said is kept in the project's ``serial.log``.

    Raises:
        EdgeqError: as ``deploy``; UsageError where the model is not the one that was built.
    """
    runnable = _runtime(request).open(request, progress)
    given = given_data(request.evaluation, runnable.graph)
    refuse_impossible(request.thresholds, given)
    return runnable.judge(data_for(request.evaluation, given, runnable.graph), progress=progress)


def serve(request: RunRequest, port: int, ready: Callable[[Image, int], None]) -> None:
    """Offer the simulated serial port of a project's firmware until Ctrl-C.

    Args:
        port: on 127.0.0.1; 0 for any free one.
        ready: is told of the image and the port, once it listens.

    Raises:
        UsageError: the firmware is, or is to be, on a device.
        DeviceError: the port is in use.
    """
    from edgeq.targets import on_hardware
    from edgeq.targets import serve as listen
    from edgeq.verbs.runtimes.firmware import image_of, refuse_place

    _runtime(request)
    image = image_of(request)
    if "port" in request.given:
        raise UsageError("--serve offers a simulation, and --port uses a device", "leave one of them out")
    refuse_place(request, image.board)
    if on_hardware(image.board, request.place):
        raise UsageError(
            f"--serve offers a simulation, and {image.board.id} is hardware",
            "give --sim, where the board has a simulator, or connect to its serial port",
        )
    listen(image, port, ready=lambda number: ready(image, number), place=request.place)


def _runtime(request: RunRequest) -> Runtime:
    """Whose business it is; where no board is given, only a project can be meant.

    Raises:
        UsageError: an option is given that says nothing to it.
    """
    board = request.board
    found = runtimes()[0] if board is None else choose(board)[0]
    refuse_foreign_options(found, request.given, "a board with firmware" if board is None else board.id)
    return found
