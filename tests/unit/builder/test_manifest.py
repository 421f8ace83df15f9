"""What building accepts as a project, and the compilers' tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeq.base.errors import BoardError, BuildError, EdgeqError, UsageError
from edgeq.boards import Board, Cpu, board_toml, list_boards, load_board
from edgeq.boards.cores import CORES
from edgeq.builder import build, load_image
from edgeq.builder.manifest import read_manifest
from edgeq.builder.toolchains import Toolchain

GOOD = {
    "schema_version": 1,
    "tool": "edgeq 9",
    "board": "sim-m4",
    "model": {"name": "m", "sha256": "0" * 64, "bytes": 3},
    "memory": {"arena": 1, "scratch": 0, "live_peak": 1, "weights": 2},
    "sources": ["src/main.c"],
    "include_dirs": ["src"],
}


def project(folder: Path, **changes: object) -> Path:
    (folder / "src").mkdir()
    (folder / "src" / "main.c").write_text("int main(void) { return 0; }\n")
    (folder / "linker.ld").write_text("")
    (folder / "edgeq.json").write_text(json.dumps({**GOOD, **changes}))
    return folder


def test_read(tmp_path: Path) -> None:
    manifest = read_manifest(project(tmp_path))
    assert manifest.board == load_board("sim-m4")
    assert manifest.sources == ("src/main.c",)
    assert manifest.memory.weights == 2


def test_the_projects_own_board_file_goes_first(tmp_path: Path) -> None:
    folder = project(tmp_path, board="of-a-user")
    with pytest.raises(BoardError, match="of-a-user"):
        read_manifest(folder)
    own = load_board("sim-m4").model_copy(update={"id": "of-a-user", "stack": 8192})
    (folder / "board.toml").write_bytes(board_toml(own))
    assert read_manifest(folder).board == own


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"schema_version": 2}, BuildError, "schema version 2"),
        ({"sources": []}, BuildError, "sources"),
        ({"sources": ["../main.c"]}, BuildError, "not a path inside"),
        ({"sources": ["/etc/passwd"]}, BuildError, "not a path inside"),
        ({"sources": ["-fplugin=x.c"]}, BuildError, "not a path inside"),
        ({"include_dirs": ["a/../../b"]}, BuildError, "not a path inside"),
        ({"sources": ["src/none.c"]}, BuildError, r"lacks src/none\.c"),
        ({"board": "nope"}, BoardError, "no board 'nope'"),
        ({"board": None}, BoardError, "no board 'None'"),
        ({"memory": {}}, BuildError, r"memory\.arena"),
        ({"model": {"name": "x", "sha256": "zz"}}, BuildError, r"model\.sha256"),
    ],
)
def test_refused(tmp_path: Path, changes: dict[str, object], kind: type[EdgeqError], message: str) -> None:
    folder = project(tmp_path, **changes)
    with pytest.raises(kind, match=message) as error:
        build(folder)
    assert error.value.hint
    assert not (folder / "build").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"schema_version": 1}', "\x00"])
def test_manifest_is_not_one(tmp_path: Path, text: str) -> None:
    folder = project(tmp_path)
    (folder / "edgeq.json").write_text(text)
    with pytest.raises(BuildError, match="is not valid"):
        build(folder)


def test_no_project(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="is not an edgeq project"):
            build(place)
        with pytest.raises(UsageError, match="holds no built firmware"):
            load_image(place)


@pytest.mark.parametrize("text", ["{}", "", "[1]", '{"schema_version": 7}'])
def test_broken_record(tmp_path: Path, text: str) -> None:
    folder = project(tmp_path)
    (folder / "build").mkdir()
    (folder / "build" / "firmware.elf").write_text("")
    (folder / "build" / "edgeq-build.json").write_text(text)
    with pytest.raises(BuildError, match="is not a valid build record"):
        load_image(folder)


def every_board() -> list[Board]:
    """A board for each core with each FPU that it may have."""
    model = load_board("sim-m4")
    boards = list_boards()
    for core in CORES.values():
        for variant in core.variants:
            fpu = variant.fpu.name if variant.fpu else None
            cpu = Cpu(core=core.name, fpu=fpu, float_abi="hard" if fpu else "soft")
            boards.append(model.model_copy(update={"cpu": cpu, "id": f"{core.name}-{fpu}"}))
    return boards


@pytest.mark.parametrize("board", every_board(), ids=lambda board: board.id)
@pytest.mark.parametrize("name", ["zig", "gcc"])
def test_every_core_has_flags(name: str, board: Board) -> None:
    tools = Toolchain(name, "1", (name,))  # type: ignore[arg-type]
    flags = tools.compile_flags(board, "src/kernels/one.c")
    assert flags[0].startswith(("-mcpu=", "-target", "-std="))
    if not board.is_host:
        assert any(flag.startswith("-mcpu=") for flag in flags)
        hard = any("eabihf" in flag or flag == "-mfloat-abi=hard" for flag in flags)
        assert hard == (board.cpu.float_abi == "hard")
    assert tools.link_flags(board)
