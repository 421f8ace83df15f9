"""``edgeq generate``: from a checked model to a project, or to a C array."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import UsageError
from edgeq.base.hints import command
from edgeq.cli import accelerators
from edgeq.cli.options import board_option, common, model_argument, out_option, runtime_options
from edgeq.cli.output import Output
from edgeq.cli.settings import one_runtime, required_board, settings_from, tflm_choice
from edgeq.cli.text import size

if TYPE_CHECKING:
    from rich.console import Console

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
        _carray(output, model, settings, out, force=force, flags=flags)
    elif flags["cc"] or flags["golden"]:
        raise UsageError("--cc and --golden go with --format carray", "add it, or leave them out")
    else:
        _project(output, model, settings, out, force=force)


def _project(output: Output, model: Path, settings: Settings, out: Path | None, *, force: bool) -> None:
    from edgeq.base.folders import refuse_existing_folder
    from edgeq.checker import check
    from edgeq.graph import load_model
    from edgeq.verbs.runtimes import make_project

    runtime = one_runtime(settings)
    chosen = required_board(settings)
    if chosen.is_accelerator:
        raise UsageError(
            f"{chosen.id} runs a compiled model and no firmware, so there is no project to generate",
            f"compile the model: {command('edgeq', 'compile', model)}; or take the whole road: edgeq deploy",
        )
    target = out if out is not None else Path(f"{model.stem}-{chosen.id}-project")
    refuse_existing_folder(target, force=force)
    if chosen.sdk is not None:
        accelerators.generate(output, model, chosen, target, force=force)
        return
    with output.progress() as progress:
        data, graph = load_model(model)
        progress.stage("check", "strict int8, static shapes, operators")
        checked = check(data, name=graph.name, runtime=runtime)
        project = make_project(checked, chosen, tflm_choice(settings), progress)
        project.write(target, force=force, progress=progress)
    manifest = project.manifest
    result = {
        "project": str(target),
        "board": chosen.id,
        "runtime": runtime,
        "model": manifest["model"],
        "memory": manifest["memory"],
        "macs": manifest["macs"],
        "files": sorted(project.files),
    }
    output.result(result, lambda console: _show(output, console, result))


def _carray(
    output: Output, model: Path, settings: Settings, out: Path | None, *, force: bool, flags: dict[str, Any]
) -> None:
    from edgeq.backends import carray
    from edgeq.base.folders import refuse_existing_folder
    from edgeq.checker import check
    from edgeq.graph import load_model

    target = out if out is not None else Path(f"{model.stem}-carray")
    refuse_existing_folder(target, force=force)
    with output.progress() as progress:
        data, graph = load_model(model)
        progress.stage("check", "strict int8, static shapes, operators")
        checked = check(data, name=graph.name, runtime=one_runtime(settings))
        progress.stage("generate", "a C array")
        golden = carray.golden(checked) if flags["golden"] else None
        project = carray.generate(checked, language="cc" if flags["cc"] else "c", golden=golden)
        project.write(target, force=force, progress=progress)
    result = {
        "folder": str(target),
        "model": project.manifest["model"],
        "golden": project.manifest["golden"],
        "files": sorted(project.files),
    }
    output.result(
        result,
        lambda console: console.print(f"{target}: {', '.join(project.manifest['files'])}", soft_wrap=True),
    )


def _show(output: Output, console: Console, result: dict[str, Any]) -> None:
    memory = result["memory"]
    console.print(
        f"{result['project']}: {len(result['files'])} files for {result['board']} ({result['runtime']}); "
        f"arena {size(memory['arena'])}, weights {size(memory['weights'])}, {result['macs']:,} MACs",
        soft_wrap=True,
    )
    output.next(console, "edgeq", "build", result["project"])
