"""The network alone, for other build systems: compiled as theirs, two in one program, the oracle's bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from layers import ZERO, Layers
from recurrent import program, samples

from edgeq.backends.aot.library import generate_library
from edgeq.backends.project.budget import Budget
from edgeq.backends.project.forms import FORMS
from edgeq.backends.project.project import Project
from edgeq.boards import load_board
from edgeq.builder import flags
from edgeq.checker import Checked, check
from edgeq.features import Preprocessing
from edgeq.graph import write_model
from edgeq.interpreter import run

STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror")
SAMPLES = 5
BUILTINS = {"memcpy", "memmove", "memset"}
BUILD_SYSTEMS = {
    "library": "",
    "zephyr-module": """
set(CONFIG_EDGEQ_LAYERS 1)
set(CONFIG_EDGEQ_EDGEQ_2_PROGRAM 1)
macro(zephyr_library_named name)
    set(now ${name})
    add_library(${name} STATIC)
    link_libraries(${name})
endmacro()
macro(zephyr_include_directories)
    include_directories(${ARGN})
    target_include_directories(main PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/${ARGN}")
endmacro()
macro(zephyr_library_include_directories)
    target_include_directories(${now} PRIVATE ${ARGN})
endmacro()
macro(zephyr_library_compile_options)
    target_compile_options(${now} PRIVATE ${ARGN})
endmacro()
macro(zephyr_library_sources)
    target_sources(${now} PRIVATE ${ARGN})
endmacro()
""",
    "esp-idf-component": """
macro(idf_component_register)
    cmake_parse_arguments(of "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS" ${ARGN})
    get_filename_component(COMPONENT_LIB "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
    set(COMPONENT_LIB ${COMPONENT_LIB}_network)
    add_library(${COMPONENT_LIB} STATIC ${of_SRCS})
    target_include_directories(${COMPONENT_LIB} PUBLIC ${of_INCLUDE_DIRS} PRIVATE ${of_PRIV_INCLUDE_DIRS})
endmacro()
""",
}
"""What the tests have of each build system: its commands, by CMake's own."""


def models() -> tuple[Checked, Checked]:
    """One of layers, and one that keeps a state, whose name begins as edgeq's own names do."""
    net, shape = Layers(2, "layers"), [1, 8, 8, 12]
    x, other = net.input(shape, (1.0, ZERO)), net.input(shape, (1.0, ZERO))
    y = net.layer("CONV_2D", x, shape, (3, 3), fused_activation_function="RELU")
    y = net.layer("DEPTHWISE_CONV_2D", y, shape, (3, 3), depth_multiplier=1)
    net.op("ADD", [y, other], shape, (2.0, ZERO), output=True, fused_activation_function="NONE")
    net.layer("CONV_2D", y, [1, 8, 8, 5], output=True)
    return check(write_model(net.graph()), name="layers"), check(
        write_model(program(1)), name="edgeq-2 program"
    )


def made(checked: Checked, form: str = "library", board: str = "host") -> Project:
    return generate_library(checked, load_board(board), FORMS[form], Budget())


def main(of: Sequence[Checked]) -> str:
    """A program of C and C++: samples from stdin, all outputs to stdout, a state once reset."""
    names = [re.sub("[^a-z0-9]", "_", one.graph.name) for one in of]
    lines = ["#include <stdio.h>", *(f'#include "{name}_network.h"' for name in names), "int main(void) {"]
    lines += [f"if ({name}_init() != 0) return 1;" for name in names]
    lines.append(f"for (int i = 0; i < {SAMPLES}; i++) {{")
    for name, checked in zip(names, of, strict=True):
        for i in range(len(checked.graph.inputs)):
            size = f"{name.upper()}_INPUT_{i}_BYTES"
            lines.append(f"if (fread({name}_input_{i}(), 1, {size}, stdin) != {size}) return 2;")
        if checked.graph.initials:
            lines.append(f"if (i == 2 && {name}_reset() != 0) return 3;")
        lines.append(f"if ({name}_invoke() != 0) return 4;")
        for i in range(len(checked.graph.outputs)):
            lines.append(f"fwrite({name}_output_{i}(), 1, {name.upper()}_OUTPUT_{i}_BYTES, stdout);")
    return "\n".join([*lines, "}", "return 0;", "}", ""])


def answers(program: Path, of: Sequence[Checked]) -> None:
    """The program gives the oracle's bytes."""
    inputs = [samples(one.graph, SAMPLES) for one in of]
    begins = np.isin(np.arange(SAMPLES), (0, 2))
    wanted = [
        run(one.model, x, begins=begins) if one.graph.initials else run(one.model, x)
        for one, x in zip(of, inputs, strict=True)
    ]
    for one, x, y in zip(of, inputs, wanted, strict=True):  # a state says something
        assert not one.graph.initials or any(
            (a != b).any() for a, b in zip(run(one.model, x), y, strict=True)
        )
    fed = b"".join(x[i].tobytes() for i in range(SAMPLES) for of_one in inputs for x in of_one)
    done = subprocess.run([str(program)], input=fed, capture_output=True, timeout=20, check=True)
    assert done.stdout == b"".join(y[i].tobytes() for i in range(SAMPLES) for one in wanted for y in one)


def compiled(folder: Path, cc: Sequence[str]) -> list[str]:
    """A library's objects, without a warning."""
    sources = sorted((folder / "src").glob("*.c"))
    call = [*cc, "-std=c99", "-O1", *STRICT, "-I../include", "-I.", "-c", *(one.name for one in sources)]
    subprocess.run(call, cwd=folder / "src", check=True, timeout=120)
    return [str(one.with_suffix(".o")) for one in sources]


def needs(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")


@pytest.mark.parametrize("board", ["host", pytest.param("sim-m4", marks=pytest.mark.slow)])
def test_two_models_in_one_program_of_c_and_of_c_plus_plus(board: str, tmp_path: Path) -> None:
    """A Cortex-M4's kernels run here, too, with its instructions in plain C."""
    needs("gcc", "g++")
    of, objects = models(), []
    for i, checked in enumerate(of):
        made(checked, board=board).write(tmp_path / str(i))
        objects += compiled(tmp_path / str(i), ["gcc"])
    (tmp_path / "main.c").write_text(main(of))
    includes = ["-I0/include", "-I1/include"]
    for call in (["gcc", "-std=c99"], ["g++", "-std=c++11", "-xc++"]):
        whole = [*call, *STRICT, *includes, "main.c", "-xnone", *objects, "-o", "main"]
        subprocess.run(whole, cwd=tmp_path, check=True, timeout=60)
        answers(tmp_path / "main", of)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["host", "sim-m4"])
def test_whole_models_in_one_program(board: str, shared: Path, tmp_path: Path) -> None:
    needs("gcc")
    place, objects = shared / "models" / "mlperf_tiny", []
    of = [
        check((place / f"{name}_int8.tflite").read_bytes(), name=name) for name in ("ad", "kws", "vww", "ic")
    ]
    for checked in of:
        made(checked, board=board).write(tmp_path / checked.graph.name)
        objects += compiled(tmp_path / checked.graph.name, ["gcc"])
    (tmp_path / "main.c").write_text(main(of))
    includes = [f"-I{checked.graph.name}/include" for checked in of]
    call = ["gcc", "-std=c99", *STRICT, *includes, "main.c", *objects, "-o", "main"]
    subprocess.run(call, cwd=tmp_path, check=True, timeout=60)
    answers(tmp_path / "main", of)


@pytest.mark.parametrize("name", ["sim-m4", pytest.param("sim-m0", marks=pytest.mark.slow)])
def test_on_a_core_every_name_is_the_models(name: str, tmp_path: Path) -> None:
    needs("arm-none-eabi-gcc")
    board = load_board(name)
    for checked, prefix in zip(models(), ("layers_", "edgeq_2_program_"), strict=True):
        folder = tmp_path / prefix
        project = made(checked, board=name)
        project.write(folder)
        cc = ["arm-none-eabi-gcc", *flags.cpu(board, "gcc"), *flags.always(board, "gcc")]
        objects = compiled(folder, cc)
        told = subprocess.run(
            ["arm-none-eabi-nm", "-g", "-P", *objects], capture_output=True, text=True, check=True, timeout=20
        ).stdout
        symbols = {(kind, name) for name, kind in re.findall(r"^(\S+) (\w)", told, re.MULTILINE)}
        assert {n for kind, n in symbols if kind != "U" and not n.startswith(prefix)} == set()
        foreign = {n for kind, n in symbols if kind == "U" and not n.startswith((prefix, "__aeabi_"))}
        assert foreign <= BUILTINS
        assert any(f"{prefix}invoke" == n for _, n in symbols)
        assert all(Path(path).name.startswith(prefix) for path in project.files if path.startswith("src/"))
        assert project.manifest["core"] == board.cpu.core


@pytest.mark.parametrize(
    "form", ["library", *(pytest.param(f, marks=pytest.mark.slow) for f in BUILD_SYSTEMS if f != "library")]
)
def test_by_cmake_with_what_the_build_system_gives(form: str, tmp_path: Path) -> None:
    needs("cmake", "gcc")
    of, folders = models(), ("layers", "edgeq_2_program")
    for checked, folder in zip(of, folders, strict=True):
        made(checked, form).write(tmp_path / folder)
    (tmp_path / "main.c").write_text(main(of))
    adds = "\n".join(f"add_subdirectory({folder})" for folder in folders)
    targets = " ".join(f"{folder}_network" for folder in folders)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(app C)\nadd_executable(main main.c)\n"
        f"{BUILD_SYSTEMS[form]}\n{adds}\ntarget_link_libraries(main PRIVATE {targets})\n"
    )
    for call in (["cmake", "-B", "b"], ["cmake", "--build", "b"]):
        subprocess.run(call, cwd=tmp_path, check=True, timeout=120, capture_output=True)
    answers(tmp_path / "b" / "main", of)


def test_a_module_says_what_zephyr_reads() -> None:
    files = made(models()[0], "zephyr-module").files
    assert files["zephyr/module.yml"].decode().split() == [
        *("name:", "layers_network", "build:", "cmake:", ".", "kconfig:", "zephyr/Kconfig")
    ]
    (config,) = re.findall(r"^config (\w+)$", files["zephyr/Kconfig"].decode(), re.MULTILINE)
    assert f"if(CONFIG_{config})" in files["CMakeLists.txt"].decode()


ARDUINO = """
#include <cstdio>
static struct { void begin(long) {} void println(float x) { std::printf("%.9g\\n", (double)x); } } Serial;
static void delay(int) {}
"""


def test_a_library_that_the_ide_opens(tmp_path: Path) -> None:
    """Its form is the library specification's, and its example compiles as the IDE would compile it."""
    needs("gcc", "g++")
    whole = models()[0].graph.preprocessed((Preprocessing(128.0, 64.0), None))
    checked = check(write_model(whole), name="layers")
    project = made(checked, "arduino")
    project.write(tmp_path / "a")
    told = dict(
        line.split("=", 1) for line in project.files["library.properties"].decode().splitlines() if line
    )
    wanted = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url"}
    assert wanted | {"architectures", "includes"} == set(told)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}", told["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    assert f"src/{told['includes']}" in project.files
    sketch = project.files[f"examples/{told['name']}/{told['name']}.ino"].decode()
    (tmp_path / "sketch.cpp").write_text(f"{ARDUINO}{sketch}int main() {{ setup(); loop(); }}\n")
    objects = compiled(tmp_path / "a", ["gcc"])
    call = ["g++", "-std=c++11", *STRICT, "-Ia/src", "sketch.cpp", *objects, "-o", "sketch"]
    subprocess.run(call, cwd=tmp_path, check=True, timeout=60)
    done = subprocess.run([str(tmp_path / "sketch")], capture_output=True, text=True, timeout=20, check=True)
    zero = ((0 - 128) // 64 + ZERO, ZERO)  # of a raw value, and of a real one, where the scale is 1
    zeros = [np.full(tensor.shape, q, np.int8) for q, tensor in zip(zero, whole.input_tensors, strict=True)]
    outputs = zip(run(checked.model, zeros), checked.graph.output_tensors, strict=True)
    reals = [(y.astype(np.float32) - t.quant.zero_point) * t.quant.scale for y, t in outputs]  # type: ignore[union-attr]
    assert np.array_equal(
        np.array(done.stdout.split(), np.float32),
        np.concatenate([y.ravel() for y in reals]).astype(np.float32),
    )


def test_the_same_bytes_every_time_and_no_firmware() -> None:
    checked = models()[1]
    for form in FORMS:
        files = made(checked, form).files
        assert files == made(checked, form).files
        code = b"".join(data for path, data in files.items() if path.endswith((".c", ".h")))
        assert not re.search(rb"edgeq_(?!2_program)|EDGEQ_(?!2_PROGRAM)", code)
        assert not any("port" in path or "linker" in path for path in files)
