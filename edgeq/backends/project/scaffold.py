"""What stands around a project's sources: CMake, the editor's files, the README."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgeq.backends.project import firmware
from edgeq.backends.project.editor import debuggers, editor_files
from edgeq.backends.project.project import folders_of, sources_of
from edgeq.base.resources import data_dir
from edgeq.boards import Board
from edgeq.builder import flags

_COMPILERS: tuple[flags.Compiler, ...] = ("gcc", "zig")
_NETWORK = ("src/network", "src/kernels")
_SHARED = "src/common"
_IGNORED = b"/build/\n/build-*/\n/*.log\n"


def scaffold(
    files: Mapping[str, bytes],
    board: Board,
    variables: Mapping[str, Any],
    *,
    readme: Path,
    tflm: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """The files by path, for the sources in ``files``.

    Args:
        variables: of the network's templates.
        readme: the template of the runtime's README.md.
        tflm: what ``tflm.cmake`` is rendered with, for a project around TensorFlow Lite Micro; its ``own``
            are the sources that only firmware of edgeq's has.
    """
    zig = tflm is None  # which brings no C++ library for bare metal
    variables = {**variables, **_flags(board), **_sources(files), "zig": zig, "tflm": tflm}
    origin = board.flash.address if board.flash is not None else 0
    variables["flashing"] = [told for runner in board.flashing if (told := runner.by_hand(origin))]
    variables["debuggers"] = debuggers(board)
    variables["sdk_sources"] = [
        source for source in variables["network_sources"] if source not in (tflm or {}).get("own", ())
    ]
    templates = data_dir("firmware_templates") / "project"
    wanted = {"CMakeLists.txt.j2": "CMakeLists.txt"}
    if not board.is_host:
        wanted["arm-none-eabi.cmake.j2"] = "cmake/arm-none-eabi.cmake"
    if zig:
        wanted["zig.cmake.j2"] = "cmake/zig.cmake"
    made = {path: firmware.render(templates / name, variables) for name, path in wanted.items()}
    if tflm is not None:
        made["cmake/tflm.cmake"] = firmware.render(templates / "tflm.cmake.j2", {**variables, **tflm})
    made["README.md"] = firmware.render(readme, variables)
    return made | editor_files(board, zig=zig) | {".gitignore": _IGNORED}


def _flags(board: Board) -> dict[str, Any]:
    return {
        "cpu": {name: flags.cpu(board, name) for name in _COMPILERS},
        "always": {name: flags.always(board, name) for name in _COMPILERS},
        "alone": {name: flags.link_alone(board, name) for name in _COMPILERS},
        "c_options": (*flags.C_LANGUAGE, flags.SMALL, *flags.C_WARNINGS),
        "cxx_options": (*flags.CXX_LANGUAGE, flags.SMALL, *flags.CXX_WARNINGS),
        "fast": flags.FAST,
        "smallest": flags.SMALLEST["zig"],
        "whole": flags.WHOLE,
        "apart": flags.APART,
        "link_whole": {name: flags.link_whole(board, name) for name in _COMPILERS},
        "link": flags.link(board),
        "libraries": {on: flags.libraries(board, "gcc", c_library=on) for on in (False, True)},
    }


def _sources(files: Mapping[str, bytes]) -> dict[str, Any]:
    sources, folders = sources_of(files), folders_of(files)
    network = [source for source in sources if source.startswith(_NETWORK)]
    fast = [source for source in sources if flags.is_fast(source)]
    return {
        "network_sources": network,
        "firmware_sources": [source for source in sources if source not in network],
        "fast_sources": fast,
        "small_sources": [source for source in sources if source not in fast and source.endswith(".c")],
        "apart_sources": [source for source in sources if flags.is_apart(source)],
        "folders": folders,
        "network_folders": [folder for folder in folders if folder in (_SHARED, *_NETWORK)],
    }
