"""A board of hardware whose platform is its own memory and edgeq's simulated device, and a Renode for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgeq.boards import Board, board_toml, load_board, read_board
from edgeq.boards.model import Clock
from edgeq.boards.simulators.renode import Renode

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))  # the stand-ins are modules of their own


@pytest.fixture(scope="session")
def board_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board file like those of the catalogue: kind hardware, so that no simulator is its usual place."""
    board = load_board("sim-m4").model_copy(
        update={
            "id": "bench_m4",
            "name": "Bench",
            "kind": "hardware",
            "simulator": None,
            "clock": Clock(hz=64_000_000),
            "renode": Renode(uart="console", uart_model="UART.EdgeqSimulated", uart_address=0x4000_0000),
        }
    )
    folder = tmp_path_factory.mktemp("a board")
    path = folder / "board.toml"
    path.write_bytes(board_toml(board))
    assert read_board(path).renode == board.renode
    return path


@pytest.fixture
def board(board_file: Path) -> Board:
    """The board of ``board_file``."""
    return read_board(board_file)


@pytest.fixture
def renode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `renode` on PATH: like Renode's own, a script that starts the program and waits for it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "renode"
    program = folder / "standin_renode.py"  # a name of the test's own, to know its processes by
    program.symlink_to(HERE / "standin_renode.py")
    script.write_text(f'#!/bin/sh\n"{sys.executable}" "{program}" "$@"\nexit $?\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.delenv("RENODE_DIR", raising=False)
    monkeypatch.delenv("STANDIN", raising=False)
    return script
