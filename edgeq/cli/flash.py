"""``edgeq flash``: write built firmware to a board, and ask the board whether it runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import project_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.projects import find_project
from edgeq.cli.settings import place, settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.run import Flashed


@verb("flash")
@project_argument
def flash(output: Output, /, project: Path, build_dir: str, no_verify: bool, **flags: Any) -> int:
    """Write the firmware built in PROJECT (the working folder by default) to a board, and start it.

    The board's tools are tried in the order of its board file. Afterwards the firmware is asked for the hash
    of its build. What the tools say is kept in PROJECT/flash.log.
    """
    from edgeq.builder import load_image
    from edgeq.verbs.run import flash_image

    settings = settings_from(flags).without("sim")
    image = load_image(find_project(project), build_dir)
    where = place(settings, flags, image.board)
    with output.progress() as progress:
        done = flash_image(image, where, verify=not no_verify, progress=progress)
    data = {
        "board": image.board.id,
        "device": done.device,
        "runner": done.runner,
        "port": done.port,
        "build_hash": image.build_hash,
        "verified": not no_verify,
        "flash_log": str(done.log),
    }
    output.result(data, lambda console: _show(console, done, image.board.id, image.build_hash))
    return 0


def _show(console: Console, done: Flashed, board: str, build_hash: str) -> None:
    where = f"{board}, {done.device}" if done.device else board
    console.print(f"flashed {where} by {done.runner}", soft_wrap=True)
    if done.port:
        console.print(f"build {build_hash} answers at {done.port}", soft_wrap=True)
    else:
        console.print("not verified: nobody asked the firmware", soft_wrap=True)
