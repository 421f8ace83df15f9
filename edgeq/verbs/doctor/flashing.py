"""Which flash tools this machine has, of what version, and how to get the others."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from edgeq.boards.flashing import PROGRAMS, Program
from edgeq.verbs.doctor.machine import Need

if TYPE_CHECKING:
    from edgeq.boards import Board

_TIMEOUT = 20.0
_VERSION = re.compile(r"(?<![\d.])\d+\.\d+(?:\.\d+)*")


def examine_flashing(board: Board | None = None) -> tuple[Need, ...]:
    """A need for each tool, or for each of the board's; one of a board's is required, its first choice.

    Returns:
        in the order of the board, or of docs/flashing.md; empty where the board is never flashed.
    """
    if board is None:
        return tuple(_need(name, tool, "flashes boards of hardware") for name, tool in PROGRAMS.items())
    own = [runner.runner for runner in board.flashing]
    needs = [_need(name, PROGRAMS[name], f"flashes {board.id}") for name in own if name in PROGRAMS]
    # a runner that copies a file needs nothing: then no tool is required
    if needs and len(needs) == len(own) and all(need.status != "ok" for need in needs):
        first = needs[0]
        hint = f"{first.purpose}, as any of: {', '.join(need.name for need in needs)}"
        needs[0] = Need(first.name, first.status, first.found, hint, first.command, required=True)
    return tuple(needs)


def _need(name: str, tool: type[Program], purpose: str) -> Need:
    command = tool.command()
    if command is None:
        return Need(name, "missing", f"no {tool.program} on PATH", purpose, tool.install)
    return Need(name, "ok", f"{_version(command, tool)} at {' '.join(command)}", purpose)


def _version(command: tuple[str, ...], tool: type[Program]) -> str:
    """What a tool says of its version, on whichever stream; it may be broken, and that is told."""
    if not tool.version:
        return tool.program
    try:
        done = subprocess.run(
            [*command, *tool.version],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return "(does not start)"
    match = _VERSION.search(done.stdout.decode("utf-8", "replace"))
    return match[0] if match else "(unknown version)"
