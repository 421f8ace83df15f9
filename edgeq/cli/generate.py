"""``edgeq generate``: from a checked model to a project, or to a C array."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.backends.project.forms import FORMS, Form
from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from
from edgeq.cli.text import one_line, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgeq.backends.project.choices import Choice
    from edgeq.verbs.generate import Generated
    from edgeq.verbs.settings import Settings


@verb("generate")
@model_argument
def generate(
    output: Output, /, model: Path, output_format: str, out: Path | None, force: bool, **flags: Any
) -> None:
    """Write the project that runs the int8 MODEL on a board, or with --format its C for another project.

    The model has to pass `edgeq check`. The same model and board always give the same files; the size of
    TensorFlow Lite Micro's arena is measured with the library of --tflm-dir.
    """
    settings = settings_from(flags)
    if output_format == "carray":
        _array(output, model, settings, out, force=force, flags=flags)
    elif output_format in FORMS:
        _library(output, model, settings, out, form=FORMS[output_format], force=force, flags=flags)
    else:
        _project(output, model, settings, out, force=force, flags=flags)


def _project(
    output: Output, model: Path, settings: Settings, out: Path | None, *, force: bool, flags: dict[str, Any]
) -> None:
    from edgeq.verbs.from_settings import budget, console, one_runtime, required_board, tflm_choice
    from edgeq.verbs.generate import generate as make
    from edgeq.verbs.request import GenerateRequest

    spoken = console(settings, flags["link"])
    request = GenerateRequest(
        model,
        spoken.on(required_board(settings)),
        out=out,
        runtime=one_runtime(settings),
        tflm=tflm_choice(settings),
        golden=settings.golden is not False,
        console=spoken,
        budget=budget(settings),
        explain=flags["explain"],
        force=force,
        signature=flags["signature"],
    )
    with output.progress() as progress:
        made = make(request, progress)
    result = made.to_dict()
    output.result(result, lambda screen: _show(output, screen, made))


def _array(
    output: Output, model: Path, settings: Settings, out: Path | None, *, force: bool, flags: dict[str, Any]
) -> None:
    from edgeq.verbs.from_settings import one_runtime
    from edgeq.verbs.generate import generate_array
    from edgeq.verbs.request import ArrayRequest

    request = ArrayRequest(
        model,
        out=out,
        runtime=one_runtime(settings),
        language="cc" if flags["cc"] else "c",
        golden=bool(settings.golden),
        force=force,
        signature=flags["signature"],
    )
    with output.progress() as progress:
        made = generate_array(request, progress)
    output.result(
        made.to_dict(),
        lambda console: console.print(f"{made.folder}: {', '.join(made.manifest['files'])}", soft_wrap=True),
    )


def _library(
    output: Output,
    model: Path,
    settings: Settings,
    out: Path | None,
    *,
    form: Form,
    force: bool,
    flags: dict[str, Any],
) -> None:
    from edgeq.verbs.from_settings import budget, required_board
    from edgeq.verbs.generate import generate_library
    from edgeq.verbs.request import LibraryRequest

    board = None if form.any_core else required_board(settings)
    request = LibraryRequest(model, form, board, out, budget(settings), force, flags["signature"])
    with output.progress() as progress:
        made = generate_library(request, progress)
    output.result(made.to_dict(), lambda console: _show_library(output, console, made))


def _show_library(output: Output, console: Console, made: Generated) -> None:
    manifest, memory = made.manifest, made.manifest["memory"]
    console.print(
        f"{made.folder}: {len(made.files)} files for {manifest['core']}; arena {size(memory['arena'])}, "
        f"weights {size(memory['weights'])}, {manifest['macs']:,} MACs",
        soft_wrap=True,
    )
    output.next(console, made.folder / "README.md", more=" says how a program takes it")


def _show(output: Output, console: Console, made: Generated) -> None:
    manifest = made.manifest
    if "operators" in manifest:  # what an SDK builds leaves operators to its interpreter
        left = ", ".join(manifest["operators"]) or "nothing"
        console.print(
            f"{made.folder}: {len(made.files)} files for {manifest['board']}; on its CPU: {left}",
            soft_wrap=True,
        )
        output.next(
            console, made.folder / "README.md", more=" has the SDK's commands that build and flash it"
        )
        return
    if made.choices:
        _explain(console, made.choices)
    memory = manifest["memory"]
    console.print(
        f"{made.folder}: {len(made.files)} files for {manifest['board']} ({manifest['runtime']}); "
        f"arena {size(memory['arena'])}, weights {size(memory['weights'])}, {manifest['macs']:,} MACs",
        soft_wrap=True,
    )
    output.next(console, "edgeq", "build", made.folder)


def _explain(console: Console, choices: Sequence[Choice]) -> None:
    """Each layer's kernels, the chosen one first."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("layer", "kernel"):
        table.add_column(column, overflow="fold")
    for column in ("instructions, est.", "scratch", "constants", "code"):
        table.add_column(column, justify="right")
    for choice in choices:
        title = one_line(choice.title, 48)
        if choice.turns is not None:
            title += f" (by rows, {choice.turns} turns)"
        for place, one in enumerate(choice.alternatives):
            cost = "-" if one.instructions is None else f"{one.instructions:,}"
            if place and choice.alternatives[0].instructions and one.instructions is not None:
                cost += f" ({one.instructions / choice.alternatives[0].instructions - 1:+.0%})"
            table.add_row(
                title if place == 0 else "",
                ("* " if one.chosen else "  ") + one.kernel.removeprefix("edgeq_"),
                cost,
                *(f"{value:,}" for value in (one.scratch, one.flash, one.code)),
            )
    console.print(table)
