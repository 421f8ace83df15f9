"""``edgeq deploy``: the whole road."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgeq.cli.options import model_argument, verb
from edgeq.cli.outcome import show_outcome
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, given, settings_from


@verb("deploy")
@model_argument
def deploy(output: Output, /, model: Path, force: bool, **flags: Any) -> int:
    """Take MODEL to a board and judge it there: convert, check, generate, build, run, measure.

    MODEL is a float or int8 .tflite file, or a source that `edgeq convert` takes; a float one needs
    --calibration. The output folder gets the int8
    model, the C project with the built firmware, the serial log and report.json. Exit code 1 when the verdict
    is FAIL. With several runtimes each has a folder of its own in there, beside comparison.json.

    To an Edge TPU (--board coral, or coral@user@host over SSH) the road is convert, predict, compile, run,
    measure. Without the compiler the int8 model and the prediction are kept, and the exit code is 3; --cpu
    does without it.
    """
    from edgeq.verbs.deploy import deploy as take
    from edgeq.verbs.from_settings import deploy_request, required_board

    settings = settings_from(flags)
    request = deploy_request(
        model,
        settings,
        required_board(settings),
        calibration(settings, flags),
        given=given(),
        cpu=flags["cpu"],
        flash=not flags["no_flash"],
        force=force,
    )
    with output.progress() as progress:
        found = take(request, progress)
    return show_outcome(output, found)
