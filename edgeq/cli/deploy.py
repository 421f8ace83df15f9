"""``edgeq deploy``: the whole road."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import verb
from edgeq.cli.outcome import show_outcome
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, given, settings_from

if TYPE_CHECKING:
    from edgeq.verbs.request import Toolchain


@verb("deploy")
@click.argument("model", type=click.Path(path_type=Path), nargs=-1, required=True)
def deploy(
    output: Output,
    /,
    *,
    model: Sequence[Path],
    force: bool,
    board: Sequence[str],
    toolchain: Sequence[Toolchain],
    junit: Path | None,
    update_baseline: bool,
    **flags: Any,
) -> int:
    """Take MODEL to a board and judge it there: convert, check, generate, build, run, measure.

    MODEL is a float or int8 .tflite file, or a source that `edgeq convert` takes; a float one needs
    --calibration. The output folder gets the int8
    model, the C project with the built firmware, the serial log and report.json. Exit code 1 when the verdict
    is FAIL. With several runtimes each has a folder of its own in there, beside comparison.json.

    Several models, boards or toolchains make a matrix: every model on every board, each cell with a folder of
    its own. A cell that fails keeps none of the others; the exit code is that of the first that came to no
    verdict, else 1 where one fails.

    To an Edge TPU (--board coral, or coral@user@host over SSH) the road is convert, predict, compile, run,
    measure. Without the compiler the int8 model and the prediction are kept, and the exit code is 3; --cpu
    does without it.
    """
    from edgeq.cli.matrix_view import show_matrix
    from edgeq.verbs.from_settings import baseline_file, required_board
    from edgeq.verbs.matrix import Axes, cells_of, judge_cells, runtimes_of

    settings = settings_from(flags)
    if not board:
        required_board(settings)
    many = max(len(model), len(board), len(toolchain)) > 1
    axes = Axes(
        models=tuple(model),
        boards=tuple(board) or (settings.board,),
        runtimes=runtimes_of(settings) if many else ("",),
        toolchains=tuple(toolchain) or ("",),
    )
    cells = cells_of(
        axes,
        settings,
        calibration(settings, flags),
        given=given(),
        cpu=flags["cpu"],
        cut=flags["cut"],
        flash=not flags["no_flash"],
        force=force,
        signature=flags["signature"],
        command=output.command,
    )
    with output.progress() as progress:
        matrix = judge_cells(cells, baseline_file(settings, update=update_baseline), junit, progress)
        one = matrix.only() if len(cells) == 1 else None
    if one is not None:
        return show_outcome(output, one)
    output.result(matrix.to_json(), lambda console: show_matrix(console, matrix))
    return matrix.exit_code
