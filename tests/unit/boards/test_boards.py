"""The catalogue, and every way in which a board file may be wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgeq.base.errors import BoardError
from edgeq.base.resources import data_dir
from edgeq.boards import Board, board_toml, list_boards, load_board

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GOOD = """
id = "mine"
name = "My board"
kind = "simulated"
port = "sim"
simulator = "unicorn"
stack = 2048

[cpu]
core = "cortex-m4"
fpu = "fpv4-sp-d16"
float_abi = "hard"

[flash]
address = 0x0800_0000
size = 0x1_0000

[ram]
address = 0x2000_0000
size = 0x4000
"""


def test_the_catalogue() -> None:
    boards = {board.id: board for board in list_boards()}
    assert set(boards) >= {"sim-m0", "sim-m3", "sim-m4", "sim-m7", "sim-m33", "host"}
    assert [board.id for board in list_boards()] == sorted(boards)
    for board in boards.values():
        assert load_board(board.id) == board
        assert (data_dir("firmware_templates") / "ports" / board.port).is_dir()
        if board.simulator == "unicorn":
            assert board.flash is not None and board.flash.size == 1 << 20
            assert board.ram is not None and board.ram.size == 256 << 10
    assert {name for name, board in boards.items() if board.has_dsp} >= {"sim-m4", "sim-m7", "sim-m33"}
    assert not boards["sim-m0"].has_dsp and not boards["sim-m3"].has_dsp and not boards["host"].has_dsp
    assert boards["sim-m7"].cpu.fpu == "fpv5-sp-d16"
    assert boards["host"].is_host and boards["host"].flash is None


def test_a_board_of_ones_own(tmp_path: Path) -> None:
    folder = tmp_path / "any name"
    folder.mkdir()
    (folder / "board.toml").write_text(GOOD)
    (tmp_path / "other.toml").write_text(GOOD)
    board = load_board(str(folder))
    assert board == load_board(str(folder / "board.toml")) == load_board(str(tmp_path / "other.toml"))
    assert board.id == "mine"
    assert board.console.baud == 115200


@pytest.mark.parametrize("board", [board.id for board in list_boards()])
def test_toml_says_the_same(board: str) -> None:
    text = board_toml(load_board(board)).decode()
    assert Board.model_validate(tomllib.loads(text)) == load_board(board)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("sim-m5", "there is no board 'sim-m5'", "did you mean 'sim-m"),
        ("zzz", "there is no board 'zzz'", "known boards: "),
        ("", "there is no board ''", "known boards"),
        ("../boards/none", "cannot read the board file", "boards list"),
        ("nothing/here.toml", "No such file", "boards list"),
    ],
)
def test_unknown_board(name: str, message: str, hint: str) -> None:
    with pytest.raises(BoardError) as error:
        load_board(name)
    assert message in error.value.message
    assert hint in error.value.hint


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("stack = 2048", "stak = 2048", "unknown key 'stak'", "did you mean 'stack'"),
        ("size = 0x4000", "siez = 0x4000", "unknown key 'ram.siez'", "did you mean 'size'"),
        ("[cpu]", "[cpuu]", "unknown key 'cpuu'", "did you mean 'cpu'"),
        (
            "[ram]",
            '[[flashing]]\nruner = "uf2"\n[ram]',
            "flashing.0 names no runner",
            "did you mean 'runner'",
        ),
        ("[ram]", '[[flashing]]\nrunner = "stflash"\n[ram]', "no runner 'stflash'", "mean 'st-flash'"),
        ("stack = 2048", 'stack = 2048\nzephyr = "A B"', "zephyr: String should match", ""),
        ('name = "My board"', "", "the key 'name' is missing", "boards.html"),
        ('core = "cortex-m4"', "", "the key 'cpu.core' is missing", "boards.html"),
        ("cortex-m4", "cortex-m5", "cpu.core: Input should be 'cortex-m0'", ""),
        ("fpv4-sp-d16", "fpv5-d16", "fpu 'fpv5-d16' does not go with core 'cortex-m4'", ""),
        ("cortex-m4", "cortex-m3", "'cortex-m3', which has no FPU", ""),
        ('float_abi = "hard"', "", 'float_abi is "hard" exactly where there is an fpu', ""),
        ("stack = 2048", "stack = 100", "stack: Input should be a multiple of 8", ""),
        ("stack = 2048", "stack = 65536", "at most the ram", ""),
        ("stack = 2048", 'stack = "2048"', "stack: Input should be a valid integer (it is '2048')", ""),
        ("stack = 2048", "stack = true", "stack: Input should be a valid integer", ""),
        ("size = 0x4000", "size = -1", "ram.size: Input should be greater than 0", ""),
        ("size = 0x4000", "size = 1000", "multiples of 1024", ""),
        ("0x2000_0000", "0xFFFF_F000", "ends beyond 4 GB", ""),
        ("0x2000_0000", "0x0800_8000", "flash and ram overlap", ""),
        ('simulator = "unicorn"', "", "a simulated board names its simulator", ""),
        ("simulated", "host", 'core "native" goes with the kinds "host"', ""),
        ('id = "mine"', 'id = "My Board"', "id: String should match pattern", ""),
        ('id = "mine"', "id = ", "is not valid TOML: Invalid value (at line 2", ""),
        ('id = "mine"', "id = " + "[" * 5000, "is not valid TOML", ""),
        ("[flash]", "[other]", "unknown key 'other'", ""),
    ],
)
def test_wrong_files(tmp_path: Path, old: str, new: str, message: str, hint: str) -> None:
    assert old in GOOD
    path = tmp_path / "board.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BoardError) as error:
        load_board(str(path))
    assert message in error.value.message
    assert str(path) in error.value.message
    assert hint in error.value.hint
    assert error.value.exit_code == 2


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x" * 100_000, b"\x00" * 10])
def test_not_text(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "board.toml").write_bytes(data)
    with pytest.raises(BoardError):
        load_board(str(tmp_path))


def test_a_catalogue_folder_is_named_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "board.toml").write_text(GOOD)
    monkeypatch.setattr("edgeq.boards.catalogue.data_dir", lambda name: tmp_path)
    with pytest.raises(BoardError, match="is not the name of its folder"):
        list_boards()
    (tmp_path / "wrong").rename(tmp_path / "mine")
    assert load_board("mine").name == "My board"  # a new board, and no Python was touched
