"""A board's start-up, port and parts around ``echo_main.c``, built with warnings as errors."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from pathlib import Path

from edgeq.backends.project.firmware import render
from edgeq.base.resources import data_dir
from edgeq.boards import Board, board_toml
from edgeq.boards.port import constants, port_of
from edgeq.builder import Image, build

HERE = Path(__file__).parent
COMMON = ("edgeq_startup.c", "edgeq_fault.c", "edgeq_stack.c", "edgeq_stack.h", "edgeq_mem.c", "edgeq_mem.h")


def write_echo(folder: Path, board: Board) -> Path:
    """The project; as generated ones, without a network and the link."""
    templates = data_dir("firmware_templates")
    port = port_of(board)
    src = folder / "src" / "port"  # so that no file is compiled together with others
    src.mkdir(parents=True)
    variables = {"board": board, "constants": constants(board, port), "version": "test"}
    (src / "edgeq_board.h").write_bytes(render(templates / "common" / "edgeq_board.h.j2", variables))
    (folder / "linker.ld").write_bytes(render(templates / "common" / "linker.ld.j2", variables))
    (folder / "board.toml").write_bytes(board_toml(board))
    sources = [templates / "common" / name for name in (*COMMON, "edgeq_port.h")]
    sources += [templates / "parts" / name for name in port.parts]
    sources += [path for path in (templates / "ports" / board.port).iterdir() if path.suffix in (".c", ".h")]
    for path in (*sources, HERE / "echo_main.c"):
        shutil.copy(path, src)
    manifest = {
        "schema_version": 1,
        "board": board.id,
        "model": {"name": "echo", "sha256": "ab" * 32, "bytes": 1},
        "memory": {"arena": 0, "scratch": 0, "live_peak": 0, "weights": 0},
        "sources": sorted(f"src/port/{path.name}" for path in src.glob("*.c")),
        "include_dirs": ["src/port"],
    }
    (folder / "edgeq.json").write_text(json.dumps(manifest))
    return folder


@functools.cache
def echo(board: Board) -> Image:
    """Built once; the folder goes with the process."""
    folder = Path(_kept().name) / str(len(list(Path(_kept().name).iterdir())))
    return build(write_echo(folder, board), warnings_are_errors=True)


@functools.cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="edgeq-ports-")
