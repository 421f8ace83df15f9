"""What static libraries say of themselves, and those that are not to be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import archive

from edgeq.base.errors import BuildError
from edgeq.builder.tflm.archive import Archive, read_archive

Make = Callable[..., bytes]


def read(tmp_path: Path, data: bytes) -> Archive:
    path = tmp_path / "lib.a"
    path.write_bytes(data)
    return read_archive(path)


@pytest.mark.parametrize(
    ("core", "arch", "hard", "single"),
    [("m0", (11, 12), False, False), ("m3", (10,), False, False), ("m4", (13,), False, False),
     ("m4f", (13,), True, True), ("m7d", (13,), True, False)],
)  # fmt: skip
def test_core_and_float_abi(
    core: str, arch: tuple[int, ...], hard: bool, single: bool, thumb_object: Make, tmp_path: Path
) -> None:
    found = read(tmp_path, archive([("a.o", thumb_object(core))]))
    assert (found.machine, found.hard_float, found.vectors) == ("EM_ARM", hard, False)
    assert found.cpu_arch in arch
    assert bool(found.fp_arch) == hard
    if hard:
        assert found.single_only == single


def test_members_of_long_and_short_names(thumb_object: Make, tmp_path: Path) -> None:
    names = ("a.o", "a_name_of_many_letters_indeed.o", "arm_convolve_s8.o")
    found = read(tmp_path, archive([(name, thumb_object("m4f")) for name in names]))
    assert found.members == frozenset(names)
    assert found.has_cmsis_nn


def test_assertions_messages_and_callback_are_seen(thumb_object: Make, tmp_path: Path) -> None:
    plain = read(tmp_path, archive([("a.o", thumb_object("m4f"))]))
    assert not (plain.asserts or plain.logs or plain.log_callback or plain.has_cmsis_nn)
    source = (
        "void __assert_func(void); void _Z11MicroPrintfPKcz(void) { __assert_func(); }"
        "void RegisterDebugLogCallback(void) {}"
    )
    other = tmp_path / "other"
    other.mkdir()
    full = read(other, archive([("a.o", thumb_object("m4f", source))]))
    assert full.asserts
    assert full.logs
    assert full.log_callback


def test_a_changed_library_is_read_again(thumb_object: Make, tmp_path: Path) -> None:
    assert read(tmp_path, archive([("a.o", thumb_object("m4f"))])).hard_float
    assert not read(tmp_path, archive([("a.o", thumb_object("m3")), ("b.o", thumb_object("m3"))])).hard_float


def test_a_mixed_library_is_refused(thumb_object: Make, tmp_path: Path) -> None:
    mixed = archive([("soft.o", thumb_object("m4")), ("hard.o", thumb_object("m4f"))])
    with pytest.raises(BuildError, match=r"mixes objects .*soft\.o, hard\.o"):
        read(tmp_path, mixed)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a static library"),
        (b"\x7fELF", "not a static library"),
        (b"!<arch>\n", "no object files"),
        (archive([("a.o", b"no object")]), "a.o is no object file"),
        (archive([("a.o", b"\x7fELF" + bytes(60))]), "a.o is no object file"),
        (archive([("a.o", b"12345678")])[:-3], "cut off"),
        (archive([("a.o", b"12")]).replace(b"2         `", b"x         `"), "damaged"),
        (archive([("a.o", b"12")]).replace(b"2         `", b"-2        `"), "cut off"),
    ],
)
def test_damaged_libraries(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        read(tmp_path, data)
    assert caught.value.hint


def test_a_cut_object_file(thumb_object: Make, tmp_path: Path) -> None:
    whole = thumb_object("m4f")
    for length in range(1, len(whole), 97):
        try:
            read(tmp_path, archive([("a.o", whole[:length])]))
        except BuildError as error:
            assert "a.o" in error.message


def test_a_missing_library(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="cannot read"):
        read_archive(tmp_path / "absent.a")
