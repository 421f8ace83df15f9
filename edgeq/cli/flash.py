"""``edgeq flash``: write built firmware to a board, and ask the board whether it runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import project_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import given, settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.flash import Flashed


@verb("flash")
@project_argument
def flash(output: Output, /, project: Path, build_dir: str, no_verify: bool, **flags: Any) -> int:
    """Write the firmware built in PROJECT (the working folder by default) to a board, and start it.

    The board's tools are tried in the order of its board file. Afterwards the firmware is asked for the hash
    of its build. What the tools say is kept in PROJECT/flash.log.
    """
    from edgeq.verbs.flash import flash as write
    from edgeq.verbs.from_settings import run_request

    settings = settings_from(flags).without("sim")
    request = run_request(project, settings, None, given=given(), build_dir=build_dir)
    with output.progress() as progress:
        done = write(request, verify=not no_verify, progress=progress)
    output.result(done.to_dict(), lambda console: _show(console, done))
    return 0


def _show(console: Console, done: Flashed) -> None:
    where = f"{done.board}, {done.device}" if done.device else done.board
    console.print(f"flashed {where} by {done.runner}", soft_wrap=True)
    if done.port:
        console.print(f"build {done.build_hash} answers at {done.port}", soft_wrap=True)
    else:
        console.print("not verified: nobody asked the firmware", soft_wrap=True)
