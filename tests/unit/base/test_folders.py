"""Output folders appear only when whole, and lose nothing of the user's."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.base.errors import UsageError
from edgeq.base.folders import OutputFolder, add_file

from .making import OURS, content, make, names


def test_folder_appears_when_whole(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "out"
    with OutputFolder(place) as tmp:
        (tmp / "a").write_text("1")
        assert not place.exists()
        assert tmp.parent == place.parent
    assert names(place) == {"a"}
    assert names(tmp_path / "deep") == {"out"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_failed_folder_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), OutputFolder(tmp_path / "deep" / "out") as tmp:
        (tmp / "a").write_text("1")
        raise error
    assert names(tmp_path) == set()


def test_existing_folder_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "mine").write_text("precious")
    with pytest.raises(UsageError, match="not empty") as caught, OutputFolder(place):
        pytest.fail("entered")
    assert "--out" in caught.value.hint
    assert names(tmp_path) == {"out"}
    assert (place / "mine").read_text() == "precious"


def test_force_does_not_replace_a_folder_of_somebody_else(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "mine").write_text("precious")
    with pytest.raises(UsageError, match="not made by edgeq"), OutputFolder(place, force=True):
        pytest.fail("entered")
    assert (place / "mine").read_text() == "precious"


def test_failed_force_keeps_the_old_folder(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "edgeq.json").write_text("{}")
    with pytest.raises(ValueError, match="boom"), OutputFolder(place, force=True) as tmp:
        (tmp / "new").write_text("")
        raise ValueError("boom")
    assert names(place) == {"edgeq.json"}
    assert names(tmp_path) == {"out"}


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with OutputFolder(tmp_path / "out") as tmp:
        (tmp / "a").write_text("")
    assert names(tmp_path / "out") == {"a"}


def test_folder_filled_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "out"
    with pytest.raises(UsageError, match="not empty"), OutputFolder(place) as tmp:
        (tmp / "a").write_text("")
        place.mkdir()
        (place / "theirs").write_text("")
    assert names(place) == {"theirs"}
    assert names(tmp_path) == {"out"}


def test_rename_that_fails_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "edgeq.json").write_text("{}")
    original = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if ".part-" in self.name:
            raise OSError(5, "Input/output error")
        return original(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(UsageError, match="Input/output"), OutputFolder(place, force=True) as tmp:
        (tmp / "new").write_text("")
    assert names(place) == {"edgeq.json"}
    assert names(tmp_path) == {"out"}


def test_full_disk_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No space left"), OutputFolder(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == set()


def test_untouched_output_is_replaced_without_asking(tmp_path: Path) -> None:
    place = tmp_path / "out"
    make(place)
    add_file(place, "report.json", b"{}")
    (place / "serial.log").write_text("whatever")
    (place / "build").mkdir()
    (place / "build" / "build.log").write_text("whatever")
    make(place, {"other": b""})
    assert names(place) == {"other", "edgeq.json"}
    assert names(tmp_path) == {"out"}


def test_a_build_of_cmakes_is_no_users_file(tmp_path: Path) -> None:
    place = tmp_path / "out"
    make(place)
    (place / "build-zig" / "CMakeFiles").mkdir(parents=True)
    (place / "build-zig" / "CMakeCache.txt").write_text("")
    (place / "build-zig" / "CMakeFiles" / "x.o").write_text("")
    make(place)
    assert not (place / "build-zig").exists()
    (place / "app").mkdir()  # a project of the user's, built where its sources are
    (place / "app" / "CMakeCache.txt").write_text("")
    (place / "app" / "CMakeLists.txt").write_text("")
    with pytest.raises(UsageError, match="app/"):
        make(place)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda place: (place / "src" / "mine.c").write_text("m"), r"1 file that edgeq did not make \(src/m"),
        (lambda place: (place / "src" / "b.c").write_text("m"), r"1 file that was changed since \(src/b.c\)"),
        (lambda place: (place / "empty").mkdir(), r"1 file that edgeq did not make \(empty/\)"),
        (lambda place: (place / "link").symlink_to("/etc"), r"did not make \(link\)"),
        (lambda place: (place / "serial.log").symlink_to("/etc/x"), r"changed since \(serial.log\)"),
        (lambda place: (place / "edgeq.json").write_text('{"files": {"a": ""}}'), r"edgeq.json"),
        (lambda place: os.mkfifo(place / "pipe"), r"did not make \(pipe\)"),
        (lambda place: [(place / f"n{i}").write_text("") for i in range(9)], r"9 files .*\(n0, n1, n2, …\)"),
    ],
)  # fmt: skip
def test_what_is_the_users_is_named(tmp_path: Path, change: Callable[[Path], object], told: str) -> None:
    place = tmp_path / "out"
    make(place)
    change(place)
    before = content(place)
    with pytest.raises(UsageError, match=told):
        make(place)
    assert content(place) == before


def test_force_keeps_what_is_the_users(tmp_path: Path) -> None:
    place = tmp_path / "out"
    make(place)
    (place / "a").write_text("edited")
    (place / "a.orig").write_text("older")
    (place / "src" / "mine.c").write_text("mine")
    (place / "new").write_text("in the way")
    make(place, {"a": b"1", "new": b"n"}, force=True)
    assert {name: data for name, data in content(place).items() if name != "edgeq.json"} == {
        "a": b"1",
        "a.orig": b"older",
        "a.orig1": b"edited",
        "src/mine.c": b"mine",
        "new": b"n",
        "new.orig": b"in the way",
    }
    assert names(tmp_path) == {"out"}


def test_what_is_behind_a_link_is_not_touched(tmp_path: Path) -> None:
    away, place = tmp_path / "away", tmp_path / "out"
    away.mkdir()
    (away / "precious").write_text("p")
    make(place)
    (place / "link").symlink_to(away)
    (place / "src" / "deep" / "c.h").unlink()
    (place / "src" / "deep").rmdir()
    (place / "src" / "deep").symlink_to(away)
    make(place, force=True)
    assert content(away) == {"precious": b"p"}
    assert (place / "link").readlink() == away
    assert (place / "src" / "deep.orig").readlink() == away


FOLDERS = ["", "src/", "src/deep/", "build/", "app/", "app/inner/"]
NAMES = ["a", "b.c", "c.h", "mine.c", "edgeq.json", "serial.log", "a.orig", "CMakeLists.txt", "é\udcff"]
USERS = st.dictionaries(
    st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)).map("".join),
    st.binary(max_size=3),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(USERS, st.sets(st.sampled_from(sorted(OURS))), st.sets(st.sampled_from(sorted(OURS)), min_size=1))
def test_nothing_of_the_users_is_lost(users: dict[str, bytes], removed: set[str], again: set[str]) -> None:
    """Whatever is added, edited or removed: refused untouched, or with force every byte is still there."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "out"
        make(place)
        made = content(place)
        for path in removed:
            (place / path).unlink()
        for path, data in users.items():
            try:
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).write_bytes(data)
            except OSError:  # a file where a folder should be
                continue
        before = content(place)
        mine = {
            path: data for path, data in before.items() if made.get(path) != data and path != "serial.log"
        }
        mine = {path: data for path, data in mine.items() if json.loads(made["edgeq.json"]) != data}
        new = dict.fromkeys(again, b"new")
        try:
            make(place, new)
        except UsageError:
            assert mine
            assert content(place) == before
            make(place, new, force=True)
        else:
            assert not mine
        after = content(place)
        assert {path: after[path] for path in new} == new
        for path, data in mine.items():
            assert any(kept == data and (at == path or ".orig" in at) for at, kept in after.items()), path
        assert names(Path(name)) == {"out"}
