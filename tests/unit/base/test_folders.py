"""Output folders appear only when whole, one run at a time, and lose nothing of the user's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.base.errors import UsageError
from edgeq.base.folders import OutputFolder, add_file, holding, refuse_existing_folder
from edgeq.base.ownership import survey

OURS = {"a": b"1", "src/b.c": b"2", "src/deep/c.h": b"3", "CMakeLists.txt": b"4"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def make(place: Path, content: dict[str, bytes] = OURS, *, force: bool = False) -> None:
    with OutputFolder(place, force=force) as tmp:
        for path, data in content.items():
            (tmp / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp / path).write_bytes(data)
        (tmp / "edgeq.json").write_text(json.dumps({"later": ["serial.log", "build/build.log"]}))


def content(folder: Path) -> dict[str, bytes]:
    """Of every file, and where every link points."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            found[str(path.relative_to(folder))] = b"-> " + os.fsencode(path.readlink())
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


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


@contextmanager
def another(place: Path) -> Iterator[int]:
    """A process that works in the folder; it is killed at the end."""
    code = (
        "import sys; from pathlib import Path; from edgeq.base.folders import holding\n"
        "with holding(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place.parent)},
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def test_one_run_at_a_time(tmp_path: Path) -> None:
    place = tmp_path / "out"
    make(place)
    (tmp_path / "link").symlink_to(place)
    with another(place) as pid:
        for name in ("out", "link"):
            for attempt in (
                lambda one: make(one, force=True),
                lambda one: refuse_existing_folder(one, force=True),
                lambda one: holding(one).__enter__(),
            ):
                with pytest.raises(UsageError, match=rf"{name} is in use by another edgeq \(process {pid}\)"):
                    attempt(tmp_path / name)
    make(place)  # its holder was killed
    assert names(tmp_path) == {"out", "link"}


def test_a_run_inside_the_folder_is_seen(tmp_path: Path) -> None:
    place = tmp_path / "out"
    make(place)
    with another(place / "build"), pytest.raises(UsageError, match="in use by another edgeq"):
        make(place)
    make(place)


def test_one_thread_at_a_time_and_the_same_one_again(tmp_path: Path) -> None:
    refused: list[BaseException] = []

    def other() -> None:
        try:
            make(tmp_path / "out")
        except UsageError as error:
            refused.append(error)

    with holding(tmp_path / "out"):
        make(tmp_path / "out")
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        make(tmp_path / "out")
    assert len(refused) == 1
    other()
    assert len(refused) == 1


def test_parents_of_a_run_that_made_nothing_go(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), holding(tmp_path / "deep" / "er" / "out"):
        raise ValueError("boom")
    assert names(tmp_path) == set()


def until(step: int, place: Path) -> bool:
    """Replace a folder in a process that ends at the given step, as if by SIGKILL; whether it came so far."""
    child = os.fork()
    if child == 0:
        left = step

        def counted(plain: Callable[..., Any]) -> Callable[..., Any]:
            def run(self: Path, *arguments: Any, **named: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return plain(self, *arguments, **named)

            return run

        for name in ("rename", "unlink", "rmdir", "mkdir"):
            setattr(Path, name, counted(getattr(Path, name)))
        make(place, {"a": b"new"}, force=True)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_killed_while_it_replaces(tmp_path: Path) -> None:
    """At whatever step: the next run puts everything right, and what was the user's is there."""
    step = 0
    going = True
    while going:
        place = tmp_path / str(step) / "out"
        make(place)
        (place / "a").write_text("edited")
        (place / "app").mkdir()
        (place / "app" / "mine.c").write_text("mine")
        going = until(step, place)
        make(place, {"a": b"new"}, force=True)
        kept = content(place)
        kept.pop("edgeq.json")
        assert kept.pop("a") == b"new"
        assert kept.pop("app/mine.c") == b"mine"
        assert set(kept.values()) == {b"edited"}
        assert names(place.parent) == {"out"}
        step += 1
    assert step > 15


def test_an_interrupted_replacement_is_ended_by_the_next_run(tmp_path: Path) -> None:
    place = tmp_path / "out"
    make(place)
    (place / "mine").write_text("m")
    place.rename(tmp_path / ".out.old-01234567")
    (tmp_path / ".out.part-01234567").mkdir()
    with holding(place):  # killed between the two renames
        assert content(place)["mine"] == b"m"
    place.rename(tmp_path / ".out.old-01234567")
    make(tmp_path / "next")
    (tmp_path / "next").rename(place)
    with holding(place):  # killed after both
        assert content(place)["mine"] == b"m"
        assert {entry.path for entry in survey(place) if entry.kind != "ours"} == {"mine"}
    assert names(tmp_path) == {"out"}
