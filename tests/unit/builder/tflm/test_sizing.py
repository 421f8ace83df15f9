"""Where the arena's size comes from, and what a user hears where it is an estimate."""

from __future__ import annotations

from pathlib import Path

import pytest
from scaffold import checked, identity

from edgeq.base.errors import DeviceError, ToolMissingError, UsageError
from edgeq.boards import Board, load_board
from edgeq.verbs.runtimes import tflm_arena as arena

ROUGH = 240


class Listener:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def stage(self, name: str, detail: str = "") -> None: ...

    def advance(self, done: int, total: int) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture(autouse=True)
def rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the wheel had said so."""
    monkeypatch.setattr(arena, "smallest_arena", lambda model: ROUGH)


@pytest.fixture
def m4_tree(tree: Path, m4_library: bytes) -> Path:
    (tree / "lib").mkdir()
    (tree / "lib" / "libtensorflow-microlite.a").write_bytes(m4_library)
    return tree


def size(board: Board, folder: Path | None) -> tuple[int, str, list[str]]:
    listener = Listener()
    found = arena.size_arena(checked(identity()), board, folder, None, listener)
    return found.bytes, found.measured_on, listener.notes


def test_measured_where_there_is_all_of_it(m4_tree: Path) -> None:
    assert size(load_board("sim-m4"), m4_tree)[:2] == (224, "sim-m4")


@pytest.mark.slow
def test_another_board_of_the_same_core(m4_tree: Path) -> None:
    mine = load_board("sim-m4").model_copy(update={"id": "mine", "kind": "hardware", "simulator": None})
    assert size(mine, m4_tree)[:2] == (224, "sim-m4")


def test_an_estimate_without_a_library() -> None:
    number, where, notes = size(load_board("sim-m4"), None)
    assert (number, where) == (ROUGH + 16, "host")
    assert "no TFLM library is given" in notes[-1]


def test_an_estimate_where_nothing_simulates_the_core(m4_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    like = load_board("sim-m4")
    monkeypatch.setattr("edgeq.verbs.runtimes.tflm_arena.list_boards", lambda: [like])
    cpu = like.cpu.model_copy(update={"core": "cortex-m7", "fpu": "fpv5-d16"})
    number, where, notes = size(like.model_copy(update={"cpu": cpu}), m4_tree)
    assert (number, where) == (ROUGH + 16, "host")
    assert "no simulated board has this cortex-m7" in notes[-1]


def test_an_estimate_where_the_simulator_is_missing(m4_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(image: object) -> None:
        raise ToolMissingError("the simulator is not installed")

    monkeypatch.setattr(arena, "open_target", missing)
    _, where, notes = size(load_board("sim-m4"), m4_tree)
    assert where == "host"
    assert "the simulator of sim-m4 is not installed" in notes[-1]


@pytest.mark.slow
def test_a_guess_that_is_too_small_is_doubled(m4_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena, "smallest_arena", lambda model: 128)
    assert size(load_board("sim-m4"), m4_tree)[:2] == (224, "sim-m4")
    monkeypatch.setattr(arena, "smallest_arena", lambda model: 64)
    with pytest.raises(DeviceError, match="does not run on sim-m4"):
        size(load_board("sim-m4"), m4_tree)


def test_a_wrong_folder_is_refused_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena, "smallest_arena", lambda model: pytest.fail("asked too early"))
    with pytest.raises(UsageError, match="no TensorFlow Lite Micro"):
        size(load_board("sim-m4"), tmp_path)
