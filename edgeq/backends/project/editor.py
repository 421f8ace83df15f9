"""Files for editors: CMake's presets, and what VS Code wants to build, run and debug a project."""

from __future__ import annotations

import json
from typing import Any

from edgeq.boards import Board
from edgeq.boards.debugger import Debugger
from edgeq.boards.simulators import SIMULATORS

_VERSION = "2.0.0"
_ELF = "${workspaceFolder}/build-gcc/firmware.elf"
_BUILD = "build (gcc)"


def editor_files(board: Board, *, zig: bool) -> dict[str, bytes]:
    """The files by path.

    Args:
        zig: whether the project can be compiled by zig.
    """
    names = ("gcc", "zig") if zig else ("gcc",)
    files = {
        "CMakePresets.json": _presets(board, names),
        ".vscode/tasks.json": _tasks(board, names),
        ".vscode/extensions.json": {
            "recommendations": ["ms-vscode.cmake-tools", "ms-vscode.cpptools"]
            + ([] if board.is_host else ["marus25.cortex-debug"])
        },
    }
    launch = _launch(board)
    if launch:
        files[".vscode/launch.json"] = {"version": "0.2.0", "configurations": launch}
    return {path: (json.dumps(value, indent=4) + "\n").encode() for path, value in files.items()}


def debuggers(board: Board) -> list[str]:
    """By what the board can be debugged, the first probe of its file first."""
    if board.is_host:
        return ["gdb"]
    return [debugger.title for debugger in _debuggers(board)]


def _debuggers(board: Board) -> list[Debugger]:
    """Of the flash runners, the first of its file first; then of the simulators."""
    found = [runner.debugger() for runner in board.flashing]
    tables = (kind.of(board) for kind in SIMULATORS.values())
    found += [table.debugger(board.core) for table in tables if table is not None]
    return [debugger for debugger in found if debugger is not None]


def _presets(board: Board, names: tuple[str, ...]) -> dict[str, Any]:
    files = {"gcc": None if board.is_host else "arm-none-eabi.cmake", "zig": "zig.cmake"}
    compilers = {"gcc": "GNU's compiler", "zig": "zig"}
    configure = []
    for name in names:
        preset = {
            "name": name,
            "displayName": f"{board.id} with {compilers[name]}",
            "binaryDir": "${sourceDir}/build-" + name,
            "cacheVariables": {"CMAKE_EXPORT_COMPILE_COMMANDS": "ON"},
        }
        if files[name] is not None:
            preset["toolchainFile"] = "${sourceDir}/cmake/" + str(files[name])
        configure.append(preset)
    return {
        "version": 3,
        "cmakeMinimumRequired": {"major": 3, "minor": 21, "patch": 0},
        "configurePresets": configure,
        "buildPresets": [{"name": name, "configurePreset": name} for name in names],
    }


def _tasks(board: Board, names: tuple[str, ...]) -> dict[str, Any]:
    def task(label: str, command: str, **more: Any) -> dict[str, Any]:
        return {"label": label, "type": "shell", "command": command, "problemMatcher": [], **more}

    building = [
        task(
            f"build ({name})",
            f"cmake --preset {name} && cmake --build --preset {name}",
            group={"kind": "build", "isDefault": name == "gcc"},
            problemMatcher=["$gcc"],
        )
        for name in names
    ]
    verbs = {"judge": "run", "flash": "flash"} if board.kind == "hardware" else {"judge": "run"}
    using = [
        task(f"{name} (edgeq)", f"edgeq {verb} . --build-dir build-gcc", dependsOn=_BUILD)
        for name, verb in verbs.items()
    ]
    return {"version": _VERSION, "tasks": [*building, *using]}


def _launch(board: Board) -> list[dict[str, Any]]:
    """One launch configuration for each way to debug the board, its first probe first."""
    if board.is_host:
        return [
            {
                "name": "Debug on this machine",
                "type": "cppdbg",
                "request": "launch",
                "program": _ELF,
                "cwd": "${workspaceFolder}",
                "MIMode": "gdb",
                "preLaunchTask": _BUILD,
            }
        ]
    return [_cortex_debug(debugger, board) for debugger in _debuggers(board)]


def _cortex_debug(debugger: Debugger, board: Board) -> dict[str, Any]:
    return {
        "name": f"Debug {board.id} ({debugger.title})",
        "type": "cortex-debug",
        "request": "launch",
        **debugger.settings,
        "executable": _ELF,
        "cwd": "${workspaceFolder}",
        "runToEntryPoint": "main",
        "preLaunchTask": _BUILD,
    }
