"""``edgeq deploy``: the whole road."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli import accelerators
from edgeq.cli.options import (
    board_option,
    calibration_options,
    common,
    cpu_option,
    data_options,
    edgetpu_options,
    model_argument,
    normalize_option,
    out_option,
    place_options,
    runtime_options,
    threshold_options,
    toolchain_option,
)
from edgeq.cli.output import Output
from edgeq.cli.settings import (
    calibration,
    open_model,
    place,
    required_board,
    settings_from,
    tflm_choice,
    thresholds,
    trial,
)

if TYPE_CHECKING:
    from edgeq.base.progress import Progress
    from edgeq.verbs.deploy import Request


@click.command
@model_argument
@calibration_options
@data_options
@normalize_option
@board_option
@out_option("The output folder (default: MODEL-BOARD in the working folder).")
@runtime_options(
    "What runs the model: aot (C of edgeq's own, the default), tflm (TensorFlow Lite Micro), or aot,tflm to "
    "compare them."
)
@toolchain_option
@place_options
@threshold_options
@edgetpu_options
@cpu_option
@common
@click.pass_obj
def deploy(output: Output, /, model: Path, force: bool, **flags: Any) -> int:
    """Take MODEL to a board and judge it there: convert, check, generate, build, run, measure.

    MODEL is a float or int8 .tflite file, or a source that `edgeq convert` takes; a float one needs
    --calibration. The output folder gets the int8
    model, the C project with the built firmware, the serial log and report.json. Exit code 1 when the verdict
    is FAIL. With several runtimes each has a folder of its own in there, beside comparison.json.

    To an Edge TPU (--board coral, or coral@user@host over SSH) the road is convert, predict, compile, run,
    measure. Without the compiler everything else is still done, and the exit code is 3.
    """
    from edgeq.base.folders import refuse_existing_folder
    from edgeq.cli.report_view import show_report
    from edgeq.converter.sources import source_name
    from edgeq.verbs.deploy import Request, default_out
    from edgeq.verbs.deploy import deploy as take
    from edgeq.verbs.settings import parse_runtimes

    settings = settings_from(flags)
    board = required_board(settings)
    if board.is_accelerator:
        accelerators.refuse_here(flags, board.id)
        return accelerators.deploy(output, model, board, settings, force=force, flags=flags)
    accelerators.refuse_elsewhere(flags, board.id)
    accelerators.refuse_sdk(board, model)
    runtimes = parse_runtimes(settings.runtime or "aot")
    out = settings.out if settings.out is not None else default_out(source_name(model), board.id)
    refuse_existing_folder(out, force=force)
    with output.progress() as progress:
        loaded = open_model(model, settings, progress)
        request = Request(
            model=loaded.model,
            graph=loaded.graph,
            board=board,
            out=out,
            calibration=calibration(settings, flags),
            test=trial(settings),
            thresholds=thresholds(settings),
            force=force,
            toolchain=settings.toolchain or "auto",
            place=place(settings, flags, board),
            runtime=runtimes[0],
            tflm=tflm_choice(settings),
        )
        if len(runtimes) > 1:
            return _compare(output, request, runtimes, progress)
        report = take(request, progress)
    output.result(report.to_json(), lambda console: show_report(console, report))
    return 0 if report.verdict == "pass" else 1


def _compare(output: Output, request: Request, runtimes: tuple[str, ...], progress: Progress) -> int:
    from edgeq.cli.comparison_view import show_comparison
    from edgeq.verbs.deploy_several import compare

    comparison = compare(request, runtimes, progress)
    output.result(comparison.to_json(), lambda console: show_comparison(console, comparison))
    return 0 if comparison.verdict == "pass" else 1
