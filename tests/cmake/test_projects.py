"""Generated projects by CMake: the firmware that edgeq builds, and edgeq run takes it."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cmaking import STRICT, CMake, needs, needs_arm_gcc
from test_generate import generated, tiny_graph

from edgeq.base.errors import DeviceError, UsageError
from edgeq.boards import load_board
from edgeq.builder import Image, build, load_image
from edgeq.builder.flags import Compiler, whole
from edgeq.builder.toolchains import find_toolchain
from edgeq.judge.evaluation import EvaluationData
from edgeq.judge.report import Report, Thresholds
from edgeq.verbs.request import RunRequest
from edgeq.verbs.run import run

TWO = EvaluationData(samples=2)
EXACT = Thresholds(require_exact=True)


def judged(image: Image) -> Report:
    build_dir = image.elf.parent.relative_to(image.project)
    request = RunRequest(image.project, build_dir=str(build_dir), evaluation=TWO, thresholds=EXACT)
    return run(request).report


SLOWER = (("sim-m4", "zig"), ("sim-m0", "gcc"), ("host", "zig"))


def project(board: str, folder: Path) -> Path:
    generated(tiny_graph(), board).write(folder)
    return folder


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("board", "toolchain"),
    [
        ("sim-m4", "gcc"),
        ("host", "gcc"),
        pytest.param("sim-m0", "zig", marks=pytest.mark.slow),
        pytest.param("sim-m33", "zig", marks=pytest.mark.slow),
        pytest.param("host", "zig", marks=pytest.mark.slow),
    ],
)
def test_a_preset_builds_what_edgeq_builds(
    board: str, toolchain: Compiler, cmake: CMake, tmp_path: Path
) -> None:
    needs(toolchain, board)
    place = project(board, tmp_path / "p")
    cmake._run(place, "--preset", toolchain, STRICT)
    cmake._run(place, "--build", "--preset", toolchain, "-j2")
    image = load_image(place, f"build-{toolchain}")
    assert image.toolchain == f"{find_toolchain(toolchain, image.board).describe()} (cmake)"
    report = judged(image)
    assert report.verdict == "pass"
    ours = build(place, toolchain=toolchain)
    assert ours.build_hash != image.build_hash
    if board != "host":
        # the order of linking moves some bytes
        assert ours.sizes.code == pytest.approx(image.sizes.code, rel=0.01)
        assert ours.sizes.ram_total == pytest.approx(image.sizes.ram_total, abs=16)
        assert ours.sizes.weights == image.sizes.weights


def test_plain_commands_and_a_changed_source(cmake: CMake, tmp_path: Path) -> None:
    needs_arm_gcc()
    place = project("sim-m4", tmp_path / "p")
    cmake.both(place)
    first = load_image(place)
    assert (place / "build" / "firmware.hex").read_text().startswith(":")
    assert (place / "build" / "firmware.bin").stat().st_size == first.sizes.flash_total
    cmake.both(place)
    assert load_image(place).build_hash == first.build_hash
    elf = first.elf.read_bytes()
    source = place / "src" / "common" / "main.c"
    source.write_text(source.read_text().replace("runtime ready", "runtime is up"))
    cmake.build(place)
    second = load_image(place)
    assert second.build_hash != first.build_hash
    assert judged(second).verdict == "pass"
    second.elf.write_bytes(elf)
    with pytest.raises(DeviceError, match="build"):
        judged(second)


def test_edgeq_and_cmake_in_one_folder(cmake: CMake, tmp_path: Path) -> None:
    needs_arm_gcc()
    place = project("sim-m3", tmp_path / "p")
    ours = build(place, toolchain="gcc")
    cmake.configure(place)
    assert load_image(place).build_hash == ours.build_hash  # nothing is built yet
    cmake.build(place)
    theirs = load_image(place)
    assert theirs.build_hash != ours.build_hash
    with pytest.raises(UsageError, match="is CMake's") as caught:
        build(place, toolchain="gcc")
    assert "--force" in caught.value.hint
    assert load_image(place).build_hash == theirs.build_hash
    assert build(place, toolchain="gcc", force=True).build_hash == ours.build_hash


def test_nothing_is_built_in_another_folder(tmp_path: Path) -> None:
    place = project("host", tmp_path / "p")
    with pytest.raises(UsageError, match="build-gcc holds no built firmware") as caught:
        load_image(place, "build-gcc")
    assert "cmake -B build-gcc" in caught.value.hint


@pytest.mark.parametrize(
    ("board", "toolchain"),
    [("sim-m4", "gcc"), *(pytest.param(*other, marks=pytest.mark.slow) for other in SLOWER)],
)
def test_the_flags_are_edgeqs(board: str, toolchain: Compiler, cmake: CMake, tmp_path: Path) -> None:
    needs(toolchain, board)
    place = project(board, tmp_path / "p")
    cmake._run(place, "--preset", toolchain)
    tools = find_toolchain(toolchain, load_board(board))
    commands = json.loads((place / f"build-{toolchain}" / "compile_commands.json").read_text())
    manifest = json.loads((place / "edgeq.json").read_text())
    found = {Path(one["file"]).relative_to(place).as_posix(): shlex.split(one["command"]) for one in commands}
    assert sorted(found) == manifest["sources"]
    for source, words in found.items():
        expected = tools.compile_flags(load_board(board), source)
        assert set(expected) <= set(words), source
        levels = {"-O2"} if "kernels" in source else {"-Os"} if toolchain == "gcc" else {"-Oz"}
        assert {[word for word in some if word.startswith("-O")][-1] for some in (words, expected)} == levels
        assert tuple(word for word in words if word.endswith("lto"))[-1:] == whole(load_board(board), source)
        assert not [word for word in words if word.startswith("-std")][1:]


def test_flags_that_replace_the_cores(cmake: CMake, tmp_path: Path) -> None:
    needs_arm_gcc()
    told = cmake.refused(project("sim-m4", tmp_path / "p"), "-DCMAKE_C_FLAGS=-O3")
    assert "CMAKE_C_FLAGS lacks -mcpu=cortex-m4, which sim-m4 needs" in told
    assert "CFLAGS" in told
    cmake.configure(tmp_path / "p", build="other", env={"CFLAGS": "-fno-inline"})


def only(tmp_path: Path, *names: str) -> dict[str, str]:
    """A PATH with nothing but these."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"needs {name}")
        (folder / name).symlink_to(found)
    return {"PATH": str(folder)}


