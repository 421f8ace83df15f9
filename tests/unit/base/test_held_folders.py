"""One run at a time works in an output folder, and one that was killed is put right by the next."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edgeq.base.errors import UsageError
from edgeq.base.folders import OutputFolder, holding, refuse_existing_folder
from edgeq.base.ownership import survey

from .making import content, make, names


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


def until(step: int, place: Path, remake: Callable[[Path], None]) -> bool:
    """Replace a folder in a process that ends at the given step, as if by SIGKILL; whether it came so far."""
    child = os.fork()
    if child == 0:
        left = step

        def counted(plain: Callable[..., Any]) -> Callable[..., Any]:
            def run(*arguments: Any, **named: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return plain(*arguments, **named)

            return run

        for name in ("rename", "unlink", "rmdir", "mkdir"):
            setattr(Path, name, counted(getattr(Path, name)))
        for name in ("unlink", "rmdir"):  # shutil.rmtree's
            setattr(os, name, counted(getattr(os, name)))
        remake(place)
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
        going = until(step, place, lambda place: make(place, {"a": b"new"}, force=True))
        make(place, {"a": b"new"}, force=True)
        kept = content(place)
        kept.pop("edgeq.json")
        assert kept.pop("a") == b"new"
        assert kept.pop("app/mine.c") == b"mine"
        assert set(kept.values()) == {b"edited"}
        assert names(place.parent) == {"out"}
        step += 1
    assert step > 15


def nested(place: Path) -> None:
    """As `deploy` makes it: a folder with a manifest of its own in the folder, and what CMake built there."""
    with OutputFolder(place) as tmp:
        make(tmp / "project")
        (tmp / "more").mkdir()
        (tmp / "more" / "a").write_text("1")
        (tmp / "edgeq.json").write_text("{}")
    build = place / "project" / "out-of-cmake"
    build.mkdir()
    for name in ("CMakeCache.txt", "a.o", "z.o"):
        (build / name).write_text("built")


@pytest.mark.sample(1)
@pytest.mark.parametrize("first", range(4))
def test_killed_while_it_replaces_what_nobody_touched(tmp_path: Path, first: int) -> None:
    """At each fourth step: the next run needs no force, and nothing is taken for the user's."""
    step = first
    going = True
    while going:
        place = tmp_path / str(step) / "out"
        nested(place)
        going = until(step, place, nested)
        nested(place)
        assert {entry.path for entry in survey(place) if entry.kind != "ours"} == set(), step
        assert names(place) == {"project", "more", "edgeq.json"}
        assert names(place.parent) == {"out"}
        step += 4
    assert step > 30


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
