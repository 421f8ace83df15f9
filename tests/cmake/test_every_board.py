"""A project compiles for every board without a warning, as does what `edgeq boards show --project` writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cmaking import STRICT, CMake, needs

from edgeq.backends.aot import generate
from edgeq.base.errors import BoardError
from edgeq.boards import Board, list_boards, load_board
from edgeq.builder import build, load_image
from edgeq.builder.flags import Compiler
from edgeq.checker import check
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.verbs.sample import sample_project

BOARDS = [board for board in list_boards() if not board.is_accelerator and board.sdk is None]
BY_CMAKE = ("mps2_an386", "mps3_an547", "nrf52840dk", "nucleo_h743zi", "rpi_pico")
"""Of different cores, and ways to boot."""
_WIDE = 32


def dense() -> Graph:
    """A layer of so many weights that no compiler makes code of them, as of the sample's sixteen."""
    weights = np.random.default_rng(0).integers(-127, 128, (_WIDE, _WIDE)).astype(np.int8)
    tensors = (
        Tensor("values", (1, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 16, 0)),
        Tensor("each", (_WIDE, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 127, 0), weights),
        Tensor("scores", (1, _WIDE), DType.INT8, QuantParams.per_tensor(1 / 4, 0)),
    )
    options = {"fused_activation_function": "NONE", "weights_format": "DEFAULT"}
    return Graph("dense", tensors, (Operator("FULLY_CONNECTED", (0, 1, -1), (2,), options),), (0,), (2,))


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board.id))
def test_its_project_compiles(board: Board, toolchain: Compiler, tmp_path: Path) -> None:
    needs(toolchain, board.id)
    generate(check(write_model(dense()), name="dense"), board).write(tmp_path / "p")
    image = build(tmp_path / "p", toolchain=toolchain, warnings_are_errors=True)
    assert image.toolchain.startswith(toolchain)
    assert image.sizes.weights >= _WIDE * _WIDE
    assert board.is_host or image.sizes.stack_bound, image.sizes.stack_unknown


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["gcc", "zig"])
@pytest.mark.parametrize("board", BY_CMAKE)
def test_its_project_compiles_by_cmake(board: str, toolchain: Compiler, cmake: CMake, tmp_path: Path) -> None:
    needs(toolchain, board)
    sample_project(load_board(board)).write(tmp_path / "p")
    cmake.both(tmp_path / "p", "--preset", toolchain, STRICT, build=f"build-{toolchain}")
    image = load_image(tmp_path / "p", f"build-{toolchain}")
    ours = build(tmp_path / "p", toolchain=toolchain)
    assert image.sizes.weights == ours.sizes.weights
    assert image.sizes.code == pytest.approx(ours.sizes.code, rel=0.01)


def test_every_board_has_one_or_says_why() -> None:
    others = [board for board in list_boards() if board not in BOARDS]
    assert {board.id for board in others} == {"coral", "coral-micro"}
    for board in others:
        with pytest.raises(BoardError, match="no firmware of edgeq's own"):
            sample_project(board)
