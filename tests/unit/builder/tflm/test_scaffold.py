"""The rendered project: each trap of TFLM on a microcontroller is closed by construction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scaffold import ARENA, checked, identity, layered, project

from edgeq.backends.tflm.arena import MARGIN, STEP, bisect, estimated, measured
from edgeq.backends.tflm.generate import generate
from edgeq.backends.tflm.operators import SUPPORT, addition
from edgeq.base.errors import ModelError
from edgeq.boards import load_board
from edgeq.builder.tflm import MADE_FOR, Library
from edgeq.builder.tflm.library import make_command
from edgeq.builder.toolchains import Toolchain
from edgeq.checker.runtimes import operators_of, runtimes
from edgeq.graph import DType, load_model, write_model
from edgeq.verbs.runtimes import names

GCC = Toolchain("gcc", "12", ("arm-none-eabi-gcc",), cxx=("arm-none-eabi-g++",))

FROM_THE_BOARD = ("README.md", "CMakeLists.txt", "cmake/arm-none-eabi.cmake")
"""Where the core's flags stand."""


def text(name: str, board: str = "sim-m4") -> str:
    return project(layered(), board).files[name].decode()


def runtime(board: str = "sim-m4") -> str:
    return text("src/network/edgeq_tflm.cc", board)


def test_the_resolver_has_exactly_the_graphs_operators_each_add_checked() -> None:
    source = runtime()
    assert "MicroMutableOpResolver<3>" in source
    adds = re.findall(r"resolver\.(Add\w+)\(([^;{]*)\) != kTfLiteOk\)", source)
    assert adds == [
        ("AddConv2D", "tflite::Register_CONV_2D_INT8()"),
        ("AddReshape", ""),
        ("AddSoftmax", "tflite::Register_SOFTMAX_INT8()"),
    ]
    assert len(re.findall(r"resolver\.Add", source)) == len(adds)
    assert '"tensorflow/lite/micro/kernels/conv.h"' in source
    assert '"tensorflow/lite/micro/kernels/softmax.h"' in source


def test_every_operator_of_the_check_can_be_added() -> None:
    assert set(operators_of("tflm")) == set(SUPPORT)
    assert set(runtimes()) == set(names())
    assert {addition(opcode, [DType.INT8]).method for opcode in SUPPORT} >= {
        "AddBatchMatMul", "AddL2Normalization", "AddPadV2", "AddAveragePool2D", "AddSpaceToBatchNd",
    }  # fmt: skip


def test_registrations_of_one_type_come_with_their_header_and_to_no_other_type() -> None:
    for opcode in SUPPORT:
        for dtype in (DType.INT8, DType.INT16, DType.INT32):
            one = addition(opcode, [dtype])
            assert (one.registration is None) == (one.header is None)
            assert one.registration in (None, f"Register_{opcode}_{dtype.value}")
        assert addition(opcode, [DType.INT8, DType.INT16]).registration is None


def test_the_model_is_an_aligned_constant_of_exactly_the_file() -> None:
    source = text("src/network/edgeq_model.c")
    assert '__attribute__((aligned(16), section(".rodata.edgeq_weights.model")))\nconst uint8_t' in source
    values = bytes(int(v, 16) for v in re.findall(r"0x([0-9a-f]{2}),", source))
    assert values == checked(layered()).model


def test_nothing_is_destroyed_or_constructed_before_main() -> None:
    source = runtime()
    assert re.search(r"new \(interpreter_place\)\s+tflite::MicroInterpreter\(", source)
    assert "new (resolver_place) Resolver" in source
    assert "static tflite::MicroInterpreter" not in source
    assert not re.search(r"^(?:static )?tflite::MicroInterpreter \w", source, re.M)
    assert "alignas(tflite::MicroInterpreter) unsigned char" in source


def test_static_constructors_are_called_first_on_bare_metal_only() -> None:
    source = runtime()
    assert source.index("edgeq_init_array_start; construct") < source.index("RegisterDebugLogCallback(log)")
    script = text("linker.ld")
    assert re.search(r"edgeq_init_array_start = \.;.*\n\s*KEEP\(\*\(SORT\(\.init_array", script)
    assert "init_array" not in runtime("host")  # the host's own start-up calls them


def test_there_is_no_heap_and_abort_ends_in_the_fault_handler() -> None:
    stubs = text("src/network/edgeq_tflm_libc.c")
    assert re.search(r"void \*_sbrk\(ptrdiff_t bytes\)\s*{[^}]*return \(void \*\)\(intptr_t\)-1;", stubs)
    assert re.search(r"void abort\(void\)\s*{\s*__builtin_trap\(\);", stubs)
    assert "src/network/edgeq_tflm_libc.c" not in project(layered(), "host").files
    assert "malloc" not in runtime()


def test_messages_go_through_the_callback_and_time_is_our_own() -> None:
    files = project(layered()).files
    assert "RegisterDebugLogCallback(log);" in runtime()
    for name, data in files.items():
        if name.startswith("src/"):
            assert b"GetCurrentTimeTicks" not in data, name
            assert b"printf" not in data, name


def test_the_fpu_is_on_before_any_runtime() -> None:
    start = text("src/common/edgeq_startup.c")
    assert start.index("SCB_CPACR |=") < start.index("(void)main()")


