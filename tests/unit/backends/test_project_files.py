"""What stands around the sources: CMake's files, VS Code's, the README, for every board of the catalogue."""

from __future__ import annotations

import functools
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from edgeq.backends.project.editor import editor_files
from edgeq.backends.project.project import Project
from edgeq.boards import Board, list_boards, load_board
from edgeq.boards.flashing import RUNNERS
from edgeq.boards.flashing.jlink import JLink
from edgeq.boards.flashing.pyocd import PyOcd
from edgeq.boards.flashing.uf2 import Uf2
from edgeq.builder import flags
from edgeq.verbs.sample import sample_project

BOARDS = [board for board in list_boards() if not board.is_accelerator and board.sdk is None]
every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board.id))


@functools.cache
def sample(board: str) -> Project:
    return sample_project(load_board(board))


def files(board: Board) -> dict[str, str]:
    found = sample(board.id).files
    return {path: data.decode() for path, data in found.items() if path != "model.tflite"}


@every_board
def test_what_is_there(board: Board) -> None:
    found = files(board)
    wanted = {"CMakeLists.txt", "CMakePresets.json", "cmake/zig.cmake", "README.md", ".gitignore"}
    wanted |= {".vscode/tasks.json", ".vscode/extensions.json"}
    assert wanted <= set(found)
    assert ("cmake/arm-none-eabi.cmake" in found) == (not board.is_host)
    for path, text in found.items():
        assert "{{" not in text, path
        assert "{%" not in text, path
        if path.endswith(".json"):
            json.loads(text)
        if path.startswith(".vscode") or path in ("CMakeLists.txt", "README.md"):
            assert not re.search(r"/(home|Users|root|work|tmp)/", text), path


@every_board
def test_the_toolchain_files_have_the_boards_flags_and_nothing_else_has(board: Board) -> None:
    found = files(board)
    compilers: tuple[tuple[str, flags.Compiler], ...] = (
        ("cmake/arm-none-eabi.cmake", "gcc"),
        ("cmake/zig.cmake", "zig"),
    )
    for path, compiler in compilers:
        if path in found and not board.is_host:
            (told,) = re.findall(r"^set\(EDGEQ_CPU (.*)\)$", found[path], re.M)
            assert tuple(told.split()) == flags.cpu(board, compiler)


@every_board
def test_cmake_compiles_what_edgeq_compiles(board: Board) -> None:
    project = sample(board.id)
    lists = project.files["CMakeLists.txt"].decode()
    network, firmware, fast = (
        re.search(rf"{start}\n(.*?)(?:\n\)|\n    PROPERTIES)", lists, re.S)[1].split()  # type: ignore[index]
        for start in (r"set\(network_sources", r"set\(firmware_sources", r"set_source_files_properties\(")
    )
    assert sorted(network + firmware) == project.manifest["sources"]
    assert fast == [source for source in project.manifest["sources"] if "kernels" in Path(source).parts]


def origin_of(board: Board) -> int:
    return board.flash.address if board.flash is not None else 0


@every_board
def test_the_readme_is_for_this_board(board: Board) -> None:
    readme = files(board)["README.md"]
    assert readme.startswith(f"# `sample` on {board.id}\n")
    assert board.name in readme
    assert len(readme.splitlines()) < 150
    assert "edgeq_input_0_quantize" in readme
    assert "edgeq_output_0_dequantize" in readme
    assert "cmake -B build && cmake --build build" in readme
    assert ("## Flash and judge" in readme) == (board.kind == "hardware")
    for runner in board.flashing:
        assert runner.by_hand(origin_of(board)) in readme
    if board.kind == "hardware":
        assert str(board.console.baud) in readme
        assert not board.console.tx or board.console.tx in readme
    elif board.simulator:
        assert f"in {board.simulator}" in readme
    assert not re.search(r"\n\n\n\n", readme)


@every_board
def test_debugging(board: Board) -> None:
    made = editor_files(board, zig=True)
    launch = json.loads(made.get(".vscode/launch.json", b'{"configurations": []}'))["configurations"]
    by = {one.get("servertype", one["type"]): one for one in launch}
    tasks = {task["label"] for task in json.loads(made[".vscode/tasks.json"])["tasks"]}
    assert all(one["preLaunchTask"] in tasks for one in launch)
    if board.is_host:
        assert set(by) == {"cppdbg"}
        return
    for runner in board.flashing:
        if isinstance(runner, PyOcd):
            assert by["pyocd"]["targetId"] == runner.target
        if isinstance(runner, JLink):
            assert by["jlink"]["device"] == runner.device
    assert ("qemu" in by) == (board.qemu is not None)
    if board.qemu is not None:
        assert (by["qemu"]["machine"], by["qemu"]["cpu"]) == (board.qemu.machine, board.cpu.core)
    servers = {"pyocd": "pyocd", "openocd": "openocd", "jlink": "jlink", "st-flash": "stutil"}
    probes = [servers[runner.runner] for runner in board.flashing if runner.runner in servers]
    assert [one["servertype"] for one in launch] == probes + ["qemu"] * (board.qemu is not None)
    readme = files(board)["README.md"]
    assert ("F5 debugs it by" in readme) == bool(launch)


@pytest.mark.parametrize(("zig", "names"), [(True, ["gcc", "zig"]), (False, ["gcc"])])
def test_presets(zig: bool, names: list[str]) -> None:
    presets: dict[str, Any] = json.loads(editor_files(load_board("sim-m4"), zig=zig)["CMakePresets.json"])
    assert [one["name"] for one in presets["configurePresets"]] == names
    assert [one["configurePreset"] for one in presets["buildPresets"]] == names
    assert len({one["binaryDir"] for one in presets["configurePresets"]}) == len(names)
    host = json.loads(editor_files(load_board("host"), zig=zig)["CMakePresets.json"])
    assert "toolchainFile" not in host["configurePresets"][0]


def test_a_runners_own_command() -> None:
    seen: set[str] = set()
    for board in BOARDS:
        for runner in board.flashing:
            told = runner.by_hand(origin_of(board))
            seen.add(runner.runner)
            assert bool(told) != isinstance(runner, Uf2)
            assert not told or shlex.split(told)
    assert seen and seen <= set(RUNNERS)
