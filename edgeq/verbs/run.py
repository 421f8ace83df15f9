"""``run``: judge what is built already, or offer its serial port to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.judge.evaluation import data_for, given_data, refuse_impossible
from edgeq.verbs.folders import PROJECT
from edgeq.verbs.manifests import read_manifest
from edgeq.verbs.preflight import refuse_absent_data
from edgeq.verbs.runtimes import Outcome, Runtime, choose, refuse_foreign_options, runtimes

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.verbs.request import RunRequest
    from edgeq.verbs.runtimes.session import Session


def run(request: RunRequest, progress: Progress = SILENT) -> Outcome:
    """Judge firmware, or a compiled model, that was made before.

    The oracle runs the model beside it. What firmware said is kept in the project's ``serial.log``.

    Raises:
        EdgeqError: as ``deploy``; UsageError where the model is not the one that was built.
    """
    refuse_absent_data(request.evaluation.data)
    runnable = _runtime(request).open(request, progress)
    runnable.look()
    given = given_data(request.evaluation, runnable.graph)
    refuse_impossible(request.thresholds, given)
    outcome = runnable.judge(data_for(request.evaluation, given, runnable.graph), progress=progress)
    return replace(outcome, report=outcome.report.made_by(request.command))


def session(request: RunRequest, progress: Progress = SILENT) -> Session:
    """Open firmware, or a compiled model, that was made before, for inferences.

    Raises:
        EdgeqError: as :func:`run`.
    """
    runnable = _runtime(request).open(request, progress)
    runnable.look()
    return runnable.session(progress)


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
    for name in ("port", "place"):
        if name in request.given:
            raise UsageError(
                f"--serve offers a simulation, and --{name} uses a device", "leave one of them out"
            )
    refuse_place(request, image.board)
    if on_hardware(image.board, request.place):
        raise UsageError(
            f"--serve offers a simulation, and {image.board.id} is hardware",
            "give --sim, where the board has a simulator, or connect to its serial port",
        )
    listen(image, port, ready=lambda number: ready(image, number), place=replace(request.place, farm=None))


def _runtime(request: RunRequest) -> Runtime:
    """Whose business it is: by the board, and by what the project was made with.

    Raises:
        UsageError: an option is given that says nothing to it.
    """
    board, made = request.board, _made_with(request.path)
    if board is not None:
        found, where = choose(board, made)[0], board.id
    else:  # only a project can be meant
        known = [runtime for runtime in runtimes() if runtime.by_name]
        found = next((runtime for runtime in known if runtime.name in made), known[0])
        where = "a board with firmware"
    refuse_foreign_options(found, request.given, where)
    return found


def _made_with(path: Path) -> tuple[str, ...]:
    """The runtime that a project names, in the folder or as the output folder's part."""
    said = (read_manifest(folder).get("runtime") for folder in (path / PROJECT, path))
    return tuple(name for name in said if isinstance(name, str))
