"""``edgeq generate``: from a checked model to a project, or to a C array."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import UsageError
from edgeq.cli.options import board_option, common, model_argument, out_option, runtime_options
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from
from edgeq.cli.text import size

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.generate import Generated
    from edgeq.verbs.settings import Settings


@click.command
@model_argument
@board_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["project", "carray"]),
    default="project",
    show_default=True,
    help="A project that builds into firmware, or the model as a C array for any project.",
)
@runtime_options(
    "What is to run the model: aot (C of edgeq's own, the default) or tflm (TensorFlow Lite Micro)."
)
@click.option("--cc", is_flag=True, help="carray: C++ (.cc) instead of C.")
@click.option(
    "--golden", is_flag=True, help="carray: add an inference of the runtime's oracle, inputs and outputs."
)
@out_option("The folder (default: MODEL-BOARD-project, or MODEL-carray, in the working folder).")
@common
@click.pass_obj
def generate(output: Output, /, model: Path, form: str, out: Path | None, force: bool, **flags: Any) -> None:
    """Write the project that runs the int8 MODEL on a board, or with --format carray the model as a C array.

    The model has to pass `edgeq check`. The same model and board always give the same files; the size of
    TensorFlow Lite Micro's arena is measured with the library of --tflm-dir.
    """
    settings = settings_from(flags)
    if form == "carray":
        _array(output, model, settings, out, force=force, flags=flags)
    elif flags["cc"] or flags["golden"]:
        raise UsageError("--cc and --golden go with --format carray", "add it, or leave them out")
    else:
        _project(output, model, settings, out, force=force)


def _project(output: Output, model: Path, settings: Settings, out: Path | None, *, force: bool) -> None:
    from edgeq.verbs.generate import generate as make
    from edgeq.verbs.request import GenerateRequest, one_runtime, required_board, tflm_choice

    request = GenerateRequest(
        model,
        required_board(settings),
        out=out,
        runtime=one_runtime(settings),
        tflm=tflm_choice(settings),
        force=force,
    )
    with output.progress() as progress:
        made = make(request, progress)
    result = made.to_dict()
    output.result(result, lambda console: _show(console, made))


def _array(
    output: Output, model: Path, settings: Settings, out: Path | None, *, force: bool, flags: dict[str, Any]
) -> None:
    from edgeq.verbs.generate import generate_array
    from edgeq.verbs.request import ArrayRequest, one_runtime

    request = ArrayRequest(
        model,
        out=out,
        runtime=one_runtime(settings),
        language="cc" if flags["cc"] else "c",
        golden=flags["golden"],
        force=force,
    )
    with output.progress() as progress:
        made = generate_array(request, progress)
    output.result(
        made.to_dict(),
        lambda console: console.print(f"{made.folder}: {', '.join(made.manifest['files'])}", soft_wrap=True),
    )


def _show(console: Console, made: Generated) -> None:
    manifest = made.manifest
    if "operators" in manifest:  # what an SDK builds leaves operators to its interpreter
        left = ", ".join(manifest["operators"]) or "nothing"
        console.print(
            f"{made.folder}: {len(made.files)} files for {manifest['board']}; on its CPU: {left}\n"
            f"next: {made.folder / 'README.md'} has the SDK's commands that build and flash it",
            soft_wrap=True,
        )
        return
    memory = manifest["memory"]
    console.print(
        f"{made.folder}: {len(made.files)} files for {manifest['board']} ({manifest['runtime']}); "
        f"arena {size(memory['arena'])}, weights {size(memory['weights'])}, {manifest['macs']:,} MACs",
        soft_wrap=True,
    )
    console.print(f"next: edgeq build {made.folder}", soft_wrap=True)
