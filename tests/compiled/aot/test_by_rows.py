"""Networks whose steps run by rows give the oracle's bytes, as C for this machine and on cores."""

from __future__ import annotations

from pathlib import Path

import pytest
from exact import holds_here, holds_on
from stacks import stack

from edgeq.backends.project.budget import Budget

RAM = Budget("ram")
LOOP = b"turn++"


@pytest.mark.parametrize("seed", [0, 1])
def test_here(seed: int, tmp_path: Path) -> None:
    holds_here(stack(seed), tmp_path, boards=("host", "sim-m4"), budget=RAM)


@pytest.mark.slow
def test_here_many(tmp_path: Path) -> None:
    by_rows = 0
    for seed in range(2, 16):
        files = holds_here(stack(seed), tmp_path / str(seed), boards=("host", "sim-m4"), budget=RAM)
        by_rows += LOOP in files["src/network/edgeq_network.c"]
    assert by_rows >= 5


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m4", "sim-m0", "mps3_an547"])
def test_on_cores(board: str, tmp_path: Path) -> None:
    for seed in (3, 5):
        holds_on(board, stack(seed), tmp_path / str(seed), budget=RAM)