def test_faults_have_a_handler_and_the_arena_is_checked() -> None:
    files = project(layered()).files
    assert "src/common/edgeq_fault.c" in files
    assert "if (interpreter->AllocateTensors() != kTfLiteOk)" in runtime()
    assert "interpreter->Invoke() == kTfLiteOk" in runtime()
    assert "model->version() != TFLITE_SCHEMA_VERSION" in runtime()


@pytest.mark.parametrize("board", ["sim-m0", "sim-m3", "sim-m4", "sim-m7", "sim-m33"])
def test_the_cores_flags_come_from_the_board_for_c_and_cpp_alike(board: str) -> None:
    one = load_board(board)

    def core(flags: tuple[str, ...]) -> list[str]:
        return [flag for flag in flags if flag.startswith(("-mcpu", "-mfpu", "-mfloat-abi", "-mthumb"))]

    c = core(GCC.compile_flags(one, "src/common/one.c"))
    assert core(GCC.cxx_flags(one)) == c == core(GCC.link_flags(one))
    assert f"-mfloat-abi={one.cpu.float_abi}" in GCC.cxx_flags(one)
    for name, data in project(layered(), board).files.items():
        assert b"-mcpu" not in data or name in FROM_THE_BOARD, name


def test_cpp_without_exceptions_rtti_or_guards() -> None:
    flags = GCC.cxx_flags(load_board("sim-m4"))
    wanted = {"-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-Wall", "-Wextra"}
    assert wanted <= set(flags)


def test_names_from_the_model_are_harmless() -> None:
    for name, data in project(layered()).files.items():
        if name.startswith("src/network/") or name == "README.md":
            assert b'in"put' not in data, name
            assert b"put*/" not in data, name


def test_the_readme_has_the_command_for_this_board() -> None:
    readme = text("README.md")
    assert make_command(load_board("sim-m4"), None) in readme
    assert MADE_FOR in readme
    assert "4080 bytes worked on sim-m4 with cmsis_nn kernels, plus a margin of 16" in readme


def test_the_manifest_says_what_the_library_must_have() -> None:
    manifest = project(layered()).manifest
    assert manifest["runtime"] == "tflm"
    assert manifest["tflm"]["adds"] == ["AddConv2D", "AddReshape", "AddSoftmax"]
    assert manifest["tflm"]["registrations"] == ["Register_CONV_2D_INT8", "Register_SOFTMAX_INT8"]
    assert "src/network/edgeq_tflm.cc" in manifest["sources"]
    assert manifest["memory"] == {"arena": 4096, "weights": len(checked(layered()).model)}
    assert manifest["macs"] == 8 * 8 * 3 * 3 * 3 * 4


def test_the_same_bytes_every_time_and_no_path_of_this_machine() -> None:
    first, second = project(layered()), project(layered())
    assert first.files == second.files
    for data in first.files.values():
        assert str(Path.home()).encode() not in data or str(Path.home()) == "/"


def test_an_operator_that_the_scaffold_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {opcode: forms for opcode, forms in SUPPORT.items() if opcode != "SOFTMAX"}
    monkeypatch.setattr("edgeq.backends.tflm.network.SUPPORT", known)
    with pytest.raises(ModelError, match="SOFTMAX"):
        project(layered())


def test_macros_follow_the_library() -> None:
    library = Library(Path("x.a"), (), "cmsis_nn", ("NDEBUG", "CMSIS_NN"), MADE_FOR, "0" * 64)
    from edgeq.builder.build import _against

    assert _against(library) == ("-DNDEBUG", "-DCMSIS_NN")


@pytest.mark.parametrize("needed", [16, 32, 208, 3024, 4080, 4096])
def test_bisection_finds_the_smallest(needed: int) -> None:
    asked: list[int] = []

    def works(size: int) -> bool:
        asked.append(size)
        return size >= needed

    assert bisect(works, 4096) == -(-needed // STEP) * STEP
    assert len(asked) <= 9
    assert all(size % STEP == 0 for size in asked)


def test_the_margin_is_stated() -> None:
    arena = measured(3024, "sim-m4", "cmsis_nn")
    assert arena.bytes == 3024 + MARGIN <= 3024 * 1.01
    assert f"plus a margin of {MARGIN}" in arena.told
    assert "TFLM's interpreter of 64 bits" in estimated(1000, layered().graph()).told


def test_an_estimate_has_room_for_a_convolutions_scratch() -> None:
    graph = layered().graph()
    assert estimated(1000, graph).bytes >= 1000 + 4 * 3 * 3 * 4
    assert estimated(1000, identity().graph()).bytes == 1000 + STEP


def test_generate_takes_a_model_as_long_as_it_passed_the_check() -> None:
    assert generate(checked(identity()), load_board("host"), ARENA).manifest["board"] == "host"


def test_reading_what_was_written(tmp_path: Path) -> None:
    made = project(layered())
    made.write(tmp_path / "p")
    data, graph = load_model(tmp_path / "p" / "model.tflite")
    assert data == write_model(layered().graph())
    assert len(graph.operators) == 3


def test_the_project_is_not_for_zig() -> None:
    files = project(layered()).files
    assert "cmake/zig.cmake" not in files
    assert b"zig" not in files["CMakeLists.txt"]
    assert b"EDGEQ_TFLM_TARGET" in files["README.md"]
    assert b"TFLM_DIR" in files["README.md"]
