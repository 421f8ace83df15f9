"""Small hand-made projects: start-up and port around a test's main.c; and the probe firmware, built once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeq.backends.project.firmware import render
from edgeq.base.resources import data_dir
from edgeq.boards import Board, board_toml, load_board
from edgeq.boards.port import constants, port_of
from edgeq.builder import Image, build

HERE = Path(__file__).resolve().parent
BARE = ("edgeq_stack.c", "edgeq_stack.h", "edgeq_mem.c", "edgeq_startup.c", "edgeq_fault.c")


def write_project(folder: Path, board: Board, main: str, **memory: int) -> Path:
    """A project in the contract's form, whose only network is what ``main`` holds."""
    templates = data_dir("firmware_templates")
    port = port_of(board)
    src = folder / "src" / "port"  # so that no file is compiled together with others
    src.mkdir(parents=True)
    names = ["edgeq_port.h", "edgeq_mem.h", *(() if board.is_host else BARE)]
    for path in (
        *(templates / "common" / name for name in names),
        *sorted((templates / "ports" / board.port).iterdir()),
        *(templates / "parts" / name for name in port.parts),
    ):
        (src / path.name).write_bytes(path.read_bytes())
    header = {"board": board, "constants": constants(board, port), "version": "of the tests"}
    (src / "edgeq_board.h").write_bytes(render(templates / "common" / "edgeq_board.h.j2", header))
    (src / "main.c").write_text(main)
    if not board.is_host:
        (folder / "linker.ld").write_bytes(render(templates / "common" / "linker.ld.j2", header))
    (folder / "board.toml").write_bytes(board_toml(board))
    manifest = {
        "schema_version": 1,
        "board": board.id,
        "model": {"name": "probe", "sha256": "ab" * 32, "bytes": 1},
        "memory": {"arena": 64, "scratch": 0, "live_peak": 64, "weights": 1000, **memory},
        "sources": sorted(f"src/port/{path.name}" for path in src.glob("*.c")),
        "include_dirs": ["src/port"],
    }
    (folder / "edgeq.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="session")
def project() -> Callable[..., Path]:
    """``write_project``."""
    return write_project


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Image]:
    """The probe firmware's image for a board (an echo for the host), warnings as errors."""
    images: dict[str, Image] = {}

    def image(board: str) -> Image:
        if board not in images:
            main = HERE / ("echo_main.c" if board == "host" else "probe_main.c")
            folder = tmp_path_factory.mktemp("probe") / board
            write_project(folder, load_board(board), main.read_text())
            images[board] = build(folder, warnings_are_errors=True)
        return images[board]

    return image
