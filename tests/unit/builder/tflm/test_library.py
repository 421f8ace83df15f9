"""Which library of a tree fits a board, and what a user is told where none does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import archive

from edgeq.base.errors import BuildError, UsageError
from edgeq.boards import Board, load_board
from edgeq.builder.tflm import MADE_FOR, Needs, find_library, make_command, open_tree
from edgeq.builder.tflm.archive import Archive
from edgeq.builder.tflm.library import misfit

NEEDS = Needs(("AddReshape",), ())
M4 = "sim-m4"
GOOD = Archive(
    path=Path("lib.a"),
    machine="EM_ARM",
    cpu_arch=13,
    fp_arch=6,
    single_only=True,
    hard_float=True,
    vectors=False,
    members=frozenset({"conv.o"}),
    asserts=False,
    logs=False,
    log_callback=True,
)


def board(core: str, fpu: str | None) -> Board:
    like = load_board(M4)
    cpu = like.cpu.model_copy(update={"core": core, "fpu": fpu, "float_abi": "hard" if fpu else "soft"})
    return like.model_copy(update={"cpu": cpu})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"machine": "EM_X86_64"}, "is for EM_X86_64"),
        ({"cpu_arch": 11}, "Armv6-M, not for cortex-m4"),
        ({"cpu_arch": None}, "architecture None"),
        ({"hard_float": False}, "has the soft float ABI, and the board's is hard"),
        ({"fp_arch": 8}, "uses an FPU that the board does not have"),
        ({"single_only": False}, "double-precision"),
        ({"vectors": True}, "Helium"),
        ({"asserts": True}, "assertions, which cost five to eight times"),
    ],
)
def test_each_reason_against_a_library(changes: dict[str, object], reason: str) -> None:
    found = misfit(replace(GOOD, **changes), load_board(M4), None)  # type: ignore[arg-type]
    assert reason in found
    assert bool(found) == bool(reason)


def test_kernels_that_were_asked_for() -> None:
    cmsis = replace(GOOD, members=frozenset({"arm_convolve_s8.o"}))
    m4 = load_board(M4)
    assert misfit(GOOD, m4, "cmsis_nn") == "does not have CMSIS-NN"
    assert misfit(cmsis, m4, "reference") == "has CMSIS-NN"
    assert misfit(cmsis, m4, "cmsis_nn") == misfit(GOOD, m4, "reference") == ""


def test_helium() -> None:
    helium = replace(GOOD, cpu_arch=21, fp_arch=8, single_only=False, vectors=True)
    assert misfit(helium, board("cortex-m55", "fpv5-d16"), None) == ""
    assert "Armv8.1-M mainline, not for cortex-m33" in misfit(
        helium, board("cortex-m33", "fpv5-sp-d16"), None
    )


def test_soft_floats_and_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert "hard float ABI" in misfit(GOOD, board("cortex-m4", None), None)
    host = load_board("host")
    assert misfit(replace(GOOD, machine="EM_X86_64", cpu_arch=None), host, None) == ""
    assert "not for this machine" in misfit(GOOD, host, None)


@pytest.mark.parametrize(
    ("core", "fpu", "target"),
    [
        ("cortex-m0", None, "TARGET_ARCH=cortex-m0"),
        ("cortex-m0plus", None, "TARGET_ARCH=cortex-m0plus"),
        ("cortex-m3", None, "TARGET_ARCH=cortex-m3"),
        ("cortex-m4", None, "TARGET_ARCH=cortex-m4"),
        ("cortex-m4", "fpv4-sp-d16", "TARGET_ARCH=cortex-m4+fp"),
        ("cortex-m7", "fpv5-d16", "TARGET_ARCH=cortex-m7+fp"),
        ("cortex-m7", "fpv5-sp-d16", "TARGET_ARCH=cortex-m7+fp FPU=fpv5-sp-d16"),
        ("cortex-m33", None, "TARGET_ARCH=cortex-m33+nodsp"),
        ("cortex-m33", "fpv5-sp-d16", "TARGET_ARCH=cortex-m33"),
        ("cortex-m55", "fpv5-d16", "TARGET_ARCH=cortex-m55"),
        ("cortex-m55", None, "TARGET_ARCH=cortex-m55+nofp"),
    ],
)
def test_the_command_for_each_core(core: str, fpu: str | None, target: str) -> None:
    makefile = "make -f tensorflow/lite/micro/tools/make/Makefile"
    told = f"{makefile} TARGET=cortex_m_generic {target} BUILD_TYPE=release microlite"
    assert make_command(board(core, fpu), "reference") == told
    assert "OPTIMIZED_KERNEL_DIR=cmsis_nn" in make_command(board(core, fpu), None)


def test_the_command_for_every_board_of_the_catalogue() -> None:
    from edgeq.boards import list_boards

    for one in list_boards():
        if one.kind != "accelerator":
            assert make_command(one, None).endswith("BUILD_TYPE=release microlite")


def test_a_tree_without_a_library_gets_the_command(tree: Path) -> None:
    with pytest.raises(BuildError, match="no TFLM library in") as caught:
        find_library(tree, load_board(M4), NEEDS)
    assert make_command(load_board(M4), None) in caught.value.hint


def test_a_library_for_another_core_is_named_with_its_reason(
    tree: Path, thumb_object: Callable[[str], bytes]
) -> None:
    put(tree, "gen/cortex_m_generic_cortex-m3_release_gcc/lib", archive([("a.o", thumb_object("m3"))]))
    with pytest.raises(BuildError, match=r"cortex-m3_release_gcc/lib/.*\.a is for Armv7-M") as caught:
        find_library(tree, load_board(M4), NEEDS)
    assert "TARGET_ARCH=cortex-m4+fp" in caught.value.hint


def test_the_fitting_one_of_several_is_taken(tree: Path, thumb_object: Callable[[str], bytes]) -> None:
    put(tree, "gen/a/lib", archive([("a.o", thumb_object("m3"))]))
    reference = put(tree, "gen/b/lib", archive([("a.o", thumb_object("m4f"))]))
    optimized = put(tree, "gen/c/lib", archive([("arm_convolve_s8.o", thumb_object("m4f"))]))
    m4 = load_board(M4)
    best = find_library(tree, m4, NEEDS)
    assert (best.archive, best.kernels) == (optimized, "cmsis_nn")
    assert "CMSIS_NN" in best.defines
    plain = find_library(tree, m4, replace(NEEDS, kernels="reference"))
    assert (plain.archive, plain.kernels) == (reference, "reference")
    assert plain.defines == ("TF_LITE_STATIC_MEMORY", "NDEBUG", "TF_LITE_STRIP_ERROR_STRINGS")


def test_an_installed_form_with_include_and_lib(
    tree: Path, tmp_path: Path, thumb_object: Callable[[str], bytes]
) -> None:
    install = tmp_path / "install"
    install.mkdir()
    tree.rename(install / "include")
    put(install, "lib", archive([("a.o", thumb_object("m4f"))]))
    found = find_library(install, load_board(M4), NEEDS)
    assert found.includes[0] == (install / "include").resolve()


def put(tree: Path, folder: str, data: bytes) -> Path:
    place = tree / folder
    place.mkdir(parents=True)
    path = place / "libtensorflow-microlite.a"
    path.write_bytes(data)
    return path.resolve()


def test_operators_and_registrations_that_a_tree_lacks(tree: Path) -> None:
    m4 = load_board(M4)
    with pytest.raises(BuildError, match="no operator AddTeleport") as caught:
        find_library(tree, m4, Needs(("AddReshape", "AddTeleport"), ()))
    assert MADE_FOR in caught.value.hint
    with pytest.raises(BuildError, match="no registration Register_PAD_INT8"):
        find_library(tree, m4, Needs(("AddReshape",), ("Register_CONV_2D_INT8", "Register_PAD_INT8")))


def test_no_tflm_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no TensorFlow Lite Micro.*micro_interpreter\.h"):
        open_tree(tmp_path)


def test_another_schema_version(tree: Path) -> None:
    change(tree / "tensorflow/lite/micro/micro_interpreter.h", "VERSION (3)", "VERSION (4)")
    with pytest.raises(BuildError, match="schema version 4"):
        open_tree(tree)


def test_another_flatbuffers_than_the_schema_asserts(tree: Path) -> None:
    change(tree / "third_party/flatbuffers/include/flatbuffers/base.h", "MINOR 9", "MINOR 12")
    with pytest.raises(BuildError, match=r"flatbuffers 25\.9\.23, and .* 25\.12\.23"):
        open_tree(tree)


def test_missing_third_party(tree: Path) -> None:
    (tree / "third_party/flatbuffers/include/flatbuffers/base.h").unlink()
    with pytest.raises(BuildError, match="need flatbuffers") as caught:
        open_tree(tree)
    assert "third_party_downloads" in caught.value.hint


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("form", ["detached", "loose", "packed"])
def test_the_commit_is_read_without_git(form: str, tree: Path, thumb_object: Callable[[str], bytes]) -> None:
    commit = "12" * 20
    git = tree / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text(f"{commit}\n" if form == "detached" else "ref: refs/heads/main\n")
    if form == "loose":
        (git / "refs/heads/main").write_text(f"{commit}\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{commit} refs/heads/main\n")
    put(tree, "lib", archive([("a.o", thumb_object("m4f"))]))
    library = find_library(tree, load_board(M4), NEEDS)
    assert library.commit == commit
    assert commit[:12] in library.remark
    assert MADE_FOR[:12] in library.remark


def test_the_commit_that_it_was_made_for_needs_no_remark(
    tree: Path, thumb_object: Callable[[str], bytes]
) -> None:
    put(tree, "lib", archive([("a.o", thumb_object("m4f"))]))
    assert find_library(tree, load_board(M4), NEEDS).remark == ""
    (tree / ".git").mkdir()
    (tree / ".git/HEAD").write_text(MADE_FOR)
    assert find_library(tree, load_board(M4), NEEDS).remark == ""
