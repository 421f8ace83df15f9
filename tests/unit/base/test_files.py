"""Files appear only when whole, and never over another unasked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgeq.base import files
from edgeq.base.errors import UsageError
from edgeq.base.files import OutputFolder, write_atomic


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_write_atomic_makes_parents_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b" / "model.tflite", b"data")
    assert (tmp_path / "a" / "b" / "model.tflite").read_bytes() == b"data"
    assert names(tmp_path / "a" / "b") == {"model.tflite"}


def test_write_atomic_honours_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_write_atomic_refuses_an_existing_file(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"old")
    with pytest.raises(UsageError, match="exists") as caught:
        write_atomic(place, b"new")
    assert "--force" in caught.value.hint
    assert place.read_bytes() == b"old"
    assert names(tmp_path) == {"x"}


def test_write_atomic_refuses_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists"):
        write_atomic(tmp_path / "x", b"new")
    assert not (tmp_path / "nowhere").exists()


def test_write_atomic_with_force_replaces(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    write_atomic(tmp_path / "x", b"new", force=True)
    assert (tmp_path / "x").read_bytes() == b"new"
    assert names(tmp_path) == {"x"}


def test_write_atomic_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        write_atomic(tmp_path, b"x", force=True)


def test_write_atomic_does_not_lose_a_race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process makes the file between the look and the rename."""
    place = tmp_path / "x"
    monkeypatch.setattr(files.os, "fsync", lambda _fd: place.write_bytes(b"theirs"))
    with pytest.raises(UsageError, match="exists"):
        write_atomic(place, b"ours")
    assert place.read_bytes() == b"theirs"
    assert names(tmp_path) == {"x"}


def test_write_atomic_on_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(files.os, "link", refuse)
    write_atomic(tmp_path / "x", b"data")
    assert (tmp_path / "x").read_bytes() == b"data"
    with pytest.raises(UsageError):
        write_atomic(tmp_path / "x", b"other")
    assert names(tmp_path) == {"x"}


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_fd: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "new" / "x", b"data")
    assert names(tmp_path) == set()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_place(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="cannot write"):
            write_atomic(tmp_path / "x", b"data")
    finally:
        tmp_path.chmod(0o700)


def test_parent_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot write"):
        write_atomic(tmp_path / "file" / "x", b"data")
    with pytest.raises(UsageError), OutputFolder(tmp_path / "file" / "x"):
        pass


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
    assert "--force" in caught.value.hint
    assert names(tmp_path) == {"out"}
    assert (place / "mine").read_text() == "precious"


def test_force_does_not_replace_a_folder_of_somebody_else(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "mine").write_text("precious")
    with pytest.raises(UsageError, match="not made by edgeq"), OutputFolder(place, force=True):
        pytest.fail("entered")
    assert (place / "mine").read_text() == "precious"


def test_force_replaces_edgeqs_own_folder_whole(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "edgeq.json").write_text("{}")
    (place / "stale").write_text("")
    with OutputFolder(place, force=True) as tmp:
        (tmp / "new").write_text("")
    assert names(place) == {"new"}
    assert names(tmp_path) == {"out"}


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
