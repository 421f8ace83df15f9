"""``edgeq run``: judge firmware that is built already, or offer its serial port to others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import project_argument, verb
from edgeq.cli.outcome import show_outcome
from edgeq.cli.output import Output
from edgeq.cli.settings import given, settings_from

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.verbs.request import RunRequest


@verb("run")
@project_argument
def run(
    output: Output, /, project: Path, board: str | None, port: str | None, serve: int | None, **flags: Any
) -> int:
    """Run the firmware built in PROJECT (the working folder by default), by edgeq or by CMake, and judge it.

    The oracle's model is PROJECT/model.tflite. What went over the serial line is kept in PROJECT/serial.log.

    With --board coral (or coral@user@host) PROJECT is an output folder of deploy, or a compiled model
    X_edgetpu.tflite that has the int8 model X.tflite beside it.
    """
    from edgeq.verbs.from_settings import board_of, run_request
    from edgeq.verbs.run import run as judge

    settings = settings_from({**flags, "port": port, "board": board})
    request = run_request(
        project,
        settings,
        None if settings.board is None else board_of(settings.board),
        given=given(),
        build_dir=flags["build_dir"],
        cpu=flags["cpu"],
        flash=not flags["no_flash"],
        resume=flags["resume"],
        command=output.command,
    )
    if serve is not None:
        return _serve(output, request, serve)
    with output.progress() as progress:
        found = judge(request, progress)
    return show_outcome(output, found)


def _serve(output: Output, request: RunRequest, port: int) -> int:
    from edgeq.verbs.run import serve

    def ready(image: Image, number: int) -> None:
        url = f"socket://127.0.0.1:{number}"
        if output.json:
            output.result({"board": image.board.id, "url": url, "model_sha256": image.model_sha256})
        else:  # the console is the result; where it is, is a remark
            print(f"{image.board.id} listens at {url}; Ctrl-C ends it", file=sys.stderr, flush=True)

    serve(request, port, ready)
    return 0