def test_a_missing_compiler(cmake: CMake, tmp_path: Path) -> None:
    place = project("sim-m4", tmp_path / "p")
    path = only(tmp_path, "make")
    told = cmake.refused(place, "-DCMAKE_TOOLCHAIN_FILE=cmake/arm-none-eabi.cmake", env=path)
    assert "arm-none-eabi-gcc is not on PATH" in told
    assert "zig.cmake" in told
    shutil.rmtree(place / "build")
    told = cmake.refused(place, "-DCMAKE_TOOLCHAIN_FILE=cmake/zig.cmake", env=path)
    assert "there is no zig" in told
    assert "pip install ziglang" in told


@pytest.mark.slow
def test_without_gcc_it_is_zig(cmake: CMake, tmp_path: Path) -> None:
    pytest.importorskip("ziglang", reason="needs the package ziglang (pip install 'edgeq[sim]')")
    place = project("sim-m7", tmp_path / "p")
    path = only(tmp_path, "make")
    python = tmp_path / "bin" / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    cmake.configure(place, env=path)
    cmake.build(place)
    image = load_image(place)
    assert image.toolchain.startswith("zig ")
    assert judged(image).verdict == "pass"


MAIN = r"""
#include <stdio.h>
#include "edgeq_network.h"
#include "edgeq_runtime.h"

int main(void)
{
    int failed = edgeq_runtime_init();
    for (int i = 0; i < EDGEQ_INPUT_0_BYTES; i++) {
        edgeq_input_0()[i] = (int8_t)(i * 7 - 128);
    }
    failed |= edgeq_runtime_invoke();
    for (int i = 0; i < EDGEQ_OUTPUT_0_BYTES; i++) {
        printf("%d ", edgeq_output_0()[i]);
    }
    return failed;
}
"""


def test_the_model_in_a_project_of_somebodys_own(cmake: CMake, tmp_path: Path) -> None:
    """A project for a board, compiled for this machine by the project around it."""
    import subprocess

    import numpy as np

    from edgeq.graph import write_model
    from edgeq.interpreter import run

    project("sim-m4", tmp_path / "model")
    (tmp_path / "main.c").write_text(MAIN)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(own C)\nadd_subdirectory(model)\n"
        "add_executable(own main.c)\ntarget_link_libraries(own PRIVATE edgeq_network m)\n"
    )
    cmake.both(tmp_path, STRICT)
    done = subprocess.run(
        [tmp_path / "build" / "own"], capture_output=True, text=True, timeout=60, check=True
    )
    x = np.array([i * 7 - 128 for i in range(36)], np.int64).astype(np.int8).reshape(1, 6, 6, 1)
    (expected,) = run(write_model(tiny_graph()), [x])
    assert [int(word) for word in done.stdout.split()] == expected.reshape(-1).tolist()
    assert not (tmp_path / "build" / "model" / "firmware.elf").exists()


@pytest.mark.slow
def test_zig_that_is_installed_after_a_first_try(cmake: CMake, tmp_path: Path) -> None:
    """What the error advises is enough: the build folder of the failed try is no hindrance."""
    needs("zig", "sim-m4")
    place = project("sim-m4", tmp_path / "p")
    tools = tmp_path / "bin"
    tools.mkdir()
    make = shutil.which("make") or shutil.which("ninja")
    assert make is not None
    (tools / Path(make).name).symlink_to(make)
    generator = ("-G", "Ninja") if make.endswith("ninja") else ("-G", "Unix Makefiles")
    first = subprocess.run(
        [cmake.path, "--preset", "zig", *generator],
        cwd=place,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert first.returncode != 0
    assert "there is no zig" in first.stderr
    cmake._run(place, "--preset", "zig", *generator)
