"""``edgeq build``: from a project to a firmware image."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import project_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.boards import Board


@verb("build")
@project_argument
def build(output: Output, project: Path, toolchain: str | None, tflm_dir: Path | None, force: bool) -> None:
    """Compile and link PROJECT (the working folder by default) into PROJECT/build/firmware.elf.

    An earlier build is replaced. The image has to fit the board's flash and RAM.

    CMake builds the project, too, and without edgeq: its README.md has the commands.
    """
    from edgeq.builder import build as make
    from edgeq.verbs.folders import find_project

    settings = settings_from({"toolchain": toolchain, "tflm_dir": tflm_dir})
    folder = find_project(project)
    with output.progress() as progress:
        image = make(
            folder,
            toolchain=settings.toolchain,
            tflm_dir=settings.tflm_dir,
            force=force,
            progress=progress,
        )
    result = {
        "elf": str(folder / image.elf.relative_to(image.project)),
        "board": image.board.id,
        "toolchain": image.toolchain,
        "model_sha256": image.model_sha256,
        "build_hash": image.build_hash,
        "sizes": asdict(image.sizes),
    }
    output.result(result, lambda console: _show(output, console, result, image.board, project))


def _show(output: Output, console: Console, result: dict[str, Any], board: Board, project: Path) -> None:
    from edgeq.cli.bars import memory_table

    sizes = result["sizes"]
    console.print(f"{result['elf']} ({result['toolchain']})", soft_wrap=True)
    flash = {"code": sizes["code"], "weights": sizes["weights"]}
    ram = {"arena": sizes["arena"], "static": sizes["static"], "stack": sizes["stack"]}
    console.print(
        memory_table(
            [
                ("flash", flash, sizes["flash_total"], board.flash.size if board.flash else None),
                ("ram", ram, sizes["ram_total"], board.ram.size if board.ram else None),
            ]
        )
    )
    if sizes["stack_bound"] is not None:
        console.print(f"stack: at most {sizes['stack_bound']:,} of {sizes['stack']:,} bytes are used")
    elif sizes["stack_unknown"]:
        console.print(f"stack: no bound is known: {sizes['stack_unknown']}", soft_wrap=True, markup=False)
    output.next(console, "edgeq", "run", project)
