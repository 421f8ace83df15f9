"""``edgeq generate``: from a checked model to a project in C."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import board_option, common, model_argument, out_option
from edgeq.cli.output import Output
from edgeq.cli.settings import required_board, settings_from
from edgeq.cli.text import size
from edgeq.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console


@click.command
@model_argument
@board_option
@out_option("The project folder (default: MODEL-BOARD-project in the working folder).")
@common
@click.pass_obj
def generate(output: Output, model: Path, board: str | None, out: Path | None, force: bool) -> None:
    """Write the C project that runs the int8 MODEL on a board.

    The model has to pass `edgeq check`. The same model and board always give the same files.
    """
    from edgeq.backends.aot.generate import generate as make
    from edgeq.checker import check
    from edgeq.files import refuse_existing_folder
    from edgeq.graph import load_model

    chosen = required_board(settings_from({"board": board}))
    if chosen.is_accelerator:
        raise UsageError(
            f"{chosen.id} runs a compiled model and no firmware, so there is no project to generate",
            f"compile the model: edgeq compile {model}; or take the whole road: edgeq deploy",
        )
    target = out if out is not None else Path(f"{model.stem}-{chosen.id}-project")
    refuse_existing_folder(target, force=force)
    with output.progress() as progress:
        data, graph = load_model(model)
        progress.stage("check", "strict int8, static shapes, operators")
        checked = check(data, name=graph.name)
        progress.stage("generate", f"C for {chosen.id}")
        project = make(checked, chosen)
        project.write(target, force=force)
    manifest = project.manifest
    result = {
        "project": str(target),
        "board": chosen.id,
        "model": manifest["model"],
        "memory": manifest["memory"],
        "macs": manifest["macs"],
        "files": sorted(project.files),
    }
    output.result(result, lambda console: _show(console, result))


def _show(console: Console, result: dict[str, Any]) -> None:
    memory = result["memory"]
    console.print(
        f"{result['project']}: {len(result['files'])} files for {result['board']}; "
        f"arena {size(memory['arena'])}, weights {size(memory['weights'])}, {result['macs']:,} MACs",
        soft_wrap=True,
    )
    console.print(f"next: edgeq build {result['project']}", soft_wrap=True)
