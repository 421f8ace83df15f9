"""`edgeq boards fit`: which boards hold a model, what it takes there, and why others do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.boards import list_boards, load_board
from edgeq.boards.model import Board
from edgeq.verbs import fit as verb

from .conftest import Edgeq
from .models import float_dense, int8_dense


def small(board: Board, ram: int) -> Board:
    assert board.ram is not None
    return board.model_copy(
        update={"id": "small", "stack": 1000, "ram": board.ram.model_copy(update={"size": ram})}
    )


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of a board of hardware, one that is too small, and a simulated one."""
    hardware = load_board("nrf52840dk")
    catalogue = [load_board("sim-m4"), hardware, small(hardware, 1024), load_board("coral")]
    monkeypatch.setattr(verb, "list_boards", lambda: catalogue)


@pytest.mark.slow
@pytest.mark.usefixtures("three")
def test_boards_are_ranked_and_what_does_not_fit_says_why(edgeq: Edgeq, tmp_path: Path) -> None:
    model = tmp_path / "dense.tflite"
    model.write_bytes(int8_dense())
    found = edgeq("boards", "fit", model, "--toolchain", "zig", "--json").json
    rows = {row["board"]: row for row in found["boards"]}
    assert list(rows) == ["nrf52840dk", "sim-m4", "small"]  # what fits first, hardware before simulated
    assert found["smallest"] == "nrf52840dk"
    real, simulated, tiny = rows.values()
    assert tiny["why"]
    assert not tiny["fits"]
    assert tiny["instructions"] is None
    assert real["instructions"] == simulated["instructions"] > 0  # the same network on the same core
    assert real["cycles_estimated"] > real["instructions"]
    assert real["milliseconds_estimated"] == pytest.approx(real["cycles_estimated"] / 64e3)
    assert simulated["milliseconds_estimated"] is None
    profiled = edgeq("profile", model, "--board", "sim-m4", "--toolchain", "zig", "--json").json
    assert simulated["instructions"] == profiled["instructions"]
    assert simulated["cycles_estimated"] == profiled["cycles_estimated"]


@pytest.mark.usefixtures("three")
def test_what_is_reserved_counts(edgeq: Edgeq, tmp_path: Path) -> None:
    model = tmp_path / "dense.tflite"
    model.write_bytes(int8_dense())
    shown = edgeq("boards", "fit", model, "--toolchain", "zig", "--reserve-ram", "262144").out
    assert "none of the catalogue's hardware holds it" in shown
    assert "nrf52840dk does not hold it" in shown


def test_every_board_with_firmware_is_tried() -> None:
    tried = {board.id for board in list_boards() if all(verb._memory(board))}
    assert {board.id for board in list_boards()} - tried == {"coral", "coral-micro", "host"}


def test_a_model_of_floats_is_refused(edgeq: Edgeq, tmp_path: Path) -> None:
    model = tmp_path / "dense.tflite"
    model.write_bytes(float_dense())
    told = edgeq("boards", "fit", model)
    assert told.code == 1
    assert "FLOAT32" in told.err
