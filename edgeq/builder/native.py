"""A program of this machine, of a few C files that edgeq made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgeq.base.progress import SILENT
from edgeq.boards import load_board
from edgeq.builder.build import environment
from edgeq.builder.compile import Compiler, Job
from edgeq.builder.toolchains import find_toolchain


def native_program(folder: Path, sources: Sequence[str]) -> tuple[Path, str]:
    """Compiles sources of a folder, whose headers are there, too.

    Returns:
        The program, and which compiler made it.

    Raises:
        ToolMissingError: there is no compiler.
        BuildError: it failed.
    """
    tools = find_toolchain("auto", load_board("host"))
    program = folder / "program"
    arguments = (*tools.command, "-std=c99", "-O1", "-I.", "-o", program.name, *sources)
    Compiler(folder, environment(folder)).run_all([Job("features", arguments)], SILENT)
    return program, tools.describe()
