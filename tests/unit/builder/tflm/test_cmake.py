"""A project around TFLM by CMake: its library is verified as edgeq does it, or an SDK's target is taken."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from scaffold import ARENA, checked, identity, layered, project

sys.path.insert(0, str(Path(__file__).parents[3] / "cmake" / "support"))
from cmaking import STRICT, CMake, find_cmake, needs_arm_gcc

from edgeq.backends.tflm.generate import generate
from edgeq.boards import load_board
from edgeq.builder import load_image
from edgeq.builder.build import _against
from edgeq.builder.tflm import Needs, find_library
from edgeq.builder.toolchains import find_cxx_toolchain
from edgeq.targets import open_target
from edgeq.targets.link import Client

INPUT = bytes([1, 2, 3, 250, 5, 6, 7, 128])
NEEDS = Needs(("AddReshape",), ())


@pytest.fixture(scope="module")
def cmake() -> CMake:
    return CMake(find_cmake())


@pytest.fixture(params=["host", "sim-m4"])
def board(request: pytest.FixtureRequest) -> str:
    if request.param != "host":
        needs_arm_gcc(plus_plus=True)
    return str(request.param)


@pytest.fixture
def made(board: str, tree: Path, request: pytest.FixtureRequest) -> Path:
    """The stand-in with its library for the board."""
    name = "host_library" if board == "host" else "m4_library"
    library = tree / "lib" / "libtensorflow-microlite.a"
    library.parent.mkdir()
    library.write_bytes(request.getfixturevalue(name))
    return tree


def written(place: Path, board: str) -> Path:
    project(identity(), board).write(place)
    return place


def speaks(place: Path, build: str = "build") -> None:
    """The firmware is the one that was built, and computes what the stand-in does."""
    image = load_image(place, build)
    with open_target(image) as target:
        target.flash(image)
        with Client(target.open()) as client:
            info = client.handshake(image.model_sha256, image.build_hash)
            assert info.runtime == "tflm"
            assert client.infer([INPUT]).outputs == [INPUT]


@pytest.mark.sample(1)
def test_built_and_run(board: str, made: Path, cmake: CMake, tmp_path: Path) -> None:
    place = written(tmp_path / "p", board)
    cmake.both(place, f"-DTFLM_DIR={made}", STRICT, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    speaks(place)
    commands = json.loads((place / "build" / "compile_commands.json").read_text())
    (words,) = (shlex.split(one["command"]) for one in commands if one["file"].endswith(".cc"))
    tools = find_cxx_toolchain("gcc", load_board(board))
    library = find_library(made, load_board(board), NEEDS)
    defines = [flag for flag in _against(library) if flag.startswith("-D")]
    assert "-DNDEBUG" in defines
    assert {*tools.cxx_flags(load_board(board)), *defines} <= set(words)
    hashed = load_image(place).build_hash
    file = made / "lib" / "libtensorflow-microlite.a"
    file.write_bytes(file.read_bytes().replace(b"the stand-in's [arena]", b"the stand-in's (arena)"))
    cmake.build(place)
    assert load_image(place).build_hash != hashed


@pytest.mark.parametrize("board", ["host"], indirect=True)
def test_the_environment_names_it(made: Path, board: str, cmake: CMake, tmp_path: Path) -> None:
    told = cmake.configure(written(tmp_path / "p", board), env={"TFLM_DIR": str(made)})
    assert f"TensorFlow Lite Micro: {made}" in told


def test_nothing_says_where_it_is(cmake: CMake, tmp_path: Path) -> None:
    told = cmake.refused(written(tmp_path / "p", "host"))
    assert "This project needs TensorFlow Lite Micro" in told
    assert "BUILD_TYPE=release microlite" in told
    assert "EDGEQ_TFLM_TARGET" in told


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


HEADERS = "tensorflow/lite/micro"
FLATBUFFERS = "third_party/flatbuffers/include/flatbuffers"
NEXT_SCHEMA = ("TFLITE_SCHEMA_VERSION (3)", "TFLITE_SCHEMA_VERSION (4)")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (f"{HEADERS}/micro_interpreter.h", *NEXT_SCHEMA, "schema version 3"),
        (f"{HEADERS}/micro_mutable_op_resolver.h", " AddReshape(", " AddReform(", "has no AddReshape"),
        (f"{FLATBUFFERS}/base.h", "_VERSION_MAJOR ", "_VERSION_MAJOR 9", "another flatbuffers"),
    ],
)
def test_a_tree_that_does_not_fit(
    file: str, old: str, new: str, told: str, tree: Path, cmake: CMake, tmp_path: Path
) -> None:
    edited(tree / file, old, new)
    assert told in cmake.refused(written(tmp_path / "p", "host"), f"-DTFLM_DIR={tree}")


def test_a_registration_that_is_missing(tree: Path, cmake: CMake, tmp_path: Path) -> None:
    project(layered(), "host").write(tmp_path / "p")
    resolver = tree / HEADERS / "micro_mutable_op_resolver.h"
    resolver.write_text(resolver.read_text() + "// TfLiteStatus AddConv2D(), TfLiteStatus AddSoftmax()\n")
    told = cmake.refused(tmp_path / "p", f"-DTFLM_DIR={tree}")
    assert "has no Register_SOFTMAX_INT8" in told


def test_no_tflm_there(cmake: CMake, tmp_path: Path) -> None:
    told = cmake.refused(written(tmp_path / "p", "host"), f"-DTFLM_DIR={tmp_path}")
    assert "holds no TensorFlow Lite Micro" in told


def test_no_library_fits(tree: Path, host_library: bytes, cmake: CMake, tmp_path: Path) -> None:
    needs_arm_gcc(plus_plus=True)
    (tree / "lib").mkdir()
    (tree / "lib" / "host.a").write_bytes(host_library)
    place = written(tmp_path / "p", "sim-m4")
    told = cmake.refused(place, f"-DTFLM_DIR={tree}")
    assert "no TFLM library" in told
    assert "host.a is not for cortex-m4" in told
    assert "TARGET_ARCH=cortex-m4+fp" in told


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("-mcpu=cortex-m4 -mfloat-abi=soft", "does not have the board's float ABI (hard)"),
        ("-mcpu=cortex-m3 -mfloat-abi=soft", "is not for cortex-m4 (v7)"),
        ("-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-sp-d16", "uses a newer FPU than the board's"),
        ("-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=vfpv4-d16", "uses double-precision instructions"),
        ("-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 -DASSERTS", "has assertions"),
    ],
)
def test_a_library_for_another_core(flags: str, told: str, tree: Path, cmake: CMake, tmp_path: Path) -> None:
    needs_arm_gcc(plus_plus=True)
    source = tmp_path / "one.c"
    source.write_text(
        "#ifdef ASSERTS\nvoid __assert_func(const char *, int, const char *, const char *);\n"
        'void check(void) { __assert_func("", 0, "", ""); }\n#endif\n'
        "double f(double x, float y) { return x * y + 1.5; }\n"
    )
    command = [
        "arm-none-eabi-gcc",
        "-mthumb",
        *flags.split(),
        "-c",
        str(source),
        "-o",
        str(tmp_path / "one.o"),
    ]
    subprocess.run(command, check=True, timeout=60)
    (tree / "lib").mkdir()
    archive = ["arm-none-eabi-ar", "rcs", str(tree / "lib" / "odd.a"), str(tmp_path / "one.o")]
    subprocess.run(archive, check=True, timeout=60)
    assert f"odd.a {told}" in cmake.refused(written(tmp_path / "p", "sim-m4"), f"-DTFLM_DIR={tree}")


@pytest.mark.parametrize("board", ["host"], indirect=True)
def test_the_kernels_that_were_asked_for(made: Path, board: str, cmake: CMake, tmp_path: Path) -> None:
    generate(checked(identity()), load_board(board), ARENA, "cmsis_nn").write(tmp_path / "p")
    assert "does not have CMSIS-NN" in cmake.refused(tmp_path / "p", f"-DTFLM_DIR={made}")


LEAN = "-fno-exceptions -fno-rtti -fno-threadsafe-statics -std=c++17"


def sdk(folder: Path, tree: Path, target: str, more: str) -> None:
    """A project that has TFLM as a target of its own."""
    includes = f"{tree} {tree / 'third_party/flatbuffers/include'}"
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(sdk C CXX)\n"
        f"add_library({target} STATIC {tree / 'standin.cc'})\n"
        f"target_include_directories({target} SYSTEM PUBLIC {includes})\n"
        f"target_compile_definitions({target} PUBLIC TF_LITE_STATIC_MEMORY NDEBUG)\n"
        f"target_compile_options({target} PRIVATE {LEAN})\n"
        f"set(EDGEQ_TFLM_TARGET {target})\n{more}"
    )


def test_an_sdks_target_under_edgeqs_firmware(board: str, tree: Path, cmake: CMake, tmp_path: Path) -> None:
    written(tmp_path / "p", board)
    sdk(tmp_path, tree, "pico-tflmicro", "set(EDGEQ_FIRMWARE ON)\nadd_subdirectory(p)\n")
    toolchain = () if board == "host" else ("-DCMAKE_TOOLCHAIN_FILE=p/cmake/arm-none-eabi.cmake",)
    cmake.both(tmp_path, *toolchain)
    (tmp_path / "p" / "built").symlink_to(tmp_path / "build" / "p")
    speaks(tmp_path / "p", "built")


MAIN = r"""
#include <cstdio>
extern "C" {
#include "edgeq_network.h"
#include "edgeq_runtime.h"
void edgeq_tflm_log(const char *text) { std::puts(text); }
}

