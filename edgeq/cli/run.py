"""``edgeq run``: judge firmware that is built already, or offer its serial port to others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import UsageError
from edgeq.base.hints import command
from edgeq.cli import accelerators
from edgeq.cli.options import (
    build_dir_option,
    common,
    cpu_option,
    data_options,
    normalize_option,
    place_options,
    project_argument,
    threshold_options,
)
from edgeq.cli.output import Output
from edgeq.cli.projects import find_project
from edgeq.cli.settings import board_of, place, settings_from, thresholds, trial

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.targets import Place


@click.command
@project_argument
@build_dir_option
@data_options
@normalize_option
@click.option(
    "-b",
    "--board",
    metavar="ID",
    help="Refuse unless the project was made for this board. coral: an Edge TPU.",
)
@place_options
@click.option(
    "--serve",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Do not judge: offer the simulated serial port on 127.0.0.1:PORT until Ctrl-C (0: any free one).",
)
@threshold_options
@cpu_option
@common
@click.pass_obj
def run(
    output: Output, /, project: Path, board: str | None, port: str | None, serve: int | None, **flags: Any
) -> int:
    """Run the firmware built in PROJECT (the working folder by default), by edgeq or by CMake, and judge it.

    The oracle's model is PROJECT/model.tflite. What went over the serial line is kept in PROJECT/serial.log.

    With --board coral (or coral@user@host) PROJECT is an output folder of deploy, or a compiled model
    X_edgetpu.tflite that has the int8 model X.tflite beside it.
    """
    from edgeq.builder import load_image

    build_dir = flags.pop("build_dir")
    settings = settings_from({**flags, "port": port, "board": board})
    chosen = board_of(settings.board) if settings.board is not None else None
    if chosen is not None and chosen.is_accelerator:
        accelerators.refuse_here(flags, chosen.id)
        return accelerators.run(output, project, chosen, settings, cpu=flags["cpu"])
    accelerators.refuse_elsewhere(flags, "a board with firmware")
    folder = find_project(project)
    image = load_image(folder, build_dir)
    if board is not None and board != image.board.id:
        raise UsageError(
            f"{folder} was made for the board {image.board.id}, not for {board}",
            "leave --board out, or run "
            + command("edgeq", "generate", folder / "model.tflite", "--board", board),
        )
    if serve is not None:
        from edgeq.targets import on_hardware

        if port is not None:
            raise UsageError("--serve offers a simulation, and --port uses a device", "leave one of them out")
        where = place(settings, flags, image.board)
        if on_hardware(image.board, where):
            raise UsageError(
                f"--serve offers a simulation, and {image.board.id} is hardware",
                "give --sim, where the board has a simulator, or connect to its serial port",
            )
        return _serve(output, image, serve, where)
    from edgeq.cli.report_view import show_report
    from edgeq.verbs.deploy import run_project

    with output.progress() as progress:
        report = run_project(
            image,
            test=trial(settings),
            thresholds=thresholds(settings),
            place=place(settings, flags, image.board),
            progress=progress,
        )
    output.result(report.to_json(), lambda console: show_report(console, report))
    return 0 if report.verdict == "pass" else 1


def _serve(output: Output, image: Image, port: int, where: Place) -> int:
    from edgeq.targets import serve

    def ready(number: int) -> None:
        url = f"socket://127.0.0.1:{number}"
        if output.json:
            output.result({"board": image.board.id, "url": url, "model_sha256": image.model_sha256})
        else:  # the console is the result; where it is, is a remark
            print(f"{image.board.id} listens at {url}; Ctrl-C ends it", file=sys.stderr, flush=True)

    serve(image, port, ready=ready, place=where)
    return 0