int main()
{
    if (edgeq_runtime_init() != 0) {
        return 1;
    }
    for (int i = 0; i < EDGEQ_INPUT_0_BYTES; i++) {
        edgeq_input_0()[i] = static_cast<int8_t>(i - 3);
    }
    const int failed = edgeq_runtime_invoke();
    for (int i = 0; i < EDGEQ_OUTPUT_0_BYTES; i++) {
        std::printf("%d ", edgeq_output_0()[i]);
    }
    return failed;
}
"""


@pytest.mark.parametrize("board", ["host", "sim-m4"])
def test_an_sdks_target_under_an_sdks_firmware(board: str, tree: Path, cmake: CMake, tmp_path: Path) -> None:
    """For whatever board it was made: start-up, linker script and C library are the SDK's."""
    written(tmp_path / "p", board)
    (tmp_path / "main.cc").write_text(MAIN)
    own = (
        "add_subdirectory(p)\nadd_executable(own main.cc)\ntarget_link_libraries(own PRIVATE edgeq_network)\n"
    )
    sdk(tmp_path, tree, "tflm", own)
    cmake.both(tmp_path)
    done = subprocess.run(
        [tmp_path / "build" / "own"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["-3", "-2", "-1", "0", "1", "2", "3", "4"]


def test_an_sdks_target_that_hides_its_macros(tree: Path, cmake: CMake, tmp_path: Path) -> None:
    """TFLM's tensors have another layout without TF_LITE_STATIC_MEMORY, where a size reads as before."""
    written(tmp_path / "p", "host")
    (tmp_path / "main.cc").write_text(MAIN)
    own = (
        "add_subdirectory(p)\nadd_executable(own main.cc)\ntarget_link_libraries(own PRIVATE edgeq_network)\n"
    )
    sdk(tmp_path, tree, "tflm", own)
    lists = tmp_path / "CMakeLists.txt"
    edited(
        lists,
        "PUBLIC TF_LITE_STATIC_MEMORY NDEBUG",
        "PUBLIC STANDIN_WITHOUT_MACROS PRIVATE TF_LITE_STATIC_MEMORY",
    )
    cmake.both(tmp_path)
    done = subprocess.run(
        [tmp_path / "build" / "own"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "another type or size: was it made with other macros?" in done.stdout


def test_an_sdks_target_of_another_schema_does_not_compile(tree: Path, cmake: CMake, tmp_path: Path) -> None:
    written(tmp_path / "p", "host")
    edited(tree / HEADERS / "micro_interpreter.h", *NEXT_SCHEMA)
    sdk(tmp_path, tree, "tflm", "add_subdirectory(p)\n")
    cmake.configure(tmp_path)
    done = cmake._start(tmp_path, "--build", "build", "--target", "edgeq_network")
    assert done.returncode != 0
    assert "reads another schema than the model" in done.stdout


def test_a_target_that_is_not_there(cmake: CMake, tmp_path: Path) -> None:
    told = cmake.refused(written(tmp_path / "p", "host"), "-DEDGEQ_TFLM_TARGET=pico-tflmicro")
    assert "EDGEQ_TFLM_TARGET names pico-tflmicro, and there is no such target" in told


def test_every_trap_is_closed_on_this_road_too() -> None:
    """What facts about TFLM ask of a build, in the files that CMake reads."""
    files = project(layered(), "sim-m4").files
    lists, tflm = (files[name].decode() for name in ("CMakeLists.txt", "cmake/tflm.cmake"))
    toolchain = files["cmake/arm-none-eabi.cmake"].decode()
    assert "set(defines TF_LITE_STATIC_MEMORY NDEBUG)" in tflm
    assert "has assertions" in tflm
    assert "-O2" not in lists  # the kernels are in the library; the scaffold itself is made small
    assert "FLATBUFFERS_VERSION_${part}" in tflm
    for name in ("AddConv2D", "AddReshape", "AddSoftmax", "Register_CONV_2D_INT8", "Register_SOFTMAX_INT8"):
        assert name in tflm
    for flag in ("-fno-threadsafe-statics", "-fno-exceptions", "-fno-rtti", "-std=c++17"):
        assert flag in lists
    assert "src/network/edgeq_tflm_libc.c" in lists
    assert "-nostdlib -nostartfiles" in toolchain
    assert "EDGEQ_TFLM_LOG_CALLBACK" in tflm
    assert "set(EDGEQ_CPU -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16)" in toolchain
    assert "src/common/edgeq_startup.c" in lists
    assert "src/common/edgeq_fault.c" in lists
    assert "linker.ld" in lists
    assert "TARGET_ARCH=cortex-m4+fp OPTIMIZED_KERNEL_DIR=cmsis_nn BUILD_TYPE=release microlite" in tflm
    assert "static_assert(TFLITE_SCHEMA_VERSION == 3" in files["src/network/edgeq_tflm.cc"].decode()
